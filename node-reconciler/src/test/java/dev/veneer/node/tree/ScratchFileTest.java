package dev.veneer.node.tree;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.JnrLinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.testkit.FaultyLinuxCalls;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScratchFileTest {
    @TempDir
    Path directory;

    private final FaultyLinuxCalls faulty = new FaultyLinuxCalls(new JnrLinuxCalls());
    private int fd;

    @BeforeEach
    void open() throws LinuxException {
        fd = faulty.calls()
                .openat2(Abi.AT_FDCWD, PathBytes.of(directory.toString()), Abi.O_RDONLY | Abi.O_DIRECTORY, 0, 0);
        faulty.counting("openat2", "unlinkat").reset();
    }

    @AfterEach
    void close() throws LinuxException {
        faulty.reset();
        faulty.calls().close(fd);
        assertTrue(faulty.open().isEmpty(), () -> "open: " + faulty.open());
    }

    private void holdsWhatIsWritten() throws LinuxException {
        try (ScratchFile scratch = ScratchFile.open(faulty.calls(), fd)) {
            assertEquals(0, directory.toFile().list().length, "a name in the directory");
            scratch.resize(10);
            scratch.write(ByteBuffer.wrap(new byte[] {1, 2, 3}), 4);
            byte[] read = new byte[10];
            scratch.read(ByteBuffer.wrap(read), 0);
            assertArrayEquals(new byte[] {0, 0, 0, 0, 1, 2, 3, 0, 0, 0}, read);
            assertThrows(LinuxException.class, () -> scratch.read(ByteBuffer.allocate(1), 10));
        }
    }

    @Test
    void itNeverHasAName() throws LinuxException {
        holdsWhatIsWritten();
        assertEquals(List.of("openat2"), faulty.names());
    }

    /** As on zfs-fuse, and as from kernels that don't know the flag: they take it for an opening of the directory. */
    @ParameterizedTest
    @ValueSource(ints = {Errno.EOPNOTSUPP, Errno.EISDIR})
    void whereFilesMustHaveNamesItIsTakenAway(int errno) throws Exception {
        faulty.failAt(1, errno);
        holdsWhatIsWritten();
        assertEquals(List.of("openat2", "openat2", "unlinkat"), faulty.names());
    }

    @Test
    void aNameThatAKilledProcessLeftIsTakenAway() throws Exception {
        Files.createFile(directory.resolve(ScratchFile.NAME));
        faulty.failAt(1, Errno.EOPNOTSUPP);
        holdsWhatIsWritten();
        assertEquals(List.of("openat2", "openat2", "unlinkat", "openat2", "unlinkat"), faulty.names());
    }

    @Test
    void aNameThatAnotherTookAwayIsNoFault() throws Exception {
        faulty.failAt(1, Errno.EOPNOTSUPP);
        faulty.before((call, number) -> {
            if (call.name().equals("unlinkat")) {
                Files.delete(directory.resolve(ScratchFile.NAME));
            }
        });
        try (ScratchFile scratch = ScratchFile.open(faulty.calls(), fd)) {
            scratch.resize(1);
        }
    }

    /** A store whose disk turned read-only, or is full, can still be checked, compared, measured and exported. */
    @ParameterizedTest
    @ValueSource(ints = {Errno.EROFS, Errno.ENOSPC, Errno.EDQUOT})
    void whereNothingCanBeWrittenItIsMadeElsewhere(int errno) throws Exception {
        faulty.failAt(1, errno);
        holdsWhatIsWritten();
    }

    @Test
    void noRoomIsSaid() {
        faulty.failFrom(1, Errno.ENOSPC);
        LinuxException e = assertThrows(LinuxException.class, () -> ScratchFile.open(faulty.calls(), fd));
        assertTrue(e.is(Errno.ENOSPC));
    }
}
