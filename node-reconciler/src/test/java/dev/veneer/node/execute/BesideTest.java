package dev.veneer.node.execute;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;

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

    @Test
    void whatTheDiskCannotReadDoes() {
        assertThrows(LinuxException.class, () -> look(Errno.EIO));
    }
}
