package dev.veneer.node.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.store.Finding;
import dev.veneer.node.store.StoreCheck;
import dev.veneer.node.testkit.Commands;
import dev.veneer.node.testkit.FaultyLinuxCalls;
import dev.veneer.node.testkit.LoopDevice;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A world in which slivers move to and fro between two bases, turn by turn, while others are compacted. Their owners hold
 * files, a file of two names, a directory of their own and a deletion, all of which stays through every move.
 */
final class MovedSite implements FaultWorld {
    private final Site site;
    private final List<String> drivers;
    private final List<String> archives = new ArrayList<>();
    private @Nullable Strangers strangers;
    private int turn;

    /** In a directory of a device, beside strangers' things. */
    MovedSite(LoopDevice device, String directory, List<String> drivers) throws Exception {
        this(Site.in(device, directory), drivers);
        strangers = new Strangers(site);
        strangers.settle();
    }

    /** On a device that the site has for itself, and that may lose its power. */
    MovedSite(Site site, List<String> drivers) throws Exception {
        this.site = site;
        this.drivers = List.copyOf(drivers);
        for (String base : List.of("v0", "v1")) {
            site.makeArchive(base);
            Path tree = site.home().resolve(base);
            Files.createDirectories(tree.resolve("only-" + base));
            for (int i = 0; i < 10; i++) {
                Files.writeString(tree.resolve("only-" + base + "/" + i), "of " + base);
            }
            Files.writeString(tree.resolve("gone"), "in both");
            Path packed = site.home().resolve(base + ".tar");
            Commands.run("tar", "-C", tree.toString(), "-cf", packed.toString(), ".");
            archives.add(packed.toString());
        }
        declare();
        site.converge();
        for (String sliver : slivers()) {
            Files.delete(site.rootfs(sliver).resolve("gone"));
        }
        work();
        // So that no turn is the first, which makes more than others.
        next();
        recover();
    }

    private static String base(int turn) {
        return "v" + turn % 2;
    }

    private List<String> slivers() {
        List<String> all = new ArrayList<>();
        drivers.forEach(driver -> all.add("moved-" + driver));
        drivers.forEach(driver -> all.add("compacted-" + driver));
        return all;
    }

    private void declare() throws Exception {
        List<String> documents = new ArrayList<>();
        for (int i = 0; i < archives.size(); i++) {
            documents.add(Site.image("v" + i, archives.get(i), ""));
        }
        for (String driver : drivers) {
            String spec = "keepPrevious: 0s, driver: " + driver;
            documents.add(Site.sliver("moved-" + driver, base(turn), spec + ", rebase: {verify: Full}"));
            documents.add(Site.sliver("compacted-" + driver, "v0", spec));
        }
        site.declare(documents.toArray(new String[0]));
    }

    private String text() {
        return "work before turn " + (turn + 1);
    }

    /** Owners work in their slivers, all of which stand where they are declared. */
    private void work() throws Exception {
        for (String sliver : slivers()) {
            Path rootfs = site.rootfs(sliver);
            site.mark(sliver, text());
            Files.createDirectories(rootfs.resolve("own"));
            Files.deleteIfExists(rootfs.resolve("own/b"));
            Files.writeString(rootfs.resolve("own/a"), text());
            Files.createLink(rootfs.resolve("own/b"), rootfs.resolve("own/a"));
            if (sliver.startsWith("compacted-")) {
                site.writeAgain(sliver);
            }
        }
    }

    @Override
    public void next() throws Exception {
        turn++;
        declare();
        site.askToCompact(drivers.stream().map(driver -> "compacted-" + driver).toArray(String[]::new));
    }

    @Override
    public void pass(FaultyLinuxCalls faulty) throws Exception {
        site.pass(faulty.calls()).results().forEach(each -> {
            NodeException failure = each.failure();
            String why = failure == null ? "" : String.valueOf(failure.getMessage());
            assertFalse(why.contains("internal error"), () -> each.action() + ": " + why);
            assertFalse(why.contains("please report it"), () -> each.action() + ": " + why);
        });
    }

    @Override
    public void afterFault() throws Exception {
        assertStrangers();
        assertOldOrNew();
        assertEquals(0, site.mountsInScratch());
        for (Finding finding : new StoreCheck(Site.REAL, site.store().toString()).run(false, (digest, all) -> {})) {
            assertEquals(Finding.Severity.LEFTOVER, finding.kind().severity(), finding::toString);
        }
    }

    private void assertStrangers() throws Exception {
        if (strangers != null) {
            strangers.assertUntouched();
        }
    }

    /** Before anything is recovered, each sliver stands wholly on one of the bases, with its owner's work. */
    void assertOldOrNew() throws Exception {
        String before = "work before turn " + turn;
        for (String driver : drivers) {
            JsonNode record = record("moved-" + driver);
            String base = record.path("baseName").asText();
            assertTrue(Set.of("v0", "v1").contains(base), record::toString);
            assertStored("moved-" + driver, driver, base, before);
            assertStored("compacted-" + driver, driver, "v0", before);
        }
    }

    private JsonNode record(String sliver) throws Exception {
        return AgentSocket.JSON.readTree(site.store()
                .resolve("slivers/default/" + sliver + "/record.json")
                .toFile());
    }

    private void assertStored(String sliver, String driver, String base, String work) throws Exception {
        assertTrue(site.mounts(sliver) <= 1, "mounts of " + sliver);
        Path revision = site.store().resolve("slivers/default/" + sliver + "/revisions/" + site.revision(sliver));
        Path tree = revision.resolve(driver.equals("overlay") ? "upper" : "tree");
        assertOwn(tree, sliver, work);
        if (driver.equals("overlay")) {
            assertFalse(Files.exists(tree.resolve("only-" + base)), sliver + " holds what its base has");
        } else {
            assertOn(tree, sliver, base);
        }
    }

    private static void assertOwn(Path tree, String sliver, String work) throws Exception {
        for (String file : List.of("mark", "etc/motd", "own/a", "own/b")) {
            assertEquals(work, Files.readString(tree.resolve(file)), sliver + ": " + file);
        }
        assertTrue(
                Files.isSameFile(tree.resolve("own/a"), tree.resolve("own/b")),
                sliver + ": a file of two names is two");
    }

    private static void assertOn(Path tree, String sliver, String base) throws Exception {
        String other = base.equals("v0") ? "v1" : "v0";
        assertEquals(base, Files.readString(tree.resolve("name")), sliver);
        assertEquals(10, Site.names(tree.resolve("only-" + base)).size(), sliver);
        assertFalse(Files.exists(tree.resolve("only-" + other)), sliver);
        assertFalse(Files.exists(tree.resolve("gone")), sliver + " lost a deletion");
    }

    @Override
    public void recover() throws Exception {
        site.askToCompact();
        site.convergeInOneRun();
        for (String sliver : slivers()) {
            site.assertSliver(sliver, "work before turn " + turn);
            assertOwn(site.rootfs(sliver), sliver, "work before turn " + turn);
            assertOn(site.rootfs(sliver), sliver, sliver.startsWith("moved-") ? base(turn) : "v0");
        }
        assertStrangers();
        work();
    }

    @Override
    public void close() {
        site.close();
    }
}
