package dev.veneer.node.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.testkit.Commands;
import dev.veneer.node.testkit.LoopDevice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What only reads also works on a store whose disk turned read-only, where more files have several names than are kept
 * in memory; and where the disk can be written, nothing is put anywhere else.
 */
class ReadOnlyStoreIT {
    private static final String[][] READING = {
        {"compact", "sliver", "web", "--dry-run"},
        {"rebase", "sliver", "web", "--to", "next", "--dry-run"},
        {"export", "sliver", "web", "--to"},
        {"store", "check", "--contents"},
        {"diff", "sliver", "web"},
    };

    @TempDir
    Path temporary;

    private NodeOnLoop.Said said(NodeOnLoop node, String... command) {
        NodeOnLoop.Said said = command[command.length - 1].equals("--to")
                ? node.run(Stream.concat(
                                Stream.of(command),
                                Stream.of(temporary
                                        .resolve("to" + System.nanoTime())
                                        .toString()))
                        .toArray(String[]::new))
                : node.run(command);
        assertEquals(0, said.status(), String.join(" ", command) + ": " + said.text());
        return said;
    }

    @Test
    void isReadAllTheSame() throws Exception {
        try (NodeOnLoop node = new NodeOnLoop(LoopDevice.Kind.XFS)) {
            Path tree = Files.createDirectories(node.archives.resolve("tree/usr"));
            Commands.run(
                    "sh",
                    "-ec",
                    "cd \"$1\"; mkdir a; cd a; seq 4200 | xargs touch; cp -al . ../b",
                    "sh",
                    tree.toString());
            String url = node.pack("base", tree.getParent(), java.util.List.of("usr"));
            Files.writeString(tree.resolve("more"), "of the next");
            node.write(
                    "next.yaml",
                    NodeOnLoop.image("next", node.pack("next", tree.getParent(), java.util.List.of("usr"))));
            node.write("base.yaml", NodeOnLoop.image("base", url));
            node.write("web.yaml", NodeOnLoop.sliver("web"));
            assertEquals(0, node.apply().status());
            Commands.run(
                    "sh",
                    "-ec",
                    "cd \"$1\"; mkdir c; cd c; seq 4200 | xargs touch; cp -al . ../d",
                    "sh",
                    node.rootfs("web").resolve("usr").toString());
            String before = System.getProperty("java.io.tmpdir");
            // Where no file can be made: on a disk that can be written nothing else is.
            System.setProperty("java.io.tmpdir", "/proc/veneer-nowhere");
            try {
                for (String[] command : READING) {
                    said(node, command);
                }
                assertEquals(0, node.apply().status());
            } finally {
                System.setProperty("java.io.tmpdir", before);
            }
            Commands.run("umount", node.rootfs("web").toString());
            Commands.run("mount", "-o", "remount,ro", node.disk.mountPoint().toString());
            try {
                for (String[] command : READING) {
                    said(node, command);
                }
                assertEquals(0, node.mounts() - 1);
            } finally {
                Commands.run("mount", "-o", "remount,rw", node.disk.mountPoint().toString());
            }
            assertNothingLies(node.store.resolve("scratch"));
        }
    }

    private static void assertNothingLies(Path directory) throws IOException {
        try (Stream<Path> there = Files.list(directory)) {
            assertTrue(there.findAny().isEmpty(), directory.toString());
        }
    }
}
