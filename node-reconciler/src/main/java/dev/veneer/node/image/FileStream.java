package dev.veneer.node.image;

import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.linux.Statx;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;

/** Reads a regular file, or a part of one, through system calls of ours. */
final class FileStream extends InputStream {
    private static final long OPEN = Abi.O_RDONLY | Abi.O_NONBLOCK;

    private final LinuxCalls calls;
    private final int fd;
    private final boolean own;
    private final String shown;
    private final AtomicLong counter;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(256 * 1024).limit(0);
    private final long end;
    private long position;
    private boolean closed;

    private FileStream(
            LinuxCalls calls, int fd, boolean own, String shown, long position, long end, AtomicLong counter) {
        this.calls = calls;
        this.fd = fd;
        this.own = own;
        this.shown = shown;
        this.position = position;
        this.end = end;
        this.counter = counter;
    }

    /**
     * Opens a file that its user named; links are followed.
     *
     * @param counter gets the bytes read added
     */
    static FileStream open(LinuxCalls calls, String path, AtomicLong counter) throws SourceException {
        try {
            // Non-blocking, since opening a FIFO would wait for a writer.
            int fd = calls.openat2(Abi.AT_FDCWD, PathBytes.of(path), OPEN, 0, 0);
            boolean opened = false;
            try {
                FileStream stream = new FileStream(calls, fd, true, path, 0, size(calls, fd, path), counter);
                opened = true;
                return stream;
            } finally {
                if (!opened) {
                    calls.close(fd);
                }
            }
        } catch (LinuxException e) {
            throw new SourceException("cannot read " + path + ": " + e.getMessage(), e);
        }
    }

    /** Opens a file below a directory, following no link. */
    static FileStream below(LinuxCalls calls, int directory, String name, String shown, AtomicLong counter)
            throws LinuxException, SourceException {
        long resolve = Abi.RESOLVE_BENEATH | Abi.RESOLVE_NO_SYMLINKS;
        int fd = calls.openat2(directory, PathBytes.of(name), OPEN, 0, resolve);
        boolean opened = false;
        try {
            FileStream stream = new FileStream(calls, fd, true, shown, 0, size(calls, fd, shown), counter);
            opened = true;
            return stream;
        } finally {
            if (!opened) {
                calls.close(fd);
            }
        }
    }

    /** A part of an open file, whose descriptor stays the caller's. */
    static FileStream part(LinuxCalls calls, int fd, String shown, long offset, long length, AtomicLong counter) {
        return new FileStream(calls, fd, false, shown, offset, offset + length, counter);
    }

    /** The size of an open file, which has to be a regular one. */
    static long size(LinuxCalls calls, int fd, String shown) throws LinuxException, SourceException {
        Statx stat = new Statx();
        calls.statx(fd, PathBytes.EMPTY, Abi.AT_EMPTY_PATH, Abi.STATX_BASIC_STATS, stat);
        if (!stat.isRegular()) {
            throw new SourceException(shown + " is not a regular file");
        }
        return stat.size;
    }

    /** Bytes that are left. */
    long remaining() {
        return end - position + buffer.remaining();
    }

    @Override
    public int read() throws SourceException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws SourceException {
        if (length == 0) {
            return 0;
        }
        if (!buffer.hasRemaining() && !fill()) {
            return -1;
        }
        int count = Math.min(length, buffer.remaining());
        buffer.get(into, offset, count);
        return count;
    }

    /** Goes on without reading what is between. */
    @Override
    public long skip(long count) {
        if (count <= 0) {
            return 0;
        }
        int buffered = (int) Math.min(count, buffer.remaining());
        buffer.position(buffer.position() + buffered);
        long further = Math.min(count - buffered, end - position);
        position += further;
        return buffered + further;
    }

    private boolean fill() throws SourceException {
        if (position >= end) {
            return false;
        }
        buffer.clear().limit((int) Math.min(buffer.capacity(), end - position));
        int count;
        try {
            count = calls.pread(fd, buffer, position);
        } catch (LinuxException e) {
            throw new SourceException("cannot read " + shown + ": " + e.getMessage(), e);
        }
        buffer.flip();
        if (count <= 0) {
            throw new SourceException(shown + " became shorter while it was read");
        }
        position += count;
        counter.addAndGet(count);
        return true;
    }

    @Override
    public void close() {
        if (own && !closed) {
            calls.close(fd);
        }
        closed = true;
    }
}
