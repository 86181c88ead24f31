package dev.veneer.node.tree;

import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.Fd;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.linux.Statfs;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;

/** A file without a name, for what does not fit into memory; gone when it is closed, or when the process dies. */
public final class ScratchFile implements AutoCloseable {
    /** What one is called for a moment where it cannot be without a name. */
    public static final String NAME = ".scratch";

    private static final int ATTEMPTS = 1000;

    /** On a file system with less than this it would not do to fill it. */
    private static final long ROOM = 128L << 20;

    private static final AtomicLong SEQUENCE = new AtomicLong();

    private final LinuxCalls calls;
    private final int fd;

    private ScratchFile(LinuxCalls calls, int fd) {
        this.calls = calls;
        this.fd = fd;
    }

    /**
     * Makes one on the file system of a directory of ours.
     *
     * <p>Where the file system can, it never has a name. Elsewhere (zfs-fuse, for one) it has {@link #NAME} for a
     * moment; one that a killed process left is taken away by the next. Where nothing can be written, or hardly anything
     * is free, it is made in the system's temporary directory: what only reads works there too, and what makes room.
     */
    public static ScratchFile open(LinuxCalls calls, int directory) throws LinuxException {
        Statfs fileSystem = calls.fstatfs(directory);
        if (fileSystem.readOnly() || fileSystem.availableBytes() < ROOM) {
            return elsewhere(calls);
        }
        try {
            return there(calls, directory, PathBytes.of(NAME));
        } catch (LinuxException e) {
            if (!e.is(Errno.EROFS, Errno.ENOSPC, Errno.EDQUOT)) {
                throw e;
            }
            return elsewhere(calls);
        }
    }

    private static ScratchFile elsewhere(LinuxCalls calls) throws LinuxException {
        byte[] temporary = PathBytes.of(System.getProperty("java.io.tmpdir", "/tmp"));
        byte[] name =
                PathBytes.of("veneer" + NAME + "-" + ProcessHandle.current().pid() + "-" + SEQUENCE.incrementAndGet());
        try (Fd directory =
                new Fd(calls, calls.openat2(Abi.AT_FDCWD, temporary, Abi.O_RDONLY | Abi.O_DIRECTORY, 0, 0))) {
            return there(calls, directory.number(), name);
        }
    }

    private static ScratchFile there(LinuxCalls calls, int directory, byte[] name) throws LinuxException {
        long flags = Abi.O_RDWR | Abi.O_TMPFILE | Abi.O_EXCL;
        try {
            return new ScratchFile(calls, calls.openat2(directory, new byte[] {'.'}, flags, 0600, Abi.RESOLVE_BENEATH));
        } catch (LinuxException e) {
            if (e.is(Errno.EOPNOTSUPP, Errno.EISDIR)) {
                return named(calls, directory, name);
            }
            throw e;
        }
    }

    private static ScratchFile named(LinuxCalls calls, int directory, byte[] name) throws LinuxException {
        for (int attempt = 1; ; attempt++) {
            try {
                int fd = calls.openat2(
                        directory, name, Abi.O_RDWR | Abi.O_CREAT | Abi.O_EXCL, 0600, Abi.RESOLVE_BENEATH);
                try {
                    removeName(calls, directory, name);
                } catch (LinuxException e) {
                    calls.close(fd);
                    throw e;
                }
                return new ScratchFile(calls, fd);
            } catch (LinuxException e) {
                if (!e.is(Errno.EEXIST) || attempt == ATTEMPTS) {
                    throw e;
                }
                // Of a process that was killed between the two calls, or that is between them: it needs no name either.
                removeName(calls, directory, name);
            }
        }
    }

    private static void removeName(LinuxCalls calls, int directory, byte[] name) throws LinuxException {
        try {
            calls.unlinkat(directory, name, 0);
        } catch (LinuxException e) {
            if (!e.is(Errno.ENOENT)) {
                throw e;
            }
        }
    }

    /** Its descriptor, for who writes all of it from its beginning. */
    public int number() {
        return fd;
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
