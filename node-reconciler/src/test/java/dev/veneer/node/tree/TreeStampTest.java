package dev.veneer.node.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.Fd;
import dev.veneer.node.linux.JnrLinuxCalls;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.PathBytes;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TreeStampTest {
    private final LinuxCalls calls = new JnrLinuxCalls();

    @TempDir
    Path tree;

    private Path file;

    @BeforeEach
    void make() throws Exception {
        file = Files.writeString(Files.createDirectory(tree.resolve("d")).resolve("f"), "content");
        Files.createSymbolicLink(tree.resolve("link"), Path.of("nowhere"));
    }

    private TreeStamp stamp() throws Exception {
        try (Fd root = new Fd(
                calls,
                calls.openat2(Abi.AT_FDCWD, PathBytes.of(tree.toString()), Abi.O_RDONLY | Abi.O_DIRECTORY, 0, 0))) {
            return TreeStamp.of(calls, root.number());
        }
    }

    private interface Change {
        void make() throws Exception;
    }

    private void tells(Change change) throws Exception {
        TreeStamp before = stamp();
        assertEquals(before, stamp());
        // The steps of the kernel's clock, where it has no finer ones.
        Thread.sleep(12);
        change.make();
        TreeStamp after = stamp();
        assertNotEquals(before.digest(), after.digest());
        assertFalse(after.newest().isBefore(before.newest()));
    }

    @Test
    void contentOfTheSameSizeWithItsTimeSetBack() throws Exception {
        FileTime time = Files.getLastModifiedTime(file);
        tells(() -> {
            try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
                open.write('X');
            }
            Files.setLastModifiedTime(file, time);
        });
    }

    @Test
    void namesModesAndLinks() throws Exception {
        tells(() -> Files.move(file, file.resolveSibling("g"), StandardCopyOption.ATOMIC_MOVE));
        tells(() -> Files.move(file.resolveSibling("g"), file, StandardCopyOption.ATOMIC_MOVE));
        tells(() -> Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------")));
        tells(() -> Files.createLink(tree.resolve("second"), file));
        tells(() -> Files.setAttribute(file, "user:note", new byte[] {1}));
        tells(() -> Files.delete(tree.resolve("link")));
    }

    @Test
    void theNewestChangeIsTold() throws Exception {
        Instant start = Instant.now().minusMillis(20);
        Files.setLastModifiedTime(file, FileTime.from(Instant.EPOCH));
        assertFalse(stamp().newest().isBefore(start), stamp().newest() + " before " + start);
    }
}
