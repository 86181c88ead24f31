package dev.veneer.node.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.testkit.Commands;
import dev.veneer.node.testkit.LoopDevice;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** A sliver in which its owner made subvolumes is neither compacted nor moved, and goes on as it was. */
class NestedSubvolumesIT {
    private static void declare(NodeOnLoop node, String base) throws Exception {
        node.write("web.yaml", NodeOnLoop.sliverOn(base, "web", "driver: btrfs-snapshot"));
    }

    private static void refused(NodeOnLoop node, NodeOnLoop.Said said, Path inner) throws Exception {
        assertEquals(1, said.status(), said.text());
        assertTrue(said.text().contains("/srv/data is the root of another mount or subvolume"), said.text());
        assertEquals("mine", Files.readString(inner.resolve("file")));
        assertTrue(Commands.run("btrfs", "subvolume", "show", inner.toString()).contains("Subvolume ID"));
        assertTrue(Files.exists(node.revision("web", 1)));
        assertFalse(Files.exists(node.revision("web", 2)));
    }

    @Test
    void theyAreNeverMadeDirectories() throws Exception {
        try (NodeOnLoop node = new NodeOnLoop(LoopDevice.Kind.BTRFS)) {
            node.write("v1.yaml", NodeOnLoop.image("v1", node.archive("v1", "etc/motd", "1", "srv/x", "x")));
            node.write("v2.yaml", NodeOnLoop.image("v2", node.archive("v2", "etc/motd", "2", "srv/x", "x")));
            declare(node, "v1");
            assertEquals(0, node.apply().status());
            Path inner = node.rootfs("web").resolve("srv/data");
            Commands.run("btrfs", "subvolume", "create", inner.toString());
            Files.writeString(inner.resolve("file"), "mine");

            refused(node, node.run("compact", "sliver", "web"), inner);
            declare(node, "v2");
            refused(node, node.apply(), inner);

            Commands.run("btrfs", "subvolume", "delete", inner.toString());
            NodeOnLoop.Said moved = node.apply();
            assertEquals(0, moved.status(), moved.text());
            assertEquals("2", Files.readString(node.rootfs("web").resolve("etc/motd")));
        }
    }
}
