package dev.veneer.node.tree;

import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** A file without a name, for what does not fit into memory; gone when it is closed, or when the process dies. */
public final class ScratchFile implements AutoCloseable {
    private static final int ATTEMPTS = 1000;

    private final LinuxCalls calls;
    private final int fd;

    private ScratchFile(LinuxCalls calls, int fd) {
        this.calls = calls;
        this.fd = fd;
    }

    /**
     * Makes one on the file system of a directory of ours.
     *
     * <p>Where the file system can, it never has a name. Elsewhere (zfs-fuse, for one) it has one for a moment, which
     * stays in the directory where it can't be taken away; whoever owns the directory clears it when it is opened.
     */
    public static ScratchFile open(LinuxCalls calls, int directory) throws LinuxException {
        try {
            return new ScratchFile(
                    calls,
                    calls.openat2(
                            directory,
                            new byte[] {'.'},
                            Abi.O_RDWR | Abi.O_TMPFILE | Abi.O_EXCL,
                            0600,
                            Abi.RESOLVE_BENEATH));
        } catch (LinuxException e) {
            if (!e.is(Errno.EOPNOTSUPP) && !e.is(Errno.EISDIR)) {
                throw e;
            }
            return named(calls, directory);
        }
    }

    private static ScratchFile named(LinuxCalls calls, int directory) throws LinuxException {
        for (int attempt = 0; ; attempt++) {
            byte[] name = (".scratch-" + attempt).getBytes(StandardCharsets.US_ASCII);
            try {
                int fd = calls.openat2(
                        directory, name, Abi.O_RDWR | Abi.O_CREAT | Abi.O_EXCL, 0600, Abi.RESOLVE_BENEATH);
                try {
                    calls.unlinkat(directory, name, 0);
                } catch (LinuxException e) {
                    calls.close(fd);
                    throw e;
                }
                return new ScratchFile(calls, fd);
            } catch (LinuxException e) {
                // The name may be left over from a process that was killed between the two calls.
                if (!e.is(Errno.EEXIST) || attempt == ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    /** Sets its length; what is new reads as zeros. */
    public void resize(long length) throws LinuxException {
        calls.ftruncate(fd, length);
    }

    /** Reads as much as the buffer has room for, which must be there. */
    public void read(ByteBuffer into, long offset) throws LinuxException {
        long at = offset;
        while (into.hasRemaining()) {
            int count = calls.pread(fd, into, at);
            if (count <= 0) {
                throw new LinuxException("pread", Errno.EIO, "scratch file, at " + at);
            }
            at += count;
        }
    }

    /** Writes all that remains in the buffer. */
    public void write(ByteBuffer from, long offset) throws LinuxException {
        long at = offset;
        while (from.hasRemaining()) {
            at += calls.pwrite(fd, from, at);
        }
    }

    @Override
    public void close() {
        calls.close(fd);
    }
}
