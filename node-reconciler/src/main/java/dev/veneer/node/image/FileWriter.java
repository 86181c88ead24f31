package dev.veneer.node.image;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.Statx;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.ContentHasher;
import java.nio.ByteBuffer;
import java.security.MessageDigest;

/**
 * Writes the content of one regular file after another, digesting it on the way. Holes are left out of the file and
 * digested as zeros.
 */
final class FileWriter implements AutoCloseable {
    private static final int NONE = -1;
    private static final long HOLE_STEP = 64L << 20;
    /** From this size on, the disk is given a file when it ends: most bytes of a tree are in few, large files. */
    private static final long LARGE = 256 * 1024;

    private final ImportSession session;
    private final LinuxCalls calls;
    private final AttributeWriter attributes;
    private final MessageDigest sha256 = ContentHasher.sha256();
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(256 * 1024);

    private int fd = NONE;
    private byte[] path = {};
    private Metadata metadata = Metadata.IMPLIED;
    private long size;
    /** Where the buffer's first byte goes. */
    private long written;
    /** How long the file is so far. */
    private long end;

    private long position;

    FileWriter(ImportSession session, AttributeWriter attributes) {
        this.session = session;
        this.calls = session.calls();
        this.attributes = attributes;
    }

    /** @param created the file's descriptor, which is closed here */
    void begin(int created, byte[] of, Metadata its, long logicalSize) {
        fd = created;
        path = of;
        metadata = its;
        size = logicalSize;
        written = 0;
        end = 0;
        position = 0;
        buffer.clear();
        sha256.reset();
    }

    /** The file's descriptor, until it is finished. */
    int descriptor() {
        return fd;
    }

    /** Where the next byte goes. */
    long position() {
        return position;
    }

    int flags() {
        return metadata.flags();
    }

    void write(byte[] bytes, int from, int count) throws LinuxException, NodeException {
        if (count > size - position) {
            throw Refusals.entry(path, "has more content than its size");
        }
        position += count;
        int at = from;
        int left = count;
        while (left > 0) {
            int part = Math.min(left, buffer.remaining());
            buffer.put(bytes, at, part);
            at += part;
            left -= part;
            if (!buffer.hasRemaining()) {
                flush();
            }
        }
    }

    /** Digests content that got into the file by other means, at the position. */
    void cloned(byte[] bytes, int from, int count) {
        sha256.update(bytes, from, count);
        position += count;
        written = position;
        end = position;
    }

    /** Leaves out everything up to an offset. */
    void hole(long to) throws LinuxException, NodeException {
        if (to < position || to > size) {
            throw Refusals.entry(path, "has a map of holes that does not fit its size");
        }
        flush();
        while (position < to) {
            long step = Math.min(HOLE_STEP, to - position);
            ContentHasher.updateZeros(sha256, step);
            position += step;
            session.checkpoint();
        }
        written = to;
    }

    private void flush() throws LinuxException {
        buffer.flip();
        // Where it lies, outside the heap: libcrypto would copy it there first.
        sha256.update(buffer.duplicate());
        while (buffer.hasRemaining()) {
            written += calls.pwrite(fd, buffer, written);
            end = written;
        }
        buffer.clear();
    }

    /**
     * Ends the file and closes it.
     *
     * @param stat gets what the kernel says of it
     * @return the digest of its content
     */
    Bytes finish(Statx stat) throws LinuxException, NodeException {
        if (position < size) {
            hole(size);
        }
        flush();
        if (end < size) {
            calls.ftruncate(fd, size);
        }
        attributes.apply(fd, metadata, false, stat);
        if (written >= LARGE) {
            calls.startWriting(fd);
        }
        close();
        return Bytes.wrap(sha256.digest());
    }

    @Override
    public void close() {
        if (fd != NONE) {
            calls.close(fd);
            fd = NONE;
        }
    }
}
