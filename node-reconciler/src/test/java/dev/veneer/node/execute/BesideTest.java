package dev.veneer.node.execute;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.veneer.api.Reason;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.model.SliverId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Programs of a sliver go on while it is looked at. */
class BesideTest {
    private static final SliverId WEB = new SliverId("default", "web");

    private static void look(int errno) throws Exception {
        Beside.read(WEB, () -> {
            throw new LinuxException("openat2", errno, "file");
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {Errno.ENOENT, Errno.ENOTDIR, Errno.ELOOP, Errno.ENXIO, Errno.ENODATA})
    void whatProgramsTookAwayMeanwhileKeepsNothingFromBeingDone(int errno) {
        assertDoesNotThrow(() -> look(errno));
    }

    private static void refuse(Reason reason, Follow follow) throws Exception {
        Beside.read(WEB, () -> {
            throw new NodeException(reason, follow, "etc/passwd became shorter while it was read");
        });
    }

    @Test
    void norDoesWhatChangedWhileItWasRead() {
        assertDoesNotThrow(() -> refuse(Reason.InUse, Follow.RETRY));
        assertThrows(NodeException.class, () -> refuse(Reason.InUse, Follow.WAIT));
        assertThrows(NodeException.class, () -> refuse(Reason.ContentRefused, Follow.STALLED));
    }

    @Test
    void itIsLookedAtAgainButNotForEver() throws Exception {
        int[] looks = {0};
        assertEquals(3, Beside.<Integer>again(() -> {
            if (++looks[0] < 3) {
                throw new LinuxException("statx", Errno.ENOENT, "file");
            }
            return looks[0];
        }));
        looks[0] = 0;
        assertThrows(
                LinuxException.class,
                () -> Beside.again(() -> {
                    looks[0]++;
                    throw new LinuxException("statx", Errno.ENOENT, "file");
                }));
        assertEquals(5, looks[0]);
        looks[0] = 0;
        assertThrows(
                LinuxException.class,
                () -> Beside.again(() -> {
                    looks[0]++;
                    throw new LinuxException("statx", Errno.EIO, "file");
                }));
        assertEquals(1, looks[0]);
    }

    @Test
    void whatTheDiskCannotReadDoes() {
        assertThrows(LinuxException.class, () -> look(Errno.EIO));
    }
}
