package dev.veneer.node.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.veneer.node.driver.conformance.TreeText;
import dev.veneer.node.execute.NodeTools;
import dev.veneer.node.execute.SliverReading;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.Fd;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.testkit.Commands;
import dev.veneer.node.testkit.FaultyLinuxCalls;
import dev.veneer.node.tree.SafeOpen;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Looks at such stores that leave the sliver as it is: estimates, previews, exports, promotions and snapshots. */
class ForeignStoreBesideIT extends ForeignStore {
    /** What is done beside the sliver's own mount, which shows less, and beside none. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void dryRunsTellWhatWillBe(boolean mounted) throws Exception {
        work(ALL);
        if (mounted) {
            assertEquals(0, node.apply().status());
        }
        JsonNode estimate = json("compact", "sliver", "web", "--dry-run", "-o", "json");
        JsonNode told = json("rebase", "sliver", "web", "--to", "v2", "--dry-run", "-o", "json");
        assertTrue(told.path("possible").asBoolean(), told.toString());
        assertEquals(Set.of(), Site.names(node.store.resolve("scratch")), "what it worked in");
        declare("v2", ", rebase: {onConflict: Fail, verify: Full}");
        NodeOnLoop.Said planned = node.run("plan", "-f", node.files.toString());
        assertTrue(planned.text().contains("[" + told.at("/counts/followed").asLong() + " followed"), planned.text());
        declare("v1", "");
        NodeOnLoop.Said compacted = node.run("compact", "sliver", "web");
        assertEquals(0, compacted.status(), compacted.text());
        // Of the base's own files that only metadata were written of, the new revision holds whole ones.
        assertTrue(
                compacted.text().contains("kept: " + estimate.path("keptPaths").asLong() + " paths"),
                compacted.text() + estimate);
        declare("v2", ", rebase: {onConflict: Fail, verify: Full}");
        NodeOnLoop.Said moved = node.apply();
        assertEquals(0, moved.status(), moved.text());
        JsonNode report = AgentSocket.JSON.readTree(
                node.store.resolve("slivers/default/web/rebase.json").toFile());
        assertEquals(told.path("counts"), report.path("counts"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                ALL,
                "redirect_dir=on,metacopy=off,index=off,xino=off",
                "redirect_dir=nofollow,metacopy=off,index=off,xino=on"
            })
    void aBaseMadeOfItAndAnExportHoldWhatWasSeen(String options) throws Exception {
        work(options);
        mount(options);
        node.write("seen.yaml", of("seen", "directory: {path: \"" + view + "\"}"));
        // The sliver waits meanwhile, since somebody else has its store.
        assertEquals(4, node.apply().status());
        unmount();
        Path layout = node.archives.resolve("layout");
        json("export", "sliver", "web", "--to", layout.toString(), "-o", "json");
        node.write("golden.yaml", of("golden", "sliver: {name: web}"));
        node.write("read.yaml", of("read", "ociLayout: {path: \"" + layout + "\"}"));
        NodeOnLoop.Said made = node.apply();
        assertEquals(0, made.status(), made.text());
        assertEquals(digest("seen"), digest("golden"));
        assertEquals(digest("seen"), digest("read"));
    }

    @Test
    void aSnapshotHoldsWhatWasSeenAndIsPlain() throws Exception {
        Map<String, TreeText.Line> seen = work(ALL);
        declare("v1", ", snapshots: {" + SnapshotIT.once() + ", keep: 3}");
        NodeOnLoop.Said taken = node.apply();
        assertEquals(0, taken.status(), taken.text());
        assertTrue(taken.text().contains("snapshot done"), taken.text());
        assertPlain(upper(2));
        Files.writeString(node.rootfs("web").resolve("etc/own"), "spoilt");
        NodeOnLoop.Said back = node.run("rollback", "sliver", "web", "--to", "2");
        assertEquals(0, back.status(), back.text());
        assertEquals(seen, text(node.rootfs("web")));
    }

    /**
     * An upper layer shows only one of two copies that name one file of the base, a lower one both: looks say what the
     * compaction would say after the stop, of a plain store and of one that only a mount shows.
     */
    @ParameterizedTest
    @CsvSource({
        "plain, true",
        "plain, false",
        "redirected, true",
        "redirected, false",
        "directory, false",
        "uncovered, false"
    })
    void twoCopiesOfOneFileAreFoundBeforeTheStop(String store, boolean mounted) throws Exception {
        mount(ALL);
        Files.writeString(view.resolve("one"), "changed");
        if (!store.equals("plain")) {
            Commands.run(
                    "mv", view.resolve("tree").toString(), view.resolve("moved").toString());
        }
        unmount();
        switch (store) {
            case "directory" -> copyWithNotes("moved", "again");
            case "uncovered" -> Files.delete(upper(1).resolve("tree"));
            default -> copyWithNotes("one", "copy");
        }
        if (mounted) {
            assertEquals(0, node.apply().status());
        }
        Path record = node.store.resolve("slivers/default/web/record.json");
        String before = Files.readString(record);
        String id = mounted ? mountId() : "";
        NodeOnLoop.Said dry = node.run("compact", "sliver", "web", "--dry-run");
        assertEquals(1, dry.status(), dry.text());
        NodeOnLoop.Said real = node.run("compact", "sliver", "web");
        assertEquals(1, real.status(), real.text());
        for (NodeOnLoop.Said said : new NodeOnLoop.Said[] {dry, real}) {
            assertTrue(said.text().matches("(?s).*/(one|copy|moved|again|tree)[^ ]* cannot be read.*"), said.text());
        }
        assertEquals(before, Files.readString(record));
        assertFalse(Files.exists(upper(2)));
        if (mounted) {
            assertEquals(id, mountId(), "it was taken down for nothing");
        }
        assertEquals(Set.of(), Site.names(node.store.resolve("scratch")), "what it worked in");
    }

    private String mountId() {
        return Commands.run("findmnt", "-n", "-o", "ID", node.rootfs("web").toString());
    }

    private void copyWithNotes(String from, String to) {
        Commands.run(
                "cp",
                "-a",
                upper(1).resolve(from).toString(),
                upper(1).resolve(to).toString());
    }

    /** Further names of one file are no copies; a copy that has no note of its own is none either. */
    @Test
    void linksAndPlainCopiesAreNoTwoCopies() throws Exception {
        mount(ALL);
        Files.writeString(view.resolve("one"), "changed");
        unmount();
        Files.createLink(upper(1).resolve("link"), upper(1).resolve("one"));
        Files.copy(upper(1).resolve("one"), upper(1).resolve("copy"));
        json("compact", "sliver", "web", "--dry-run", "-o", "json");
        NodeOnLoop.Said compacted = node.run("compact", "sliver", "web");
        assertEquals(0, compacted.status(), compacted.text());
        assertTrue(Files.exists(upper(2).resolve("copy")));
    }

    /** From a list of names the kernel leaves out what it has no view of; it must not go by that. */
    @ParameterizedTest
    @ValueSource(strings = {"compact", "move", "snapshot"})
    void whatTheKernelDoesNotListIsFound(String what) throws Exception {
        work(ALL);
        Files.writeString(upper(1).resolve("etc/without"), "no lower");
        note("etc/without", "metacopy", "");
        String before = stored();
        NodeOnLoop.Said refused;
        if (what.equals("compact")) {
            refused = node.run("compact", "sliver", "web");
        } else {
            declare(
                    what.equals("move") ? "v2" : "v1",
                    what.equals("move") ? "" : ", snapshots: {" + SnapshotIT.once() + "}");
            refused = node.apply();
        }
        assertTrue(refused.status() != 0, refused.text());
        assertTrue(refused.text().contains("/etc/without cannot be read"), refused.text());
        assertFalse(Files.exists(upper(2)));
        assertEquals(before.replaceAll(" \\S+ \\S+\n", ""), stored().replaceAll(" \\S+ \\S+\n", ""));
    }

    /** A look that fails, and is tried again, leaves nothing open. */
    @Test
    void failedLooksLeaveNothingOpen() throws Exception {
        work(ALL);
        Files.writeString(upper(1).resolve("etc/without"), "no lower");
        note("etc/without", "metacopy", "");
        FaultyLinuxCalls watched = new FaultyLinuxCalls(Site.REAL);
        try (NodeParts parts = NodeParts.open(watched.calls(), node.store.toString(), "test");
                Fd scratch = new Fd(
                        watched.calls(),
                        new SafeOpen(watched.calls())
                                .ownDirectory(node.store.resolve("scratch").toString()))) {
            NodeTools tools = parts.tools(null);
            Set<Integer> open = watched.open().keySet();
            try (SliverReading reading = SliverReading.open(
                    tools.calls(), tools.store(), tools.runtime(), tools.mounts(), new SliverId("default", "web"))) {
                for (int i = 0; i < 3; i++) {
                    NodeException refused = assertThrows(NodeException.class, () -> reading.change(scratch.number()));
                    assertTrue(String.valueOf(refused.getMessage()).contains("/etc/without"), refused.getMessage());
                    assertTrue(reading.isUpper(), "nothing is known of its view");
                }
            }
            assertEquals(open, watched.open().keySet(), () -> watched.open().toString());
            assertEquals(Set.of(), Site.names(node.store.resolve("scratch")), "what it worked in");
        }
    }

    /** While it runs already, not only when it was stopped for it. */
    @Test
    void conflictsAreFoundBesideTheSliver() throws Exception {
        work(ALL);
        Commands.run("sh", "-c", "printf mine > " + upper(1).resolve("etc") + "/followed");
        assertEquals(0, node.apply().status());
        declare("v2", ", rebase: {onConflict: Fail}");
        NodeOnLoop.Said refused = node.apply();
        assertEquals(1, refused.status(), refused.text());
        assertTrue(refused.text().contains("it stays on v1: 1 conflict"), refused.text());
    }

    /** All that a write to the upper layer would change, notes of overlayfs that it may take away at any time included. */
    private String stored() {
        return Commands.run("find", upper(1).toString(), "-printf", "%P %i %m %C@ %T@\\n")
                + Commands.run("getfattr", "-R", "-d", "-e", "hex", "-m", "-", "-h", upper(1).toString());
    }

    @Test
    void looksWriteNothingToTheStore() throws Exception {
        work(ALL);
        // Of this note it has to be looked at as an upper layer.
        Commands.run("setfattr", "-x", "trusted.overlay.protattr", upper(1) + "/two");
        // Overlayfs takes this away from an upper layer's directory that it reads and finds nothing copied up in.
        Files.createDirectories(upper(1).resolve("pure/below"));
        note("pure", "impure", "y");
        assertEquals(0, node.apply().status());
        String before = stored();
        json("compact", "sliver", "web", "--dry-run", "-o", "json");
        json("rebase", "sliver", "web", "--to", "v2", "--dry-run", "-o", "json");
        json("export", "sliver", "web", "--to", node.archives.resolve("layout").toString(), "-o", "json");
        assertEquals(before, stored());
        // Nor does the sliver's own mount know of it, and nobody holds its store any more.
        Files.writeString(node.rootfs("web").resolve("etc/own"), "more");
        Commands.run("umount", node.rootfs("web").toString());
        assertEquals(0, node.apply().status());
        assertEquals("more", Files.readString(node.rootfs("web").resolve("etc/own")));
    }

    /** What was decided on the view while it was mounted must not be carried out on what is stored. */
    @Test
    void aMoveOfAStillSliverKeepsWhatWasSeen() throws Exception {
        Map<String, TreeText.Line> seen = work(ALL);
        assertEquals(0, node.apply().status());
        Thread.sleep(1200);
        declare("v2", ", rebase: {onConflict: Fail}");
        NodeOnLoop.Said moved = node.apply();
        assertEquals(0, moved.status(), moved.text());
        Map<String, TreeText.Line> now = text(node.rootfs("web"));
        for (String path : new String[] {"etc/mode", "elsewhere", "moved/deep/b", "moved/deep/mine", "one", "two"}) {
            assertEquals(seen.get(path), now.get(path), path);
        }
        assertFalse(now.containsKey("tree"));
        assertPlain(upper(2));
    }

    /** A lower layer leaves out of such a directory what cannot be given, instead of saying so. */
    @Test
    void whatALowerLayerWouldHideIsFound() throws Exception {
        Files.writeString(upper(1).resolve("etc/without"), "no lower");
        note("etc/without", "metacopy", "");
        note("etc", "opaque", "x");
        for (String[] look : new String[][] {
            {"compact", "sliver", "web", "--dry-run"},
            {"rebase", "sliver", "web", "--to", "v2", "--dry-run"},
            {"export", "sliver", "web", "--to", node.archives.resolve("layout").toString()}
        }) {
            NodeOnLoop.Said refused = node.run(look);
            assertEquals(1, refused.status(), refused.text());
            assertTrue(refused.text().contains("/etc/without cannot be read"), refused.text());
        }
        NodeOnLoop.Said compacted = node.run("compact", "sliver", "web");
        assertEquals(1, compacted.status(), compacted.text());
        assertTrue(compacted.text().contains("/etc/without cannot be read"), compacted.text());
        assertEquals(0, node.apply().status(), "it stays as it was");
        assertFalse(Files.exists(upper(2)));
    }

    @Test
    void looksRefuseWhatTheKernelCannotGive() throws Exception {
        Files.writeString(upper(1).resolve("etc/without"), "no lower");
        note("etc/without", "metacopy", "");
        for (String[] look : new String[][] {
            {"compact", "sliver", "web", "--dry-run"},
            {"rebase", "sliver", "web", "--to", "v2", "--dry-run"},
            {"export", "sliver", "web", "--to", node.archives.resolve("layout").toString()}
        }) {
            NodeOnLoop.Said refused = node.run(look);
            assertEquals(1, refused.status(), refused.text());
            assertTrue(refused.text().contains("/etc/without cannot be read"), refused.text());
        }
    }

    /** Its mount shows other ids than the store has; the look beside it shows those of the store. */
    @Test
    void aMappedSliverIsSeenWithTheIdsOfItsStore() throws Exception {
        node.write("web.yaml", NodeOnLoop.sliverOn("v1", "mapped", "driver: overlay, userNamespace: Always"));
        assertEquals(0, node.apply().status());
        Path rootfs = node.rootfs("mapped");
        Path upper = node.revision("mapped", 1).resolve("upper");
        Commands.run("umount", rootfs.toString());
        Files.createDirectories(upper.resolve("moved"));
        Commands.run("setfattr", "-n", "trusted.overlay.redirect", "-v", "/tree", upper + "/moved");
        Commands.run("mknod", upper + "/tree", "c", "0", "0");
        Files.writeString(upper.resolve("moved/mine"), "mine");
        Commands.run("chown", "7:8", upper.resolve("moved/mine").toString());
        assertEquals(0, node.apply().status());
        assertTrue((int) Files.getAttribute(rootfs.resolve("etc/mode"), "unix:uid") >= 1_000_000);
        json("compact", "sliver", "mapped", "--dry-run", "-o", "json");
        json("rebase", "sliver", "mapped", "--to", "v2", "--dry-run", "-o", "json");
        node.write("golden.yaml", of("golden", "sliver: {name: mapped}"));
        NodeOnLoop.Said made = node.apply();
        assertEquals(0, made.status(), made.text());
        String hex = digest("golden").substring("sha256:".length());
        try (var bases = Files.list(node.store.resolve("bases"))) {
            Path golden = bases.filter(each -> each.toString().contains(hex))
                    .findFirst()
                    .orElseThrow()
                    .resolve("dir/moved");
            assertEquals(7, Files.getAttribute(golden.resolve("mine"), "unix:uid"));
            assertEquals(0, Files.getAttribute(golden.resolve("a"), "unix:uid"));
        }
    }
}
