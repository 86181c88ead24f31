package dev.veneer.node.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.testkit.Commands;
import dev.veneer.node.testkit.LoopDevice;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code veneer compact} as its user runs it. */
class CompactIT {
    @ParameterizedTest
    @CsvSource({"XFS, overlay", "EXT4, overlay", "XFS, copy", "EXT4, copy", "BTRFS, btrfs-snapshot", "BTRFS, overlay"})
    void whatTheSliverSeesStays(LoopDevice.Kind kind, String driver) throws Exception {
        try (NodeOnLoop node = new NodeOnLoop(kind)) {
            String archive =
                    node.archive("base", "etc/motd", "welcome", "usr/big", "x".repeat(100_000), "usr/gone", "y");
            node.write("base.yaml", NodeOnLoop.image("base", archive));
            node.write("web.yaml", NodeOnLoop.sliver("web", "driver: " + driver));
            assertEquals(0, node.apply().status());
            Path rootfs = node.rootfs("web");
            Path big = rootfs.resolve("usr/big");
            Commands.run("cp", "-p", big.toString(), big + ".new");
            Commands.run("mv", big + ".new", big.toString());
            Files.writeString(rootfs.resolve("etc/motd"), "mine");
            Files.delete(rootfs.resolve("usr/gone"));
            Files.writeString(rootfs.resolve("new"), "new");
            String before = node.run("diff", "sliver", "web", "-o", "json").text();

            NodeOnLoop.Said compacted = node.run("compact", "sliver", "web");
            assertEquals(0, compacted.status(), compacted.text());
            assertTrue(compacted.text().contains("sliver default/web: compact done in "), compacted.text());
            assertEquals("mine", Files.readString(rootfs.resolve("etc/motd")));
            assertEquals("new", Files.readString(rootfs.resolve("new")));
            assertEquals(100_000, Files.size(big));
            assertFalse(Files.exists(rootfs.resolve("usr/gone")));
            assertEquals(before, node.run("diff", "sliver", "web", "-o", "json").text());
            if (driver.equals("overlay")) {
                Path upper = node.store.resolve("slivers/default/web/revisions/2/upper");
                assertTrue(Files.exists(upper.resolve("etc/motd")));
                assertFalse(Files.exists(upper.resolve("usr/big")), "a copy of the base's file is still held");
            }
            NodeOnLoop.Said again = node.apply();
            assertTrue(again.text().contains("Nothing to do"), again.text());
            NodeOnLoop.Said check = node.run("store", "check");
            assertEquals(0, check.status(), check.text());
        }
    }

    @Test
    void aDryRunChangesNothing() throws Exception {
        try (NodeOnLoop node = new NodeOnLoop(LoopDevice.Kind.XFS)) {
            node.write("base.yaml", NodeOnLoop.image("base", node.archive("base", "etc/motd", "welcome")));
            node.write("web.yaml", NodeOnLoop.sliver("web"));
            assertEquals(0, node.apply().status());
            Path motd = node.rootfs("web").resolve("etc/motd");
            Commands.run("touch", "-r", motd.toString(), motd + ".time");
            Commands.run("chmod", "600", motd.toString());
            Commands.run("chmod", "644", motd.toString());
            NodeOnLoop.Said said = node.run("compact", "sliver", "web", "--dry-run", "-o", "json");
            assertEquals(0, said.status(), said.text());
            assertEquals(
                    1,
                    AgentSocket.JSON.readTree(said.text()).get("droppedPaths").asInt(),
                    said.text());
            assertTrue(Files.exists(node.store.resolve("slivers/default/web/revisions/1/upper/etc/motd")));
        }
    }

    @Test
    void whatCannotBeCompactedIsTold() throws Exception {
        try (NodeOnLoop node = new NodeOnLoop(LoopDevice.Kind.XFS)) {
            node.write("base.yaml", NodeOnLoop.image("base", node.archive("base", "etc/motd", "welcome")));
            node.write("web.yaml", NodeOnLoop.sliver("web"));
            assertEquals(0, node.apply().status());
            NodeOnLoop.Said missing = node.run("compact", "sliver", "wbe");
            assertTrue(missing.status() != 0 && missing.text().contains("wbe"), missing.text());
            NodeOnLoop.Said kind = node.run("compact", "baseimage", "base");
            assertEquals(64, kind.status(), kind.text());
            Path rootfs = node.rootfs("web");
            Process holder =
                    new ProcessBuilder("sleep", "60").directory(rootfs.toFile()).start();
            try {
                NodeOnLoop.Said busy = node.run("compact", "sliver", "web");
                assertEquals(4, busy.status(), busy.text());
                assertTrue(busy.text().contains("in use"), busy.text());
                assertEquals("welcome", Files.readString(rootfs.resolve("etc/motd")));
            } finally {
                holder.destroyForcibly();
                holder.waitFor();
            }
        }
    }
}
