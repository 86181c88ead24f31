package dev.veneer.node.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.JnrLinuxCalls;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.model.MountSpec;
import dev.veneer.node.testkit.Commands;
import dev.veneer.node.testkit.FaultyLinuxCalls;
import dev.veneer.node.testkit.LoopDevice;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Trees that are deep, wide, or changed under the walk, for the walkers that measure, compare and copy. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HostileTreeIT {
    private final LinuxCalls calls = new JnrLinuxCalls();
    private LoopDevice device;
    private int directories;

    @BeforeAll
    void makeFileSystem() {
        device = LoopDevice.create(LoopDevice.Kind.EXT4, 600);
    }

    @AfterAll
    void removeFileSystem() {
        device.close();
    }

    private Path directory() throws Exception {
        return Files.createDirectory(device.mountPoint().resolve("d" + directories++));
    }

    private int open(Path path) throws LinuxException {
        return new SafeOpen(calls).ownDirectory(path.toString());
    }

    /** Makes a way down, with a file in each directory. */
    private void dig(Path tree, int depth) throws LinuxException {
        int fd = open(tree);
        byte[] name = PathBytes.of("d");
        for (int i = 0; i < depth; i++) {
            calls.mkdirat(fd, name, 0700);
            calls.close(calls.openat2(fd, PathBytes.of("f"), Abi.O_CREAT | Abi.O_WRONLY, 0600, 0));
            int next = new SafeOpen(calls).directory(fd, name);
            calls.close(fd);
            fd = next;
        }
        calls.close(fd);
    }

    private List<String> changes(Path tree, Path base) throws LinuxException {
        List<String> told = new ArrayList<>();
        new ViewDiff(calls)
                .compare(
                        new MountSpec.Bind(tree.toString()),
                        base.toString(),
                        change -> told.add(change.kind().letter() + " "
                                + PathBytes.show(change.path().array())));
        return told;
    }

    @Test
    void depthOfFourThousandIsCopiedMeasuredCompared() throws Exception {
        Path tree = directory();
        Path copy = directory();
        dig(tree, 4000);
        new TreeCopier(calls).copy(tree.toString(), copy.toString());
        assertEquals(
                8001,
                new DiskUsage(calls)
                        .of(copy.toString(), device.mountPoint().toString())
                        .inodes());
        assertEquals(List.of(), changes(copy, tree));
        Path empty = directory();
        assertEquals(8000, changes(copy, empty).size());
        assertEquals(8000, changes(empty, tree).size());
        new TreeRemover(calls).empty(tree.toString());
        new TreeRemover(calls).empty(copy.toString());
    }

    @Test
    void hardLinkFarFromItsFirstName() throws Exception {
        Path tree = directory();
        Path copy = directory();
        dig(tree, 3000);
        Files.writeString(tree.resolve("z"), "x");
        int[] fd = {open(tree)};
        for (int i = 0; i < 3000; i++) {
            int next = new SafeOpen(calls).directory(fd[0], PathBytes.of("d"));
            calls.close(fd[0]);
            fd[0] = next;
        }
        calls.linkat(Abi.AT_FDCWD, PathBytes.of(tree.resolve("z").toString()), fd[0], PathBytes.of("linked"), 0);
        calls.close(fd[0]);
        new TreeCopier(calls).copy(tree.toString(), copy.toString());
        assertEquals(2, (int) Files.getAttribute(copy.resolve("z"), "unix:nlink"));
        new TreeRemover(calls).empty(tree.toString());
        new TreeRemover(calls).empty(copy.toString());
    }

    @Test
    void copyKeepsHolesAndLargeSizes() throws Exception {
        Path tree = directory();
        Path copy = directory();
        Commands.run("truncate", "-s", "10G", tree.resolve("sparse").toString());
        Commands.run("sh", "-c", "printf x | dd of=" + tree + "/sparse bs=1 seek=9G conv=notrunc status=none");
        new TreeCopier(calls).copy(tree.toString(), copy.toString());
        assertEquals(10L << 30, Files.size(copy.resolve("sparse")));
        assertTrue(new DiskUsage(calls)
                        .of(copy.toString(), device.mountPoint().toString())
                        .exclusiveBytes()
                < 1 << 20);
        new TreeRemover(calls).empty(copy.toString());
    }

    @Test
    void neitherPipeNorDeviceIsOpened() throws Exception {
        Path tree = directory();
        Path base = directory();
        Commands.run("mkfifo", tree.resolve("p").toString(), base.resolve("p").toString());
        Commands.run("mknod", tree.resolve("b").toString(), "b", "7", "200");
        FaultyLinuxCalls watched = new FaultyLinuxCalls(calls).counting(FaultyLinuxCalls.ALL);
        new ViewDiff(watched.calls()).compare(new MountSpec.Bind(tree.toString()), base.toString(), change -> {});
        new DiskUsage(watched.calls()).of(tree.toString(), device.mountPoint().toString());
        Path copy = directory();
        new TreeCopier(watched.calls()).copy(tree.toString(), copy.toString());
        // The directories themselves are opened: two, one, two.
        assertEquals(5, watched.names().stream().filter("openat2"::equals).count());
    }

    @Test
    void fileReplacedByPipeBetweenLookAndOpen() throws Exception {
        Path tree = directory();
        Path base = directory();
        Files.writeString(tree.resolve("f"), "same");
        Files.writeString(base.resolve("f"), "same");
        FaultyLinuxCalls raced = new FaultyLinuxCalls(calls).counting("openat2");
        // The third one is about the file: after the roots of both trees.
        raced.before((call, number) -> {
            if (number == 3) {
                Commands.run("rm", tree.resolve("f").toString());
                Commands.run("mkfifo", tree.resolve("f").toString());
            }
        });
        List<String> told = new ArrayList<>();
        new ViewDiff(raced.calls())
                .compare(
                        new MountSpec.Bind(tree.toString()),
                        base.toString(),
                        change -> told.add(PathBytes.show(change.path().array())
                                + change.aspects().contains(ViewChange.Aspect.CONTENT)));
        assertEquals(List.of("ftrue"), told);
    }

    @Test
    void directoryMovedUnderAWalkIsNotFollowed() throws Exception {
        Path tree = directory();
        dig(tree, 200);
        int root = open(tree);
        try (DirectoryStack stack = new DirectoryStack(calls, root)) {
            for (int i = 0; i < 200; i++) {
                stack.push(PathBytes.of("d"));
            }
            assertEquals(399, stack.path().length);
            Path outside = directory();
            Files.move(Path.of(tree + "/d".repeat(100)), outside.resolve("moved"));
            LinuxException moved = assertThrows(LinuxException.class, () -> {
                while (stack.depth() > 0) {
                    stack.pop();
                }
            });
            assertEquals(Errno.ESTALE, moved.errno());
            assertEquals(100, stack.depth());
        } finally {
            calls.close(root);
        }
    }

    @Test
    void mountsAreNotEntered() throws Exception {
        Path tree = directory();
        Path inner = Files.createDirectory(tree.resolve("inner"));
        Commands.run("mount", "-t", "tmpfs", "none", inner.toString());
        try {
            Commands.run("sh", "-c", "head -c 5M /dev/zero > " + inner + "/large");
            assertTrue(new DiskUsage(calls)
                            .of(tree.toString(), device.mountPoint().toString())
                            .exclusiveBytes()
                    < 1 << 20);
            assertFalse(changes(tree, directory()).contains("A inner/large"));
        } finally {
            Commands.run("umount", inner.toString());
        }
    }

    @Test
    void overlaysUpperIsReadAsItsOwnerSeesIt() throws Exception {
        Path layers = directory();
        Path upper = Files.createDirectory(layers.resolve("upper"));
        Path base = directory();
        Commands.run("sh", "-c", "cd " + base + "; mkdir d o; echo x > d/gone; echo x > d/kept; echo x > o/hidden");
        Commands.run(
                "sh",
                "-c",
                String.format(
                        Locale.ROOT,
                        "cd %s; mkdir d o; mknod d/gone c 0 0; mknod d/never c 0 0; setfattr -n trusted.overlay.opaque -v y o;"
                                + "mknod o/garbage c 0 0; cp -p %s/d/kept d/kept;"
                                + "setfattr -n trusted.overlay.origin -v 0x00 d/kept; touch -r %s .",
                        upper,
                        base,
                        base));
        List<String> told = new ArrayList<>();
        MountSpec spec = new MountSpec.Overlay(List.of(base.toString()), layers.toString(), "upper", "work");
        new ViewDiff(calls)
                .compare(
                        spec,
                        base.toString(),
                        change -> told.add(change.kind().letter() + " "
                                + PathBytes.show(change.path().array())));
        assertEquals(List.of("D d/gone", "D o/hidden"), told);
    }
}
