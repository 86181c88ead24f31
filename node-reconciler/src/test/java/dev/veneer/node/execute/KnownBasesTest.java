package dev.veneer.node.execute;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.JnrLinuxCalls;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.model.Digest;
import dev.veneer.node.testkit.FaultyLinuxCalls;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.FileType;
import dev.veneer.node.tree.Identity;
import dev.veneer.node.tree.ManifestReader;
import dev.veneer.node.tree.ManifestWriter;
import dev.veneer.node.tree.rewrite.BaseLinks;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KnownBasesTest {
    @TempDir
    Path directory;

    private final FaultyLinuxCalls counted = new FaultyLinuxCalls(new JnrLinuxCalls());
    private final LinuxCalls calls = counted.calls();
    private final KnownBases bases = new KnownBases();
    private int fd;

    @BeforeEach
    void open() throws LinuxException {
        fd = open(directory, Abi.O_RDONLY | Abi.O_DIRECTORY);
        counted.counting("pread");
    }

    @AfterEach
    void close() {
        calls.close(fd);
    }

    private int open(Path path, long flags) throws LinuxException {
        return calls.openat2(Abi.AT_FDCWD, PathBytes.of(path.toString()), flags, 0, 0);
    }

    /** A base of so many files, the first of them with a second path, or all of them paths of one file. */
    private void manifest(int files, boolean linked) throws Exception {
        Path file = directory.resolve("manifest");
        Files.deleteIfExists(file);
        Files.createFile(file);
        int to = open(file, Abi.O_WRONLY);
        try (ManifestWriter writer = new ManifestWriter(calls, to, fd)) {
            writer.add(new byte[0], identity(FileType.DIRECTORY, Bytes.EMPTY), null);
            byte[] first = name(0);
            for (int i = 0; i < files; i++) {
                byte[] to0 = i > 0 && (linked || i == 1) ? first : null;
                writer.add(name(i), identity(FileType.REGULAR, Bytes.wrap(new byte[32])), to0);
            }
            writer.finish();
        } finally {
            calls.close(to);
        }
    }

    private static byte[] name(int number) {
        return String.format("%07d", number).getBytes(StandardCharsets.US_ASCII);
    }

    private static Identity identity(FileType type, Bytes content) {
        return new Identity(type, 0644, 0, 0, 0, 0, 0, List.of(), 0, content, Bytes.EMPTY, 0, 0);
    }

    private static Digest digest(int number) {
        return new Digest(String.format("%064x", number));
    }

    /** Asks, and tells how many reads that took. */
    private long reads(Digest digest, int linkedPaths) throws Exception {
        try (ManifestReader reader = ManifestReader.open(calls, fd, "manifest".getBytes(StandardCharsets.US_ASCII))) {
            counted.reset();
            BaseLinks links = bases.links(digest, reader);
            assertEquals(linkedPaths, links.paths());
            return counted.counted();
        }
    }

    @Test
    void aManifestIsReadOnce() throws Exception {
        manifest(5000, false);
        assertTrue(reads(digest(1), 2) > 0);
        assertEquals(0, reads(digest(1), 2));
    }

    @Test
    void onlyAFewAreKept() throws Exception {
        manifest(10, false);
        for (int i = 0; i <= 8; i++) {
            assertTrue(reads(digest(i), 2) > 0, "base " + i);
        }
        assertEquals(0, reads(digest(8), 2));
        assertEquals(0, reads(digest(1), 2));
        assertTrue(reads(digest(0), 2) > 0, "the ninth took its place");
    }

    @Test
    void whatWouldFillTheMemoryIsNotKept() throws Exception {
        manifest(10_001, true);
        assertTrue(reads(digest(1), 10_001) > 0);
        assertTrue(reads(digest(1), 10_001) > 0);
    }
}
