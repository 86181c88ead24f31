package dev.veneer.node.image;

import dev.veneer.api.Reason;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.linux.Statx;
import dev.veneer.node.tree.SafeOpen;
import dev.veneer.node.tree.TreePath;
import dev.veneer.node.tree.TreeWalker;
import java.nio.ByteBuffer;

/** Copies the contents of regular files: cloned where the file system can, else by bytes, holes kept. */
final class ContentCopy {
    private static final long INSIDE = Abi.RESOLVE_BENEATH | Abi.RESOLVE_NO_SYMLINKS | Abi.RESOLVE_NO_XDEV;

    private final ImportSession session;
    private final LinuxCalls calls;
    private final ByteBuffer direct = ByteBuffer.allocateDirect(256 * 1024);
    private final byte[] heap = new byte[256 * 1024];
    private boolean clones = true;

    ContentCopy(ImportSession session) {
        this.session = session;
        this.calls = session.calls();
    }

    /** An open file that is copied. */
    final class Source implements AutoCloseable {
        private final int fd;
        private final byte[] path;
        private final Statx before = new Statx();

        private Source(int fd, byte[] path) {
            this.fd = fd;
            this.path = path;
        }

        private void saw(Statx stat) {
            before.ino = stat.ino;
            before.size = stat.size;
            before.mtimeSec = stat.mtimeSec;
            before.mtimeNsec = stat.mtimeNsec;
            before.ctimeSec = stat.ctimeSec;
            before.ctimeNsec = stat.ctimeNsec;
        }

        /** Whether it is still the file that the walk saw, unchanged. */
        void requireUnchanged() throws LinuxException, NodeException {
            Statx now = new Statx();
            calls.statx(fd, PathBytes.EMPTY, Abi.AT_EMPTY_PATH, Abi.STATX_BASIC_STATS, now);
            require(now);
        }

        private void require(Statx now) throws NodeException {
            boolean same = now.ino == before.ino
                    && now.isRegular()
                    && now.size == before.size
                    && now.mtimeSec == before.mtimeSec
                    && now.mtimeNsec == before.mtimeNsec
                    && now.ctimeSec == before.ctimeSec
                    && now.ctimeNsec == before.ctimeNsec;
            if (!same) {
                throw new NodeException(
                        Reason.FetchFailed,
                        Follow.RETRY,
                        TreePath.show(path) + " changed while it was imported: keep the directory still meanwhile");
            }
        }

        @Override
        public void close() {
            calls.close(fd);
        }
    }

    /** Opens a regular file that a walk visits. */
    Source open(TreeWalker.Entry entry) throws LinuxException, NodeException {
        int fd = calls.openat2(entry.parent(), entry.name(), Abi.O_RDONLY | Abi.O_NOFOLLOW | Abi.O_NONBLOCK, 0, INSIDE);
        Source source = new Source(fd, entry.path());
        boolean good = false;
        try {
            source.saw(entry.stat());
            source.requireUnchanged();
            good = true;
            return source;
        } finally {
            if (!good) {
                source.close();
            }
        }
    }

    /**
     * Opens a regular file by the last component of its path.
     *
     * @param parent descriptor of the directory that holds it
     * @param stat gets what the opened file is
     */
    Source open(int parent, byte[] path, Statx stat) throws LinuxException {
        Source source = new Source(new SafeOpen(calls).regular(parent, TreePath.name(path), stat), path);
        source.saw(stat);
        return source;
    }

    /** Copies all of it into a file that was just begun, and digests it. */
    void copy(Source source, FileWriter file) throws LinuxException, NodeException {
        long size = source.before.size;
        boolean cloned = size > 0 && cloned(source.fd, file.descriptor());
        for (long at = 0; at < size; ) {
            long data = seek(source.fd, at, Abi.SEEK_DATA, size);
            long hole = data < size ? seek(source.fd, data, Abi.SEEK_HOLE, size) : size;
            file.hole(data);
            read(source, file, data, hole, cloned);
            at = hole;
        }
    }

    private void read(Source source, FileWriter file, long from, long to, boolean cloned)
            throws LinuxException, NodeException {
        for (long at = from; at < to; ) {
            direct.clear().limit((int) Math.min(direct.capacity(), to - at));
            int count = pread(source, at);
            direct.get(0, heap, 0, count);
            if (cloned) {
                file.cloned(heap, 0, count);
            } else {
                file.write(heap, 0, count);
            }
            at += count;
            session.readBytes().addAndGet(count);
            session.checkpoint();
        }
    }

    private int pread(Source source, long at) throws NodeException {
        try {
            int count = calls.pread(source.fd, direct, at);
            if (count <= 0) {
                source.requireUnchanged();
                throw new LinuxException("pread", Errno.EIO, TreePath.show(source.path));
            }
            return count;
        } catch (LinuxException e) {
            throw new NodeException(
                    Reason.FetchFailed,
                    Follow.RETRY,
                    "cannot read " + TreePath.show(source.path) + " of the directory: " + e.getMessage(),
                    e);
        }
    }

    /** The next data or hole; the end where the kernel says there is none. */
    private long seek(int fd, long from, int whence, long size) throws LinuxException {
        try {
            return Math.min(size, calls.lseek(fd, from, whence));
        } catch (LinuxException e) {
            if (e.is(Errno.ENXIO)) {
                return size;
            }
            if (e.is(Errno.EINVAL)) {
                return whence == Abi.SEEK_DATA ? from : size;
            }
            throw e;
        }
    }

    private boolean cloned(int from, int to) throws LinuxException {
        if (!clones) {
            return false;
        }
        try {
            calls.ioctl(to, Abi.FICLONE, from);
            return true;
        } catch (LinuxException e) {
            if (e.is(Errno.EOPNOTSUPP, Errno.EXDEV, Errno.EINVAL, Errno.ENOTTY)) {
                clones = false;
                return false;
            }
            throw e;
        }
    }
}
