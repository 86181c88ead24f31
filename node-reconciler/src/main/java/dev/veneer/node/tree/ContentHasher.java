package dev.veneer.node.tree;

import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.Sha256;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/** SHA-256 of files' contents. Not for several threads at once. */
public final class ContentHasher {
    private static final byte[] ZEROS = new byte[64 * 1024];

    private final LinuxCalls calls;
    private final LongWork work = LongWork.current();
    private final MessageDigest sha256 = sha256();
    private @Nullable ByteBuffer taken;

    public ContentHasher(LinuxCalls calls) {
        this.calls = calls;
    }

    /** Native memory, which who only might have to hash something does not take. */
    private ByteBuffer buffer() {
        ByteBuffer buffer = taken;
        if (buffer == null) {
            buffer = ByteBuffer.allocateDirect(256 * 1024);
            taken = buffer;
        }
        return buffer;
    }

    /** A fresh SHA-256. */
    public static MessageDigest sha256() {
        return Sha256.create();
    }

    /** Feeds a digest with zeros, as a hole reads. */
    public static void updateZeros(MessageDigest digest, long count) {
        for (long left = count; left > 0; left -= Math.min(left, ZEROS.length)) {
            digest.update(ZEROS, 0, (int) Math.min(left, ZEROS.length));
        }
    }

    /**
     * The digest of a regular file's content.
     *
     * @param parent descriptor of its directory
     * @param name its name there
     * @param size how long it was last seen to be
     */
    public Bytes hash(int parent, byte[] name, long size) throws LinuxException {
        int fd = open(parent, name);
        try {
            return hash(fd, size);
        } finally {
            calls.close(fd);
        }
    }

    /**
     * The same, but reading no further than to where the end was seen, so that a file that somebody makes longer and
     * longer is not read for ever.
     *
     * @return empty when it is longer now
     */
    public Bytes hashOnly(int parent, byte[] name, long size) throws LinuxException {
        return hashOnly(parent, name, size, sha256);
    }

    /** The same by another algorithm. */
    public Bytes hashOnly(int parent, byte[] name, long size, MessageDigest algorithm) throws LinuxException {
        ByteBuffer buffer = buffer();
        int fd = open(parent, name);
        try {
            algorithm.reset();
            for (long at = 0; at <= size; ) {
                buffer.clear().limit((int) Math.min(buffer.capacity(), size - at + 1));
                int count = calls.pread(fd, buffer, at);
                if (count <= 0) {
                    return Bytes.wrap(algorithm.digest());
                }
                at += count;
                work.bytes(count);
                algorithm.update(buffer.flip());
            }
            return Bytes.EMPTY;
        } finally {
            calls.close(fd);
        }
    }

    private int open(int parent, byte[] name) throws LinuxException {
        return calls.openat2(
                parent,
                name,
                Abi.O_RDONLY | Abi.O_NOFOLLOW | Abi.O_NONBLOCK,
                0,
                Abi.RESOLVE_BENEATH | Abi.RESOLVE_NO_SYMLINKS | Abi.RESOLVE_NO_XDEV);
    }

    /**
     * The digest of what an open file holds from its beginning to its end.
     *
     * @param size how long it was last seen to be: saves asking once more for what comes after the end
     */
    public Bytes hash(int fd, long size) throws LinuxException {
        ByteBuffer buffer = buffer();
        sha256.reset();
        long at = 0;
        while (true) {
            buffer.clear();
            int count = calls.pread(fd, buffer, at);
            at += Math.max(count, 0);
            work.bytes(Math.max(count, 0));
            sha256.update(buffer.flip());
            // Only less than was asked for, exactly where the end was seen, is the end for sure.
            if (count <= 0 || (count < buffer.capacity() && at == size)) {
                return Bytes.wrap(sha256.digest());
            }
        }
    }
}
