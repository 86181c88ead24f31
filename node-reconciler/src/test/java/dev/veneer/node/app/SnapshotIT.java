package dev.veneer.node.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.veneer.node.testkit.Commands;
import dev.veneer.node.testkit.LoopDevice;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code spec.snapshots}: taken, kept, gone back to, as their user has them. */
class SnapshotIT {
    /** A schedule whose time has come once since {@code since}, and never comes again. */
    static String once() throws InterruptedException {
        Thread.sleep(1100);
        ZonedDateTime now = ZonedDateTime.now(ZoneOffset.UTC);
        return String.format(
                "schedule: \"%d %d %d %d %d ? %d\"",
                now.getSecond(),
                now.getMinute(),
                now.getHour(),
                now.getDayOfMonth(),
                now.getMonthValue(),
                now.getYear());
    }

    private static JsonNode status(NodeOnLoop node) throws Exception {
        return AgentSocket.JSON
                .readTree(node.run("get", "sliver", "web", "-o", "json").text())
                .path("status");
    }

    private static NodeOnLoop.Said done(NodeOnLoop.Said said) {
        assertEquals(0, said.status(), said.text());
        return said;
    }

    /** Nothing is wrong in the store; the index is a cache that lacks what was written in the last clock ticks. */
    static void checked(NodeOnLoop node) {
        NodeOnLoop.Said said = node.run("store", "check");
        assertEquals(
                List.of(),
                said.text()
                        .lines()
                        .filter(line -> said.status() != 0)
                        .filter(line -> !line.startsWith("IndexStale") && !line.contains("rebuild-index"))
                        .toList());
    }

    private static void declare(NodeOnLoop node, String driver, String... more) throws Exception {
        List<String> lines = new ArrayList<>(List.of("driver: " + driver));
        lines.addAll(List.of(more));
        node.write("web.yaml", NodeOnLoop.sliver("web", lines.toArray(new String[0])));
    }

    private static int snapshot(NodeOnLoop node, String driver, int keep, String... more) throws Exception {
        List<String> lines = new ArrayList<>(List.of("snapshots: {" + once() + ", keep: " + keep + "}"));
        lines.addAll(List.of(more));
        declare(node, driver, lines.toArray(new String[0]));
        NodeOnLoop.Said said = done(node.apply());
        assertTrue(said.text().contains("snapshot done"), said.text());
        assertTrue(done(node.apply()).text().contains("Nothing to do"), "one at a time");
        return status(node).at("/snapshots/0/revision").asInt();
    }

    /** All that a program in the sliver sees. */
    private static String view(Path root) {
        String tree = root.toString();
        return Commands.run("find", tree, "-printf", "%P %y %m %U %G %s %T@ %l\\n")
                        .lines()
                        .filter(line -> !line.startsWith(" d"))
                        .map(line ->
                                line.contains(" d ") ? line.replaceAll(" d (\\d+ \\d+ \\d+) \\d+ ", " d $1 ") : line)
                        .map(String::strip)
                        .sorted()
                        .toList()
                + Commands.run("sh", "-c", "cd " + tree + " && find . -type f -print0 | sort -z | xargs -0 sha256sum")
                + Commands.run("sh", "-c", "cd " + tree + " && getfattr -R -h -m '^user[.]' -d . 2>/dev/null");
    }

    @ParameterizedTest
    @CsvSource({"XFS, overlay", "EXT4, overlay", "XFS, copy", "EXT4, copy", "BTRFS, btrfs-snapshot", "BTRFS, overlay"})
    void theViewComesBack(LoopDevice.Kind kind, String driver) throws Exception {
        try (NodeOnLoop node = new NodeOnLoop(kind)) {
            String archive = node.archive(
                    "base", "etc/motd", "welcome", "usr/gone", "y", "usr/dir/a", "1", "usr/dir/b", "2", "opt/x/y", "z");
            node.write("base.yaml", NodeOnLoop.image("base", archive));
            declare(node, driver);
            done(node.apply());
            Path rootfs = node.rootfs("web");
            change(rootfs);
            String before = view(rootfs);
            int number = snapshot(node, driver, 5);
            assertEquals(2, number);
            assertEquals(before, view(rootfs), "taking one changes nothing");

            Files.writeString(rootfs.resolve("etc/motd"), "later");
            Files.delete(rootfs.resolve("own/file"));
            Commands.run("rm", "-rf", rootfs.resolve("opt").toString());
            Commands.run(
                    "mkdir", "-p", rootfs.resolve("usr/gone/now/a/directory").toString());
            String later = view(rootfs);

            done(node.run("rollback", "sliver", "web", "--to", Integer.toString(number)));
            assertEquals(before, view(rootfs));
            assertEquals(3, status(node).path("revision").asInt(), "the snapshot itself stays");
            Files.writeString(rootfs.resolve("etc/motd"), "spoilt");
            done(node.run("rollback", "sliver", "web", "--to", Integer.toString(number)));
            assertEquals(before, view(rootfs), "as often as one likes");
            done(node.run("rollback", "sliver", "web", "--to", "1"));
            assertEquals(later, view(rootfs));
            checked(node);
        }
    }

    private static void change(Path rootfs) throws Exception {
        Files.writeString(rootfs.resolve("etc/motd"), "mine");
        Files.delete(rootfs.resolve("usr/gone"));
        Commands.run("rm", "-rf", rootfs.resolve("usr/dir").toString());
        Files.createDirectories(rootfs.resolve("usr/dir"));
        Files.writeString(rootfs.resolve("usr/dir/c"), "3");
        Path own = Files.createDirectories(rootfs.resolve("own"));
        Files.writeString(own.resolve("file"), "x".repeat(300_000));
        Files.createLink(own.resolve("link"), own.resolve("file"));
        Files.createSymbolicLink(own.resolve("symlink"), Path.of("../etc/motd"));
        Commands.run("mkfifo", own.resolve("pipe").toString());
        Commands.run(
                "setfattr",
                "-n",
                "user.colour",
                "-v",
                "blue",
                own.resolve("file").toString());
        Commands.run("chown", "7:8", own.resolve("file").toString());
        Commands.run("truncate", "-s", "50M", own.resolve("sparse").toString());
        Commands.run(
                "touch", "-d", "2001-02-03 04:05:06.789", own.resolve("symlink").toString(), "-h");
    }

    /** What a snapshot of btrfs leaves out is copied. */
    @Test
    void subvolumesInASliverAreInItsSnapshots() throws Exception {
        try (NodeOnLoop node = new NodeOnLoop(LoopDevice.Kind.BTRFS)) {
            node.write("base.yaml", NodeOnLoop.image("base", node.archive("base", "etc/motd", "welcome")));
            declare(node, "btrfs-snapshot");
            done(node.apply());
            Path rootfs = node.rootfs("web");
            Path outer = rootfs.resolve("outer");
            Commands.run("btrfs", "subvolume", "create", outer.toString());
            Files.writeString(outer.resolve("file"), "outer");
            Commands.run("btrfs", "subvolume", "create", outer.resolve("inner").toString());
            Files.writeString(outer.resolve("inner/file"), "inner");
            Commands.run("btrfs", "property", "set", outer.resolve("inner").toString(), "ro", "true");
            String before = view(rootfs);
            int number = snapshot(node, "btrfs-snapshot", 5);
            Files.writeString(outer.resolve("file"), "spoilt");
            done(node.run("rollback", "sliver", "web", "--to", Integer.toString(number)));
            assertEquals(before, view(rootfs));
            assertEquals("inner", Files.readString(outer.resolve("inner/file")));
            Files.delete(node.files.resolve("web.yaml"));
            done(node.apply());
            assertFalse(Files.exists(node.store.resolve("slivers/default/web")));
            checked(node);
        }
    }

    @Test
    void theOldestGoFirstAndAllWithTheSliver() throws Exception {
        try (NodeOnLoop node = new NodeOnLoop(LoopDevice.Kind.XFS)) {
            node.write("base.yaml", NodeOnLoop.image("base", node.archive("base", "etc/motd", "welcome")));
            node.write("web.yaml", NodeOnLoop.sliver("web", "driver: overlay"));
            done(node.apply());
            Path motd = node.rootfs("web").resolve("etc/motd");
            for (int i = 1; i <= 3; i++) {
                Files.writeString(motd, "number " + i);
                snapshot(node, "overlay", 2);
            }
            JsonNode status = status(node);
            assertEquals(2, status.path("snapshots").size(), status.toString());
            assertEquals(4, status.at("/snapshots/0/revision").asInt());
            assertEquals(3, status.at("/snapshots/1/revision").asInt());
            assertFalse(Files.exists(node.revision("web", 2)));
            String told = done(node.run("describe", "sliver", "web")).text();
            assertTrue(told.contains("Snapshots:") && told.contains("Taken At:"), told);

            // A new instance leaves them alone, and their base stays though no BaseImage names it.
            declare(node, "overlay", "instanceSerial: 2", "keepPrevious: 0s");
            done(node.apply());
            assertEquals("welcome", Files.readString(motd));
            String kept = done(node.run("gc", "--dry-run")).text();
            assertTrue(kept.contains("kept by"), kept);
            done(node.run("rollback", "sliver", "web", "--to", "3"));
            assertEquals("number 2", Files.readString(motd));

            // One that is lost is told of, and does no harm.
            Commands.run("rm", "-rf", node.revision("web", 4).toString());
            NodeOnLoop.Said check = node.run("store", "check");
            assertTrue(check.text().contains("a snapshot of"), check.text());
            NodeOnLoop.Said lost = node.run("rollback", "sliver", "web", "--to", "4");
            assertEquals(1, lost.status(), lost.text());
            assertTrue(lost.text().contains("it cannot go back to 4: kept are 3"), lost.text());

            Files.delete(node.files.resolve("web.yaml"));
            done(node.apply());
            assertFalse(Files.exists(node.store.resolve("slivers/default/web")));
        }
    }

    /** Where blocks are not shared, a snapshot needs room; that it has none is told before anything is written. */
    @Test
    void noneIsBegunWithoutRoomForIt() throws Exception {
        try (NodeOnLoop node = new NodeOnLoop(LoopDevice.Kind.EXT4)) {
            node.write("base.yaml", NodeOnLoop.image("base", node.archive("base", "etc/motd", "welcome")));
            node.write("web.yaml", NodeOnLoop.sliver("web", "driver: overlay"));
            done(node.apply());
            Commands.run(
                    "dd",
                    "if=/dev/zero",
                    "of=" + node.rootfs("web").resolve("big"),
                    "bs=1M",
                    "count=500",
                    "status=none");
            declare(node, "overlay", "snapshots: {" + once() + "}");
            NodeOnLoop.Said said = node.apply();
            assertEquals(4, said.status(), said.text());
            assertTrue(said.text().contains("LowSpace") && said.text().contains("MiB are free"), said.text());
            assertFalse(Files.exists(node.revision("web", 2)));
            Files.delete(node.rootfs("web").resolve("big"));
            done(node.apply());
            assertTrue(Files.exists(node.revision("web", 2)));
        }
    }
}
