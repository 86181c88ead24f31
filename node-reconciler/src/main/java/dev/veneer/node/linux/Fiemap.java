package dev.veneer.node.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Where a file's bytes lie on the disk, by {@code FS_IOC_FIEMAP} (layout: {@code linux/fiemap.h}). One object serves one
 * thread and any number of files, one after the other.
 */
public final class Fiemap {
    private static final long FS_IOC_FIEMAP = 0xc020660bL;
    private static final int HEADER = 32;
    private static final int EXTENT = 56;
    private static final int EXTENTS = 128;
    private static final int FLAGS_AT = 40;

    /** Write back first: what is only in memory yet would show the blocks that it is about to replace. */
    private static final int SYNC = 1;

    /** The last extent of the file. */
    private static final int LAST = 1;

    /**
     * No place on the disk is known: not allocated yet, or in the inode itself. Of what is compressed only where all of it
     * begins is told, not which part this is.
     */
    private static final int NO_PLACE = 0x2 | 0x4 | 0x8 | 0x200;

    private static final int SHARED = 0x2000;

    /**
     * One a thread: a thousand slivers are measured one after the other, and native memory is given back only when the
     * collector happens to run.
     */
    private static final ThreadLocal<ByteBuffer> BUFFER = ThreadLocal.withInitial(
            () -> ByteBuffer.allocateDirect(HEADER + EXTENTS * EXTENT).order(ByteOrder.nativeOrder()));

    private final LinuxCalls calls;

    public Fiemap(LinuxCalls calls) {
        this.calls = calls;
    }

    /** Sees one extent after another, in the order of the file. Must not list another file's meanwhile. */
    @FunctionalInterface
    public interface Visitor {
        /**
         * An extent.
         *
         * @param logical offset in the file
         * @param physical place on the disk, or -1 when there is none that could be compared
         * @param length in bytes
         * @param shared whether other files have these bytes too
         */
        void extent(long logical, long physical, long length, boolean shared);
    }

    /**
     * Lists a regular file's extents; holes are left out.
     *
     * @throws LinuxException {@code EOPNOTSUPP} or {@code ENOTTY} where the file system cannot tell
     */
    public void list(int fd, Visitor visitor) throws LinuxException {
        ByteBuffer buffer = BUFFER.get();
        long from = 0;
        while (true) {
            buffer.clear();
            buffer.putLong(0, from)
                    .putLong(8, -1L - from)
                    .putInt(16, SYNC)
                    .putInt(20, 0)
                    .putInt(24, EXTENTS);
            buffer.putInt(28, 0);
            calls.ioctl(fd, FS_IOC_FIEMAP, buffer);
            int count = buffer.getInt(20);
            for (int i = 0; i < count; i++) {
                int at = HEADER + i * EXTENT;
                int flags = buffer.getInt(at + FLAGS_AT);
                long logical = buffer.getLong(at);
                long length = buffer.getLong(at + 16);
                long physical = (flags & NO_PLACE) != 0 ? -1 : buffer.getLong(at + 8);
                visitor.extent(logical, physical, length, (flags & SHARED) != 0);
                if ((flags & LAST) != 0 || logical + length <= from) {
                    return;
                }
                from = logical + length;
            }
            if (count == 0) {
                return;
            }
        }
    }
}
