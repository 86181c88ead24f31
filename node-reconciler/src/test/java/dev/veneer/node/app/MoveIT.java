package dev.veneer.node.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.veneer.node.driver.conformance.TreeText;
import dev.veneer.node.linux.JnrLinuxCalls;
import dev.veneer.node.testkit.Commands;
import dev.veneer.node.testkit.LoopDevice;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Moving slivers to other base images by editing {@code baseImage}, as their user does. */
class MoveIT {
    private static final String[] OLD = {
        "etc/followed", "1", "etc/same", "same", "etc/kept", "1", "etc/both", "1", "etc/equal", "1", "etc/gone", "1",
        "etc/gone-both", "1", "etc/gone-changed", "1", "etc/dropped", "1", "etc/mode", "1", "dir/a", "1", "dir/b", "1",
        "opaque/old", "1", "usr/bin/tool", "1"
    };
    private static final String[] NEW = {
        "etc/followed",
        "2",
        "etc/same",
        "same",
        "etc/kept",
        "1",
        "etc/both",
        "2",
        "etc/equal",
        "2",
        "etc/gone",
        "1",
        "etc/gone-changed",
        "2",
        "etc/mode",
        "2",
        "dir",
        "a file now",
        "opaque/old",
        "1",
        "opaque/new",
        "2",
        "usr/bin/tool",
        "2",
        "added/by-base",
        "2",
        "added/both",
        "2",
        "added/equal",
        "2"
    };

    private static void bases(NodeOnLoop node) throws Exception {
        node.write("v1.yaml", NodeOnLoop.image("v1", node.archive("v1", OLD)));
        node.write("v2.yaml", NodeOnLoop.image("v2", node.archive("v2", NEW)));
    }

    private static void declare(NodeOnLoop node, String base, String spec) throws Exception {
        node.write("web.yaml", NodeOnLoop.sliverOn(base, "web", spec));
    }

    /** Work of an owner that contradicts nothing that the new base does. */
    private static void workWithoutConflict(Path rootfs) throws Exception {
        Files.writeString(rootfs.resolve("etc/kept"), "mine");
        Files.writeString(rootfs.resolve("etc/equal"), "2");
        Commands.run("chmod", "4750", rootfs.resolve("etc/mode").toString());
        Files.delete(rootfs.resolve("etc/gone"));
        Files.delete(rootfs.resolve("etc/gone-both"));
        Files.createDirectories(rootfs.resolve("added"));
        Files.writeString(rootfs.resolve("added/mine"), "mine");
        Files.writeString(rootfs.resolve("added/equal"), "2");
    }

    @ParameterizedTest
    @CsvSource({"XFS, overlay", "EXT4, overlay", "XFS, copy", "EXT4, copy", "BTRFS, btrfs-snapshot", "BTRFS, overlay"})
    void ownChangesStayAndTheRestFollows(LoopDevice.Kind kind, String driver) throws Exception {
        try (NodeOnLoop node = new NodeOnLoop(kind)) {
            bases(node);
            String spec = "driver: " + driver + ", rebase: {verify: Full}";
            declare(node, "v1", spec);
            assertEquals(0, node.apply().status());
            Path rootfs = node.rootfs("web");
            workWithoutConflict(rootfs);
            Map<String, TreeText.Line> before = view(rootfs);

            declare(node, "v2", spec);
            NodeOnLoop.Said plan = node.run("plan", "-f", node.files.toString());
            assertTrue(plan.text().contains("~ sliver default/web: rebase (v1@"), plan.text());
            assertTrue(plan.text().contains(" followed, ") && plan.text().contains(" 0 conflicts; "), plan.text());
            NodeOnLoop.Said moved = node.apply();
            assertEquals(0, moved.status(), moved.text());
            assertEquals("2", Files.readString(rootfs.resolve("etc/followed")));
            assertEquals("mine", Files.readString(rootfs.resolve("etc/kept")));
            assertEquals("2", Files.readString(rootfs.resolve("etc/equal")));
            assertEquals("2", Files.readString(rootfs.resolve("etc/mode")));
            assertTrue(
                    Commands.run("stat", "-c", "%a", rootfs.resolve("etc/mode").toString())
                            .contains("4750"));
            assertFalse(Files.exists(rootfs.resolve("etc/gone")));
            assertFalse(Files.exists(rootfs.resolve("etc/gone-both")));
            assertFalse(Files.exists(rootfs.resolve("etc/dropped")));
            assertEquals("a file now", Files.readString(rootfs.resolve("dir")));
            assertEquals("mine", Files.readString(rootfs.resolve("added/mine")));
            assertEquals("2", Files.readString(rootfs.resolve("added/by-base")));
            assertSound(node);
            assertTrue(node.apply().text().contains("Nothing to do"));

            declare(node, "v1", spec);
            NodeOnLoop.Said back = node.apply();
            assertEquals(0, back.status(), back.text());
            assertEquals(withoutConverged(before), withoutConverged(view(rootfs)));
            assertTrue(node.apply().text().contains("Nothing to do"));
        }
    }

    private static void assertSound(NodeOnLoop node) {
        NodeOnLoop.Said check = node.run("store", "check");
        assertEquals(0, check.status(), check.text());
    }

    /** What both sides had come to hold is no longer the sliver's after the first move, and follows the second. */
    private static Map<String, String> withoutConverged(Map<String, TreeText.Line> view) {
        Map<String, String> text = new TreeMap<>();
        view.forEach((path, line) -> text.put(path, line.toString()));
        text.keySet()
                .removeIf(
                        path -> path.equals("etc/equal") || path.equals("added/equal") || path.equals("etc/gone-both"));
        // The times of directories are those of their last change.
        text.keySet().removeIf(path -> Map.of("etc", 1, "added", 1, "", 1).containsKey(path));
        return text;
    }

    private static Map<String, TreeText.Line> view(Path rootfs) {
        return TreeText.of(new JnrLinuxCalls(), rootfs.toString(), Long.MAX_VALUE);
    }

    /** Work that contradicts the new base in every way that there is. */
    private static void workInConflict(Path rootfs) throws Exception {
        Files.writeString(rootfs.resolve("etc/both"), "mine");
        Files.delete(rootfs.resolve("etc/gone-changed"));
        Files.writeString(rootfs.resolve("etc/dropped"), "mine");
        Files.writeString(rootfs.resolve("dir/a"), "mine");
        Files.createDirectories(rootfs.resolve("added"));
        Files.writeString(rootfs.resolve("added/both"), "mine");
        Commands.run("rm", "-r", rootfs.resolve("opaque").toString());
        Files.createDirectories(rootfs.resolve("opaque"));
        Files.writeString(rootfs.resolve("opaque/mine"), "mine");
    }

    @ParameterizedTest
    @CsvSource({"XFS, overlay", "EXT4, copy", "BTRFS, btrfs-snapshot"})
    void aConflictChangesNothing(LoopDevice.Kind kind, String driver) throws Exception {
        try (NodeOnLoop node = new NodeOnLoop(kind)) {
            bases(node);
            declare(node, "v1", "driver: " + driver);
            assertEquals(0, node.apply().status());
            Path rootfs = node.rootfs("web");
            workInConflict(rootfs);
            Map<String, TreeText.Line> before = view(rootfs);
            declare(node, "v2", "driver: " + driver);
            NodeOnLoop.Said plan = node.run("plan", "-f", node.files.toString());
            assertTrue(plan.text().contains("CONFLICTS ARE LEFT: it would stay on v1"), plan.text());
            NodeOnLoop.Said refused = node.apply();
            assertEquals(1, refused.status(), refused.text());
            assertTrue(refused.text().contains("it stays on v1: "), refused.text());
            assertEquals(before, view(rootfs));
            assertTrue(Files.exists(node.store.resolve("slivers/default/web/revisions/1")));

            JsonNode told = AgentSocket.JSON.readTree(
                    node.run("rebase", "sliver", "web", "--to", "v2", "--dry-run", "-o", "json")
                            .text());
            assertFalse(told.path("possible").asBoolean());
            Map<String, String> verdicts = new TreeMap<>();
            told.path("paths")
                    .forEach(path -> verdicts.put(
                            path.path("path").asText(), path.path("verdict").asText()));
            assertEquals("conflict: both-changed", verdicts.get("/etc/both"));
            assertEquals("conflict: deleted-in-sliver", verdicts.get("/etc/gone-changed"));
            assertEquals("conflict: deleted-in-base", verdicts.get("/etc/dropped"));
            assertEquals("conflict: both-added", verdicts.get("/added/both"));
            assertEquals("conflict: type", verdicts.get("/dir"));
            if (driver.equals("overlay")) {
                assertEquals("conflict: hidden", verdicts.get("/opaque/new"));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "XFS, overlay, KeepSliver", "EXT4, copy, KeepSliver", "BTRFS, btrfs-snapshot, KeepSliver",
        "XFS, overlay, TakeBase", "EXT4, copy, TakeBase", "BTRFS, btrfs-snapshot, TakeBase"
    })
    void conflictsAreSettledAsTheSpecSays(LoopDevice.Kind kind, String driver, String choice) throws Exception {
        try (NodeOnLoop node = new NodeOnLoop(kind)) {
            bases(node);
            declare(node, "v1", "driver: " + driver);
            assertEquals(0, node.apply().status());
            Path rootfs = node.rootfs("web");
            workInConflict(rootfs);
            declare(node, "v2", "driver: " + driver + ", rebase: {onConflict: " + choice + ", verify: Full}");
            NodeOnLoop.Said moved = node.apply();
            assertEquals(0, moved.status(), moved.text());
            boolean keeps = choice.equals("KeepSliver");
            assertEquals(keeps ? "mine" : "2", Files.readString(rootfs.resolve("etc/both")));
            assertEquals(!keeps, Files.exists(rootfs.resolve("etc/gone-changed")));
            assertEquals(keeps, Files.exists(rootfs.resolve("etc/dropped")));
            assertEquals(keeps ? "mine" : "2", Files.readString(rootfs.resolve("added/both")));
            assertEquals(keeps, Files.isDirectory(rootfs.resolve("dir")));
            assertEquals("mine", Files.readString(rootfs.resolve("opaque/mine")));
            if (!keeps) {
                Path aside = rootfs.resolve("var/lib/veneer/displaced/2");
                assertEquals("mine", Files.readString(aside.resolve("etc/both")));
                assertEquals("mine", Files.readString(aside.resolve("dir/a")));
                assertEquals("mine", Files.readString(aside.resolve("etc/dropped")));
            }
            JsonNode report = AgentSocket.JSON.readTree(
                    node.store.resolve("slivers/default/web/rebase.json").toFile());
            assertTrue(report.path("counts").path("conflict: both-changed").asInt() > 0, report.toString());
            assertSound(node);
            assertTrue(node.apply().text().contains("Nothing to do"));
        }
    }

    @Test
    void rulesSettleSinglePathsAndPinsStay() throws Exception {
        try (NodeOnLoop node = new NodeOnLoop(LoopDevice.Kind.XFS)) {
            bases(node);
            String rules = "rebase: {rules: [{path: /etc/both, onConflict: TakeBase},"
                    + " {path: /opaque, onConflict: KeepSliver}, {path: /dir, onConflict: KeepSliver},"
                    + " {path: '*', onConflict: KeepSliver}]}, pins: [/etc/equal, 'tool']";
            declare(node, "v1", rules);
            assertEquals(0, node.apply().status());
            Path rootfs = node.rootfs("web");
            workInConflict(rootfs);
            Files.writeString(rootfs.resolve("etc/equal"), "2");
            Files.writeString(rootfs.resolve("usr/bin/tool"), "mine");
            declare(node, "v2", rules);
            NodeOnLoop.Said moved = node.apply();
            assertEquals(0, moved.status(), moved.text());
            assertEquals("2", Files.readString(rootfs.resolve("etc/both")));
            assertEquals("mine", Files.readString(rootfs.resolve("added/both")));
            assertEquals("mine", Files.readString(rootfs.resolve("usr/bin/tool")));
            Path upper = node.store.resolve("slivers/default/web/revisions/2/upper");
            assertTrue(Files.exists(upper.resolve("etc/equal")), "what is pinned stays though it is as in the base");
            assertEquals(0, node.run("compact", "sliver", "web").status());
            upper = node.store.resolve("slivers/default/web/revisions/3/upper");
            assertTrue(Files.exists(upper.resolve("etc/equal")), "what is pinned stays through a compaction");
        }
    }

    @ParameterizedTest
    @CsvSource({"XFS, overlay", "EXT4, copy", "BTRFS, btrfs-snapshot"})
    void theViewCanStay(LoopDevice.Kind kind, String driver) throws Exception {
        try (NodeOnLoop node = new NodeOnLoop(kind)) {
            bases(node);
            String spec = "driver: " + driver + ", rebase: {strategy: PreserveView, verify: Full}";
            declare(node, "v1", spec);
            assertEquals(0, node.apply().status());
            Path rootfs = node.rootfs("web");
            workInConflict(rootfs);
            Map<String, TreeText.Line> before = view(rootfs);
            declare(node, "v2", spec);
            NodeOnLoop.Said moved = node.apply();
            assertEquals(0, moved.status(), moved.text());
            assertEquals(before, view(rootfs));
            assertTrue(node.apply().text().contains("Nothing to do"));
        }
    }

    @ParameterizedTest
    @CsvSource({"XFS, overlay", "EXT4, copy", "BTRFS, btrfs-snapshot"})
    void ownChangesCanGo(LoopDevice.Kind kind, String driver) throws Exception {
        try (NodeOnLoop node = new NodeOnLoop(kind)) {
            bases(node);
            String spec =
                    "driver: " + driver + ", pins: [/srv/data, /etc/both], rebase: {strategy: Discard, verify: Full}";
            declare(node, "v1", spec);
            assertEquals(0, node.apply().status());
            Path rootfs = node.rootfs("web");
            workInConflict(rootfs);
            Files.createDirectories(rootfs.resolve("srv/data/deep"));
            Files.writeString(rootfs.resolve("srv/data/deep/file"), "pinned");
            declare(node, "v2", spec);
            NodeOnLoop.Said moved = node.apply();
            assertEquals(0, moved.status(), moved.text());
            assertEquals("pinned", Files.readString(rootfs.resolve("srv/data/deep/file")));
            assertEquals("mine", Files.readString(rootfs.resolve("etc/both")));
            assertEquals("2", Files.readString(rootfs.resolve("added/both")));
            assertFalse(Files.exists(rootfs.resolve("opaque/mine")));
            assertEquals("a file now", Files.readString(rootfs.resolve("dir")));
        }
    }

    @Test
    void aBaseThatIsNotThereIsWaitedFor() throws Exception {
        try (NodeOnLoop node = new NodeOnLoop(LoopDevice.Kind.XFS)) {
            bases(node);
            declare(node, "v1", "");
            assertEquals(0, node.apply().status());
            Files.writeString(node.rootfs("web").resolve("etc/kept"), "mine");
            declare(node, "v3", "");
            NodeOnLoop.Said waits = node.apply();
            assertTrue(waits.status() != 0 && waits.text().contains("BaseImage v3 is not declared"), waits.text());
            assertEquals("mine", Files.readString(node.rootfs("web").resolve("etc/kept")));
            NodeOnLoop.Said preview = node.run("rebase", "sliver", "web", "--to", "v3", "--dry-run");
            assertEquals(1, preview.status());
            assertTrue(preview.text().contains("v3 is not imported"), preview.text());
            assertEquals(64, node.run("rebase", "sliver", "web", "--to", "v2").status());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "XFS, overlay, PreserveView",
        "EXT4, copy, PreserveView",
        "XFS, overlay, Discard",
        "BTRFS, btrfs-snapshot, Discard"
    })
    void aDryRunTellsOfTheStrategyThatWouldBeTaken(LoopDevice.Kind kind, String driver, String strategy)
            throws Exception {
        try (NodeOnLoop node = new NodeOnLoop(kind)) {
            bases(node);
            String spec = "driver: " + driver + ", pins: [/etc/both], rebase: {strategy: " + strategy + "}";
            declare(node, "v1", spec);
            assertEquals(0, node.apply().status());
            workInConflict(node.rootfs("web"));
            NodeOnLoop.Said said = node.run("rebase", "sliver", "web", "--to", "v2", "--dry-run", "-o", "json");
            assertEquals(0, said.status(), said.text());
            JsonNode told = AgentSocket.JSON.readTree(said.text());
            assertEquals(strategy, told.path("strategy").asText());
            assertTrue(told.path("counts").path("kept").asLong() > 0, said.text());
            declare(node, "v2", spec);
            NodeOnLoop.Said plan = node.run("plan", "-f", node.files.toString());
            assertTrue(plan.text().contains(" 0 conflicts; holds files of "), plan.text());
            assertEquals(0, node.apply().status());
            JsonNode done = AgentSocket.JSON.readTree(
                    node.run("get", "sliver", "web", "-o", "json").text());
            assertEquals(strategy, done.at("/status/lastRebase/strategy").asText());
            if (strategy.equals("PreserveView") && driver.equals("overlay")) {
                assertTrue(told.path("counts").path("kept").asLong()
                        >= done.at("/status/lastRebase/kept").asLong());
            } else {
                assertEquals(
                        done.at("/status/lastRebase/kept").asLong(),
                        told.path("counts").path("kept").asLong());
            }
        }
    }

    /** A rollback and a new instance leave numbers behind that are higher than the one in force. */
    @Test
    void aDryRunTellsTheNumberThatTheRevisionWillHave() throws Exception {
        try (NodeOnLoop node = new NodeOnLoop(LoopDevice.Kind.XFS)) {
            bases(node);
            declare(node, "v1", "");
            assertEquals(0, node.apply().status());
            declare(node, "v1", "instanceSerial: 2");
            assertEquals(0, node.apply().status());
            assertEquals(0, node.run("rollback", "sliver", "web").status());
            JsonNode told = AgentSocket.JSON.readTree(
                    node.run("rebase", "sliver", "web", "--to", "v2", "--dry-run", "-o", "json")
                            .text());
            assertEquals(3, told.path("revision").asInt());
            declare(node, "v2", "instanceSerial: 2");
            assertEquals(0, node.apply().status());
            assertTrue(Files.isDirectory(node.revision("web", 3)));
        }
    }

    /** Both sides added a user: by record that is none's loss, and as a file it is a conflict. */
    @ParameterizedTest
    @CsvSource({"true", "false"})
    void usersAreMergedByRecordUnlessThatIsTurnedOff(boolean aware) throws Exception {
        String root = "root:x:0:0:root:/root:/bin/sh\n";
        String theirs = "news:x:13:13:news:/:/bin/sh\n";
        String mine = "mine:x:1000:1000:mine:/:/bin/sh\n";
        try (NodeOnLoop node = new NodeOnLoop(LoopDevice.Kind.XFS)) {
            node.write("v1.yaml", NodeOnLoop.image("v1", node.archive("v1", "etc/passwd", root)));
            node.write("v2.yaml", NodeOnLoop.image("v2", node.archive("v2", "etc/passwd", root + theirs)));
            String spec = "driver: overlay, rebase: {packageAware: " + aware + "}";
            declare(node, "v1", spec);
            assertEquals(0, node.apply().status());
            Path passwd = node.rootfs("web").resolve("etc/passwd");
            Files.writeString(passwd, root + mine);
            declare(node, "v2", spec);
            NodeOnLoop.Said said = node.apply();
            if (aware) {
                assertEquals(0, said.status(), said.text());
                String merged = Files.readString(passwd);
                assertTrue(merged.contains(mine) && merged.contains(theirs), merged);
            } else {
                assertTrue(said.status() != 0, said.text());
                assertTrue(said.text().contains("/etc/passwd conflict: both-changed"), said.text());
                assertEquals(root + mine, Files.readString(passwd));
            }
        }
    }
}
