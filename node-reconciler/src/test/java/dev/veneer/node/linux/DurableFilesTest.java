package dev.veneer.node.linux;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.veneer.node.linux.DurableFiles.Durability;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DurableFilesTest {
    private final LinuxCalls calls = new JnrLinuxCalls();
    private final DurableFiles files = new DurableFiles(calls);

    @TempDir
    Path temporary;

    private Directory directory;

    @BeforeEach
    void open() throws LinuxException {
        directory = Directory.open(calls, temporary.toString());
    }

    @AfterEach
    void close() {
        directory.close();
    }

    @Test
    void replacesWholeFilesAndLeavesNothingBeside() throws Exception {
        byte[] large = new byte[300_000];
        large[299_999] = 7;
        files.write(directory.number(), "record", large, 0600, Durability.NOW);
        assertArrayEquals(large, files.read(directory.number(), "record", 300_000));
        files.write(directory.number(), "record", new byte[0], 0600, Durability.LATER);
        assertEquals(0, files.read(directory.number(), "record", 0).length);
        assertEquals(1, directory.names().size());
    }

    @Test
    void doesNotWriteThroughALinkLeftUnderTheTemporaryName() throws Exception {
        Path victim = Files.writeString(temporary.resolve("victim"), "unharmed");
        Files.createSymbolicLink(temporary.resolve(DurableFiles.TEMPORARY_PREFIX + "record"), victim);
        files.write(directory.number(), "record", new byte[] {1}, 0600, Durability.NOW);
        assertEquals("unharmed", Files.readString(victim));
        assertEquals(2, directory.names().size());
    }

    @Test
    void refusesWhatIsNoSmallRegularFile() throws Exception {
        Files.writeString(temporary.resolve("large"), "12345");
        assertEquals(Errno.EFBIG, readErrno("large", 4));
        assertEquals(5, files.read(directory.number(), "large", 5).length);
        assertEquals(Errno.ENOENT, readErrno("absent", 4));
        calls.mknodat(directory.number(), PathBytes.of("fifo"), Abi.S_IFIFO | 0600, 0);
        assertEquals(Errno.EINVAL, readErrno("fifo", 4));
        Files.createSymbolicLink(temporary.resolve("link"), temporary.resolve("large"));
        assertEquals(Errno.ELOOP, readErrno("link", 4));
    }

    private int readErrno(String name, int most) {
        return assertThrows(LinuxException.class, () -> files.read(directory.number(), name, most))
                .errno();
    }

    @Test
    void aFailedWriteLeavesTheOldContent() throws Exception {
        files.write(directory.number(), "record", new byte[] {1}, 0600, Durability.NOW);
        Files.createDirectory(temporary.resolve("taken"));
        assertThrows(
                LinuxException.class,
                () -> files.write(directory.number(), "taken", new byte[] {2}, 0600, Durability.NOW));
        assertEquals(2, directory.names().size(), "the temporary file is gone");
    }
}
