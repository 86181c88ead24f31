package dev.veneer.node.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.JnrLinuxCalls;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.PathBytes;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ContentHasherTest {
    @TempDir
    Path directory;

    private final LinuxCalls calls = new JnrLinuxCalls();

    private Bytes hash(Path file, long size) throws Exception {
        int fd = calls.openat2(Abi.AT_FDCWD, PathBytes.of(file.toString()), Abi.O_RDONLY, 0, 0);
        try {
            return new ContentHasher(calls).hash(fd, size);
        } finally {
            calls.close(fd);
        }
    }

    /** The size that was seen only saves a call: a file that became longer or shorter since is read to its real end. */
    @ParameterizedTest
    @CsvSource({
        "0,0",
        "0,9",
        "1,1",
        "1,0",
        "1,7",
        "262143,262143",
        "262144,262144",
        "262144,0",
        "262145,262145",
        "262145,262144",
        "600000,600000",
        "600000,262144",
        "600000,599999",
        "600000,700000"
    })
    void readsToTheEnd(int length, long seen) throws Exception {
        byte[] content = new byte[length];
        new Random(length).nextBytes(content);
        Path file = directory.resolve("file");
        Files.write(file, content);
        assertEquals(Bytes.wrap(MessageDigest.getInstance("SHA-256").digest(content)), hash(file, seen));
    }

    @Test
    void hashesOneAfterTheOther() throws Exception {
        Path one = Files.write(directory.resolve("one"), new byte[300_000]);
        Path other = Files.write(directory.resolve("other"), new byte[] {1});
        ContentHasher hasher = new ContentHasher(calls);
        int first = calls.openat2(Abi.AT_FDCWD, PathBytes.of(one.toString()), Abi.O_RDONLY, 0, 0);
        int second = calls.openat2(Abi.AT_FDCWD, PathBytes.of(other.toString()), Abi.O_RDONLY, 0, 0);
        hasher.hash(first, 300_000);
        assertEquals(Bytes.wrap(MessageDigest.getInstance("SHA-256").digest(new byte[] {1})), hasher.hash(second, 1));
        calls.close(first);
        calls.close(second);
    }
}
