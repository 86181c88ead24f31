package dev.veneer.node.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.testkit.LoopDevice;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files of several names, moved and compacted. */
class LinkedMoveIT {
    private static void declare(NodeOnLoop node, String base, String spec) throws Exception {
        node.write("web.yaml", NodeOnLoop.sliverOn(base, "web", spec));
    }

    private static void start(NodeOnLoop node, String spec) throws Exception {
        node.write("v1.yaml", NodeOnLoop.image("v1", node.archive("v1", "etc/a", "1", "etc/b", "1", "etc/motd", "1")));
        node.write("v2.yaml", NodeOnLoop.image("v2", node.archive("v2", "etc/a", "2", "etc/b", "1", "etc/motd", "2")));
        declare(node, "v1", spec);
        NodeOnLoop.Said made = node.apply();
        assertEquals(0, made.status(), made.text());
    }

    private static int names(Path file) throws Exception {
        return (Integer) Files.getAttribute(file, "unix:nlink");
    }

    /** So many that not both revisions could name it at once: ext4 knows 65,000 names of one file. */
    @Test
    void aFileOfVeryManyNamesStaysOne() throws Exception {
        try (NodeOnLoop node = new NodeOnLoop(LoopDevice.Kind.EXT4)) {
            start(node, "driver: overlay");
            Path own = Files.createDirectory(node.rootfs("web").resolve("own"));
            Files.writeString(own.resolve("0"), "one");
            for (int i = 1; i < 40_000; i++) {
                Files.createLink(own.resolve(Integer.toString(i)), own.resolve("0"));
            }
            NodeOnLoop.Said compacted = node.run("compact", "sliver", "web");
            assertEquals(0, compacted.status(), compacted.text());
            assertEquals(40_000, names(own.resolve("39999")));
            declare(node, "v2", "driver: overlay");
            NodeOnLoop.Said moved = node.apply();
            assertEquals(0, moved.status(), moved.text());
            assertEquals(40_000, names(own.resolve("39999")));
        }
    }

    /** The new base has an equal file at one of its names: the other is not left alone. */
    @ParameterizedTest
    @CsvSource({"XFS, overlay", "EXT4, copy", "BTRFS, btrfs-snapshot"})
    void namesOfWhichTheNewBaseAddsOneStayOneFile(LoopDevice.Kind kind, String driver) throws Exception {
        try (NodeOnLoop node = new NodeOnLoop(kind)) {
            String spec = "driver: " + driver + ", rebase: {onConflict: Fail, verify: Full}";
            node.write("v1.yaml", NodeOnLoop.image("v1", node.archive("v1", "etc/a", "1")));
            node.write("v2.yaml", NodeOnLoop.image("v2", node.archive("v2", "etc/a", "2", "etc/same", "same")));
            declare(node, "v1", spec);
            assertEquals(0, node.apply().status());
            Path rootfs = node.rootfs("web");
            Files.copy(rootfs.resolve("etc/a"), rootfs.resolve("etc/same"), StandardCopyOption.COPY_ATTRIBUTES);
            Files.writeString(rootfs.resolve("etc/same"), "same");
            Files.createLink(rootfs.resolve("etc/other"), rootfs.resolve("etc/same"));
            declare(node, "v2", spec);
            NodeOnLoop.Said moved = node.apply();
            assertEquals(0, moved.status(), moved.text());
            assertEquals("2", Files.readString(rootfs.resolve("etc/a")));
            assertTrue(Files.isSameFile(rootfs.resolve("etc/same"), rootfs.resolve("etc/other")));
            assertEquals(2, names(rootfs.resolve("etc/other")));
        }
    }

    /** One name of a file contradicts the new base and is laid aside; it stays one file with those that are kept. */
    @ParameterizedTest
    @CsvSource({"XFS, overlay", "EXT4, copy", "BTRFS, btrfs-snapshot"})
    void namesAcrossDirectoriesStayOneFile(LoopDevice.Kind kind, String driver) throws Exception {
        try (NodeOnLoop node = new NodeOnLoop(kind)) {
            String spec = "driver: " + driver + ", rebase: {onConflict: TakeBase, verify: Full}";
            start(node, spec);
            Path rootfs = node.rootfs("web");
            Files.delete(rootfs.resolve("etc/a"));
            Files.createDirectories(rootfs.resolve("own/deep"));
            Files.writeString(rootfs.resolve("own/deep/x"), "mine");
            Files.createLink(rootfs.resolve("etc/a"), rootfs.resolve("own/deep/x"));
            Files.createLink(rootfs.resolve("own/y"), rootfs.resolve("own/deep/x"));
            declare(node, "v2", spec);
            NodeOnLoop.Said moved = node.apply();
            assertEquals(0, moved.status(), moved.text());
            assertEquals("2", Files.readString(rootfs.resolve("etc/a")));
            Path aside = rootfs.resolve("var/lib/veneer/displaced/2/etc/a");
            assertEquals("mine", Files.readString(aside));
            assertTrue(Files.isSameFile(rootfs.resolve("own/deep/x"), rootfs.resolve("own/y")));
            assertTrue(Files.isSameFile(rootfs.resolve("own/y"), aside));
            assertEquals(3, names(aside));
            assertFalse(Files.isSameFile(rootfs.resolve("etc/a"), aside));
        }
    }
}
