package dev.veneer.node.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.loop.PassResult;
import dev.veneer.node.testkit.Commands;
import dev.veneer.node.testkit.FaultyLinuxCalls;
import dev.veneer.node.testkit.Leftovers;
import dev.veneer.node.testkit.LoopDevice;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two commands at once, edits while a pass works, and a tenth of what is declared being broken. */
@Timeout(600)
class ConcurrencyIT {
    private static final int LOCKED = 75;

    private Leftovers leftovers;

    @BeforeEach
    void look() {
        leftovers = Leftovers.ofLoopDevices();
    }

    @AfterEach
    void nothingIsLeft() {
        leftovers.assertNone();
    }

    /** Whichever comes second is told that the store is locked, or waits no more; neither spoils the other's work. */
    @Test
    void twoAppliesAtOnce() throws Exception {
        try (NodeOnLoop node = new NodeOnLoop(LoopDevice.Kind.XFS)) {
            List<Path> sources = new ArrayList<>();
            for (String name : List.of("left", "right")) {
                Path source = Files.createDirectory(node.files.resolveSibling(name));
                List<String> documents = new ArrayList<>();
                documents.add(NodeOnLoop.image(name, node.archive(name, "etc/motd", name)));
                for (int i = 0; i < 20; i++) {
                    documents.add(NodeOnLoop.sliver(name + i, "driver: " + (i % 2 == 0 ? "overlay" : "copy"))
                            .replace("baseImage: base", "baseImage: " + name));
                }
                Files.writeString(source.resolve("all.yaml"), String.join("---\n", documents));
                sources.add(source);
            }
            Set<Integer> ends = new TreeSet<>();
            for (int round = 0; round < 2; round++) {
                try (ChildVeneer left = apply(node, sources.get(0));
                        ChildVeneer right = apply(node, sources.get(1))) {
                    for (ChildVeneer each : List.of(left, right)) {
                        int status = each.end();
                        assertTrue(status == 0 || status == LOCKED, each.said());
                        assertEquals(status == LOCKED, each.said().contains("is locked by "), each.said());
                        ends.add(status);
                    }
                }
            }
            assertTrue(ends.contains(0), ends.toString());
            for (Path source : sources) {
                // Who was locked out does it now; who was not has nothing to do, which the second time proves for both.
                assertEquals(0, node.applyOf(source).status());
                NodeOnLoop.Said again = node.applyOf(source);
                assertEquals(0, again.status(), again.text());
                assertTrue(again.text().contains("Nothing to do"), again.text());
            }
            for (int i = 0; i < 20; i++) {
                for (String name : List.of("left", "right")) {
                    assertEquals(name, Files.readString(node.rootfs(name + i).resolve("etc/motd")));
                    assertEquals(1, node.mountedAt(node.rootfs(name + i)).size());
                }
            }
            NodeOnLoop.Said check = node.run("store", "check", "--contents");
            assertEquals(0, check.status(), check.text());
        }
    }

    private static ChildVeneer apply(NodeOnLoop node, Path source) throws Exception {
        return ChildVeneer.start("apply", "-f", source.toString(), "--store", node.store.toString());
    }

    /** A pass goes by one reading, whatever becomes of the files meanwhile; the next one catches up. */
    @Test
    void editsDuringAPass() throws Exception {
        try (Site site = Site.on(LoopDevice.Kind.XFS)) {
            String[] first = {
                site.image(""),
                Site.sliver("a", "driver: overlay"),
                Site.sliver("b", "driver: copy"),
                Site.sliver("c", "driver: overlay")
            };
            String[] second = {
                site.image(""), Site.sliver("a", "driver: overlay, keepPrevious: 0s, instanceSerial: 2"),
                Site.sliver("c", "driver: overlay"), Site.sliver("d", "driver: overlay")
            };
            site.declare(first);
            int[] edits = {0};
            FaultyLinuxCalls watched = new FaultyLinuxCalls(Site.REAL)
                    .counting("renameat2", "moveMount", "syncfs")
                    .before((call, number) -> {
                        // From the first change on, so that every round of the pass sees other files than it read.
                        // Statuses are written by several threads, and only one can edit at a time.
                        synchronized (edits) {
                            site.declare(number % 2 == 0 ? first : second);
                            edits[0]++;
                        }
                    });
            PassResult result = site.pass(watched.calls());
            result.results().forEach(each -> assertEquals(null, each.failure(), () -> each.toString()));
            assertTrue(edits[0] > 5, "edits: " + edits[0]);
            for (String each : List.of("a", "b", "c")) {
                site.assertSliver(each, null);
                assertEquals(1, site.revision(each));
            }
            site.assertGone("d");
            site.declare(second);
            site.converge();
            assertEquals(2, site.revision("a"));
            site.assertGone("b");
            site.assertSliver("d", null);
        }
    }

    /** Cut at any byte, a file takes nothing away but what a whole document less says, and what is empty says nothing. */
    @Test
    void aHalfWrittenFilePrunesNothing() throws Exception {
        try (Site site = Site.on(LoopDevice.Kind.XFS)) {
            site.declare(site.image(""), Site.sliver("a", "driver: overlay"), Site.sliver("b", "driver: copy"));
            Path extra = site.declared().resolve("c.yaml");
            String text = Site.sliver("c", "driver: overlay");
            Files.writeString(extra, text);
            site.converge();
            site.mark("c", "precious");
            for (int length : List.of(
                    0,
                    1,
                    20,
                    text.indexOf("kind"),
                    text.indexOf("metadata"),
                    text.indexOf("spec"),
                    text.indexOf("spec") + 8)) {
                Files.writeString(extra, text.substring(0, length));
                site.pass(Site.REAL);
                site.assertSliver("c", "precious");
            }
            Files.writeString(extra, text);
            site.converge();
            site.assertSliver("c", "precious");
        }
    }

    /** Every tenth is broken, each in one of ten ways. */
    @Test
    void aThousandOfWhichATenthAreBroken() throws Exception {
        try (NodeOnLoop node = new NodeOnLoop(LoopDevice.Kind.XFS)) {
            node.write("base.yaml", NodeOnLoop.image("base", node.archive("base", "etc/motd", "hello\n")));
            assertEquals(0, node.apply().status());
            List<String> names = new ArrayList<>();
            for (int i = 0; i < 1000; i++) {
                String name = "many" + i;
                boolean broken = i % 10 == 3;
                node.write(name + ".yaml", broken ? broken(node, name, i / 10 % 10) : good(name));
                if (broken) {
                    names.add(name);
                }
            }
            long before = node.mounts();
            for (int run = 0; run < 2; run++) {
                NodeOnLoop.Said said = node.apply();
                assertEquals(1, said.status(), said.text());
                for (String name : names) {
                    assertTrue(
                            said.text().matches("(?s).*\\b" + name + "\\b.*"), name + " is not named: " + said.text());
                    assertFalse(Files.exists(node.rootfs(name).resolve("etc/motd")), name);
                }
                assertEquals(before + 900, node.mounts(), "run " + run);
            }
            for (int i = 0; i < 1000; i++) {
                assertEquals(i % 10 != 3, Files.exists(node.rootfs("many" + i).resolve("etc/motd")), "many" + i);
            }
            assertEquals("theirs", Files.readString(node.disk.mountPoint().resolve("foreign/many83/file")));
        }
    }

    private static String good(String name) {
        return NodeOnLoop.sliver(name, "driver: overlay");
    }

    private static String broken(NodeOnLoop node, String name, int way) throws Exception {
        return switch (way) {
            case 0 -> "]: this is [ no YAML\n";
            case 1 -> good(name).replace("baseImage: base", "baseImage: nosuch");
            case 2 -> NodeOnLoop.sliver(name, "driver: nosuch");
            case 3 -> NodeOnLoop.sliver(name, "rootfs: /etc/" + name);
            case 4 -> NodeOnLoop.sliver(name, "desiredStat: Deployed");
            case 5 -> good(name) + "---\n" + good(name);
            case 6 -> NodeOnLoop.sliver(name, "instanceSerial: many");
            case 7 -> good(name).replace("spec:", "spec: [1, 2]\nrest:");
            case 8 -> {
                Path foreign = Files.createDirectories(node.disk.mountPoint().resolve("foreign/" + name));
                Files.writeString(foreign.resolve("file"), "theirs");
                yield NodeOnLoop.sliver(name, "driver: overlay", "rootfs: " + foreign);
            }
            default -> {
                Commands.run("mkdir", "-p", node.rootfs(name).toString());
                Files.writeString(node.rootfs(name).resolve("file"), "theirs");
                yield good(name);
            }
        };
    }
}
