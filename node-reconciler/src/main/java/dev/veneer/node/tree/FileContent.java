package dev.veneer.node.tree;

import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.Fiemap;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The content of regular files: copied with the cheapest means that works (sharing the blocks, then copying inside the
 * kernel, then reading and writing), and compared. What a file system pair cannot do is tried once an object.
 */
public final class FileContent {
    private static final int BUFFER = 256 * 1024;

    /** An owner can make as many as a file has blocks; with more, reading is no worse. */
    private static final int MOST_EXTENTS = 10_000;
    /** So large that a call costs nothing, and so small that its end is soon: how far a copy is is told between two. */
    private static final long KERNEL_STEP = 1L << 27;

    private final LinuxCalls calls;
    private final LongWork work = LongWork.current();
    private final Fiemap fiemap;
    private final ByteBuffer first = ByteBuffer.allocateDirect(BUFFER);
    private final ByteBuffer second = ByteBuffer.allocateDirect(BUFFER);
    private boolean clones = true;
    private boolean copiesInKernel = true;
    private boolean mapsExtents = true;

    public FileContent(LinuxCalls calls) {
        this.calls = calls;
        this.fiemap = new Fiemap(calls);
    }

    /** Fills an empty file with the first {@code size} bytes of another. Holes stay holes. */
    public void copy(int from, long size, int to) throws LinuxException {
        if (size == 0 || cloned(from, size, to)) {
            return;
        }
        calls.ftruncate(to, size);
        long at = 0;
        while (at < size) {
            long data = seek(from, at, Abi.SEEK_DATA, size);
            if (data >= size) {
                return;
            }
            long hole = seek(from, data, Abi.SEEK_HOLE, size);
            copyRange(from, to, data, Math.min(hole, size));
            at = hole;
        }
    }

    private boolean cloned(int from, long size, int to) throws LinuxException {
        if (!clones) {
            return false;
        }
        try {
            calls.ioctl(to, Abi.FICLONE, from);
            work.bytes(size);
            return true;
        } catch (LinuxException e) {
            // EINVAL is about this one file (another checksum setting, say), the others about the file systems.
            if (e.is(Errno.EXDEV, Errno.EOPNOTSUPP, Errno.ENOTTY)) {
                clones = false;
            } else if (!e.is(Errno.EINVAL)) {
                throw e;
            }
            return false;
        }
    }

    /** The next data or hole; {@code ENXIO} means that only a hole follows. */
    private long seek(int fd, long at, int whence, long size) throws LinuxException {
        try {
            return calls.lseek(fd, at, whence);
        } catch (LinuxException e) {
            if (e.is(Errno.ENXIO)) {
                return size;
            }
            if (e.is(Errno.EINVAL, Errno.EOPNOTSUPP)) {
                return whence == Abi.SEEK_DATA ? at : size;
            }
            throw e;
        }
    }

    private void copyRange(int from, int to, long begin, long end) throws LinuxException {
        long at = begin;
        while (copiesInKernel && at < end) {
            try {
                long copied = calls.copyFileRange(from, at, to, at, Math.min(end - at, KERNEL_STEP));
                if (copied == 0) {
                    throw shrank();
                }
                at += copied;
                work.bytes(copied);
            } catch (LinuxException e) {
                if (!e.is(Errno.EXDEV, Errno.EOPNOTSUPP, Errno.ENOSYS, Errno.EINVAL)) {
                    throw e;
                }
                copiesInKernel = false;
            }
        }
        while (at < end) {
            first.clear().limit((int) Math.min(BUFFER, end - at));
            if (calls.pread(from, first, at) == 0) {
                throw shrank();
            }
            first.flip();
            work.bytes(first.remaining());
            while (first.hasRemaining()) {
                at += calls.pwrite(to, first, at);
            }
        }
    }

    private static LinuxException shrank() {
        return new LinuxException("copy_file_range", Errno.ESTALE, "the file became shorter while it was copied");
    }

    /** Whether two files of this size have the same bytes: by their blocks where these are shared, else by reading. */
    public boolean equal(int a, int b, long size) throws LinuxException {
        return size == 0 || sameBlocks(a, b) || sameBytes(a, b, size);
    }

    /** Whether both files are made of the very same blocks: cheap, and true of what was cloned and left alone. */
    private boolean sameBlocks(int a, int b) throws LinuxException {
        if (!mapsExtents) {
            return false;
        }
        try {
            List<Long> extents = new ArrayList<>();
            boolean[] comparable = {true};
            fiemap.list(a, (logical, physical, length, shared) -> {
                comparable[0] &= physical >= 0 && shared && extents.size() < 3 * MOST_EXTENTS;
                if (comparable[0]) {
                    extents.add(logical);
                    extents.add(physical);
                    extents.add(length);
                }
            });
            if (!comparable[0] || extents.isEmpty()) {
                return false;
            }
            int[] at = {0};
            fiemap.list(b, (logical, physical, length, shared) -> {
                int i = at[0];
                at[0] += 3;
                comparable[0] &= i + 2 < extents.size()
                        && extents.get(i) == logical
                        && extents.get(i + 1) == physical
                        && extents.get(i + 2) == length;
            });
            return comparable[0] && at[0] == extents.size();
        } catch (LinuxException e) {
            if (e.is(Errno.EOPNOTSUPP, Errno.ENOTTY)) {
                mapsExtents = false;
                return false;
            }
            throw e;
        }
    }

    private boolean sameBytes(int a, int b, long size) throws LinuxException {
        long at = 0;
        while (at < size) {
            // What is a hole in both is the same; a file of one TiB that holds nothing takes no time. A small one is
            // read at once.
            at = size <= BUFFER ? at : Math.min(seek(a, at, Abi.SEEK_DATA, size), seek(b, at, Abi.SEEK_DATA, size));
            if (at >= size) {
                return true;
            }
            int step = (int) Math.min(BUFFER, size - at);
            if (fill(a, first, at, step) != fill(b, second, at, step) || !first.equals(second)) {
                return false;
            }
            if (first.limit() < step) {
                return true;
            }
            work.bytes(step);
            at += step;
        }
        return true;
    }

    private int fill(int fd, ByteBuffer buffer, long offset, int length) throws LinuxException {
        buffer.clear().limit(length);
        int got;
        do {
            got = calls.pread(fd, buffer, offset + buffer.position());
        } while (got > 0 && buffer.hasRemaining());
        buffer.flip();
        return buffer.limit();
    }
}
