package dev.veneer.node.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.testkit.Commands;
import dev.veneer.node.testkit.LoopDevice;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Attributes that an import leaves out or refuses are the owner's own where programs in a sliver have set them. */
@Timeout(180)
class OwnersAttributesIT {
    private static final String[] NAMES = {"user.rsync.%stat", "user.containers.origin", "user.overlay.mine", "user.x"};
    private static final String[] PATHS = {"own", "own/file", "etc/base", "etc"};

    private static void done(NodeOnLoop.Said said) {
        assertEquals(0, said.status(), said.text());
    }

    private static String attributes(Path rootfs) {
        StringBuilder all = new StringBuilder();
        for (String path : PATHS) {
            String file = rootfs.resolve(path).toString();
            all.append(Commands.run("getfattr", "--absolute-names", "-d", "-m", "^user\\.", file)
                    .replace(rootfs.toString(), ""));
        }
        return all.toString();
    }

    @ParameterizedTest
    @CsvSource({"XFS, overlay", "EXT4, overlay", "XFS, copy", "EXT4, copy", "BTRFS, btrfs-snapshot"})
    void theyStay(LoopDevice.Kind kind, String driver) throws Exception {
        try (NodeOnLoop node = new NodeOnLoop(kind)) {
            node.write("v1.yaml", NodeOnLoop.image("v1", node.archive("v1", "etc/motd", "1", "etc/base", "b")));
            node.write("v2.yaml", NodeOnLoop.image("v2", node.archive("v2", "etc/motd", "2", "etc/base", "b")));
            String spec = "driver: " + driver + ", rebase: {verify: Full}";
            node.write("web.yaml", NodeOnLoop.sliverOn("v1", "web", spec));
            done(node.apply());
            Path rootfs = node.rootfs("web");
            Files.createDirectory(rootfs.resolve("own"));
            Files.writeString(rootfs.resolve("own/file"), "mine");
            for (String path : PATHS) {
                for (String name : NAMES) {
                    Commands.run(
                            "setfattr",
                            "-n",
                            name,
                            "-v",
                            name + path,
                            rootfs.resolve(path).toString());
                }
            }
            String before = attributes(rootfs);
            assertEquals(NAMES.length * PATHS.length, before.split("=\"", -1).length - 1, before);

            done(node.run("compact", "sliver", "web"));
            assertEquals(before, attributes(rootfs), "compacted");

            node.write("web.yaml", NodeOnLoop.sliverOn("v2", "web", spec));
            done(node.apply());
            assertEquals("2", Files.readString(rootfs.resolve("etc/motd")));
            assertEquals(before, attributes(rootfs), "moved");

            node.write(
                    "web.yaml",
                    NodeOnLoop.sliverOn("v2", "web", spec + ", snapshots: {" + SnapshotIT.once() + ", keep: 5}"));
            NodeOnLoop.Said taken = node.apply();
            done(taken);
            assertTrue(taken.text().contains("snapshot done"), taken.text());
            for (String path : PATHS) {
                for (String name : NAMES) {
                    Commands.run("setfattr", "-x", name, rootfs.resolve(path).toString());
                }
            }
            done(node.run("rollback", "sliver", "web", "--to", "4"));
            assertEquals(before, attributes(rootfs), "gone back");
        }
    }
}
