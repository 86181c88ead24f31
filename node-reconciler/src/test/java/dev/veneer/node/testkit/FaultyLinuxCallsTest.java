package dev.veneer.node.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.Directory;
import dev.veneer.node.linux.DurableFiles;
import dev.veneer.node.linux.DurableFiles.Durability;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.JnrLinuxCalls;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FaultyLinuxCallsTest {
    private final LinuxCalls real = new JnrLinuxCalls();
    private final FaultyLinuxCalls faulty = new FaultyLinuxCalls(real);

    @TempDir
    Path temporary;

    private Directory directory;

    @BeforeEach
    void open() throws LinuxException {
        directory = Directory.open(real, temporary.toString());
    }

    @AfterEach
    void close() {
        directory.close();
    }

    private void mkdir(String name) throws LinuxException {
        faulty.calls().mkdirat(directory.number(), PathBytes.of(name), 0700);
    }

    @Test
    void countsAndFailsOnce() throws LinuxException {
        mkdir("a");
        faulty.failAt(2, Errno.ENOSPC);
        mkdir("b");
        assertEquals(
                Errno.ENOSPC,
                assertThrows(LinuxException.class, () -> mkdir("c")).errno());
        mkdir("c");
        assertEquals(List.of("mkdirat", "mkdirat", "mkdirat", "mkdirat"), faulty.names());
        faulty.failFrom(1, Errno.EROFS);
        assertThrows(LinuxException.class, () -> mkdir("d"));
        assertThrows(LinuxException.class, () -> mkdir("d"));
        faulty.reset();
        mkdir("d");
        assertEquals(1, faulty.counted());
    }

    @Test
    void realErrorsComeThrough() throws LinuxException {
        mkdir("a");
        assertEquals(
                Errno.EEXIST,
                assertThrows(LinuxException.class, () -> mkdir("a")).errno());
    }

    @Test
    void afterTheCutNothingWorksInAnyThreadButClosing() throws Exception {
        faulty.counting(FaultyLinuxCalls.CHANGING);
        faulty.cutAt(1);
        int fd = faulty.calls().openat2(directory.number(), PathBytes.of("."), Abi.O_PATH, 0, 0);
        assertFalse(faulty.isCut());
        assertThrows(CutOff.class, () -> mkdir("a"));
        assertTrue(faulty.isCut());
        faulty.calls().close(fd);
        boolean[] refused = {false};
        Thread other = new Thread(() -> {
            try {
                faulty.calls().readlinkat(directory.number(), PathBytes.of("a"));
            } catch (CutOff e) {
                refused[0] = true;
            } catch (LinuxException e) {
                throw new AssertionError(e);
            }
        });
        other.start();
        other.join();
        assertTrue(refused[0]);
    }

    @Test
    void hookRunsBeforeTheCall() throws LinuxException {
        faulty.before((call, number) ->
                real.mkdirat(directory.number(), (byte[]) call.arguments().get(1), 0700));
        assertEquals(
                Errno.EEXIST,
                assertThrows(LinuxException.class, () -> mkdir("a")).errno());
    }

    @Test
    void aSmallFileIsOldOrNewWhereverItsWritingIsCut() throws Exception {
        DurableFiles plain = new DurableFiles(real);
        DurableFiles cut = new DurableFiles(faulty.calls());
        byte[] old = {1};
        byte[] replacement = {2, 3};
        cut.write(directory.number(), "record", replacement, 0600, Durability.NOW);
        long all = faulty.counted();
        assertTrue(all >= 5, faulty.names().toString());
        for (long n = 1; n <= all; n++) {
            plain.write(directory.number(), "record", old, 0600, Durability.NOW);
            faulty.reset();
            faulty.cutAt(n);
            assertThrows(
                    CutOff.class, () -> cut.write(directory.number(), "record", replacement, 0600, Durability.NOW));
            byte[] now = plain.read(directory.number(), "record", 10);
            assertTrue(now.length == 1 || now.length == 2, "cut at " + n);
            assertEquals(now.length, now[0]);
        }
    }
}
