package dev.veneer.node.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.api.Reason;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.Btrfs;
import dev.veneer.node.linux.JnrLinuxCalls;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.testkit.Commands;
import dev.veneer.node.testkit.LoopDevice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an owner may leave in a tree, and what is beside it. */
class TreeRemoverIT {
    private final LinuxCalls calls = new JnrLinuxCalls();
    private LoopDevice fileSystem;
    private Path tree;

    private void on(String type) throws IOException {
        fileSystem = LoopDevice.create(LoopDevice.Kind.valueOf(type));
        tree = Files.createDirectory(fileSystem.mountPoint().resolve("tree"));
    }

    @BeforeEach
    void none() {
        fileSystem = null;
    }

    @AfterEach
    void close() throws IOException {
        if (fileSystem != null) {
            fileSystem.close();
        }
    }

    private void removeAll() throws LinuxException, NodeException {
        new TreeRemover(calls).empty(tree.toString());
        assertEquals(0, tree.toFile().list().length);
    }

    private int open(Path path) throws LinuxException {
        return calls.openat2(Abi.AT_FDCWD, PathBytes.of(path.toString()), Abi.O_RDONLY | Abi.O_DIRECTORY, 0, 0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"EXT4", "XFS", "BTRFS"})
    void depthOfFiveThousand(String type) throws Exception {
        on(type);
        int fd = open(tree);
        byte[] name = PathBytes.of("a-name-of-some-length");
        for (int i = 0; i < 5000; i++) {
            calls.mkdirat(fd, name, 0700);
            calls.close(calls.openat2(fd, PathBytes.of("f"), Abi.O_CREAT | Abi.O_WRONLY, 0600, 0));
            int next = new SafeOpen(calls).directory(fd, name);
            calls.close(fd);
            fd = next;
        }
        calls.close(fd);
        removeAll();
    }

    @ParameterizedTest
    @ValueSource(strings = {"EXT4", "XFS", "BTRFS"})
    void immutableAndAppendOnly(String type) throws Exception {
        on(type);
        Path inner = Files.createDirectories(tree.resolve("a/b"));
        Files.writeString(inner.resolve("i"), "x");
        Files.writeString(inner.resolve("ap"), "x");
        Files.createDirectory(inner.resolve("d"));
        Commands.run("chattr", "+i", inner.resolve("i").toString());
        Commands.run("chattr", "+a", inner.resolve("ap").toString());
        Commands.run("chattr", "+i", inner.resolve("d").toString());
        Commands.run("chattr", "+a", inner.toString());
        Commands.run("chattr", "+i", tree.resolve("a").toString());
        removeAll();
    }

    @Test
    void immutableStaysOnAFileThatHasAnotherName() throws Exception {
        on("EXT4");
        Path other = fileSystem.mountPoint().resolve("other");
        Files.writeString(other, "x");
        Files.createLink(tree.resolve("link"), other);
        Commands.run("chattr", "+i", other.toString());
        removeAll();
        assertThrows(IOException.class, () -> Files.writeString(other, "y"));
        Commands.run("chattr", "-i", other.toString());
    }

    @Test
    void namesOfAnyBytesAndManyOfThem() throws Exception {
        on("EXT4");
        int fd = open(tree);
        for (int i = 0; i < 20_000; i++) {
            byte[] name = PathBytes.of("xxxx\n" + i);
            name[0] = (byte) 0xff;
            calls.mkdirat(fd, name, 0700);
        }
        calls.close(fd);
        removeAll();
    }

    @Test
    void linksAreNotFollowed() throws Exception {
        on("EXT4");
        Path outside = Files.createDirectory(fileSystem.mountPoint().resolve("outside"));
        Files.writeString(outside.resolve("precious"), "x");
        Files.createSymbolicLink(tree.resolve("l"), outside);
        Files.createSymbolicLink(tree.resolve("m"), Path.of("../outside/precious"));
        removeAll();
        assertTrue(Files.exists(outside.resolve("precious")));
    }

    @Test
    void mountStopsItAndIsNotEntered() throws Exception {
        on("EXT4");
        Path outside = Files.createDirectory(fileSystem.mountPoint().resolve("outside"));
        Files.writeString(outside.resolve("precious"), "x");
        Path point = Files.createDirectories(tree.resolve("a/point"));
        Commands.run("mount", "--bind", outside.toString(), point.toString());
        try {
            NodeException refused = assertThrows(NodeException.class, this::removeAll);
            assertEquals(Reason.InUse, refused.reason());
            assertTrue(refused.getMessage().contains("a/point"), refused.getMessage());
        } finally {
            Commands.run("umount", point.toString());
        }
        assertTrue(Files.exists(outside.resolve("precious")));
        removeAll();
    }

    @Test
    void directoryThatIsAMountIsRefused() throws Exception {
        on("EXT4");
        Path outside = Files.createDirectory(fileSystem.mountPoint().resolve("outside"));
        Files.writeString(outside.resolve("precious"), "x");
        Commands.run("mount", "--bind", outside.toString(), tree.toString());
        try {
            assertThrows(NodeException.class, this::removeAll);
        } finally {
            Commands.run("umount", tree.toString());
        }
        assertTrue(Files.exists(outside.resolve("precious")));
    }

    @Test
    void nestedAndReadOnlySubvolumes() throws Exception {
        on("BTRFS");
        Btrfs btrfs = new Btrfs(calls);
        int root = open(tree);
        byte[] sub = PathBytes.of("sub");
        int fd = root;
        // Five deep, each read-only but for the last, with a directory and files between.
        int[] chain = new int[5];
        for (int i = 0; i < chain.length; i++) {
            btrfs.createSubvolume(fd, sub);
            chain[i] = new SafeOpen(calls).directory(fd, sub);
            calls.mkdirat(chain[i], PathBytes.of("d"), 0700);
            if (fd != root) {
                calls.close(fd);
            }
            fd = new SafeOpen(calls).directory(chain[i], PathBytes.of("d"));
        }
        for (int i = 0; i < chain.length - 1; i++) {
            btrfs.setReadOnly(chain[i], true);
        }
        for (int i = 0; i < chain.length; i++) {
            calls.close(chain[i]);
        }
        calls.close(fd);
        btrfs.createSubvolume(root, PathBytes.of("plain"));
        calls.close(root);
        assertFalse(Commands.run(
                        "btrfs", "subvolume", "list", fileSystem.mountPoint().toString())
                .isEmpty());
        removeAll();
        assertEquals(
                "",
                Commands.run(
                        "btrfs", "subvolume", "list", fileSystem.mountPoint().toString()));
    }

    @Test
    void oneNameOfMany() throws Exception {
        on("EXT4");
        Files.createDirectories(tree.resolve("keep/x"));
        Files.createDirectories(tree.resolve("go/x/y"));
        int fd = open(tree);
        new TreeRemover(calls).remove(fd, PathBytes.of("go"), tree.toString());
        new TreeRemover(calls).remove(fd, PathBytes.of("never"), tree.toString());
        calls.close(fd);
        assertTrue(Files.exists(tree.resolve("keep/x")));
        assertFalse(Files.exists(tree.resolve("go")));
    }
}
