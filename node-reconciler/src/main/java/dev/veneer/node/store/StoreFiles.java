package dev.veneer.node.store;

import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.DirectoryReader;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.linux.Statx;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Files of a store by paths relative to its root. Only for what is Veneer's own: directories that are 0700 root, whose
 * names {@link StoreLayout} gives; never for what lies inside a writable store or a base. Links are not followed.
 */
final class StoreFiles {
    private static final long RESOLVE = Abi.RESOLVE_BENEATH | Abi.RESOLVE_NO_SYMLINKS | Abi.RESOLVE_NO_MAGICLINKS;

    private final LinuxCalls calls;
    private final int root;
    private final ThreadLocal<DirectoryReader> readers;

    /**
     * @param root descriptor of the store's root; stays the caller's
     */
    StoreFiles(LinuxCalls calls, int root) {
        this.calls = calls;
        this.root = root;
        this.readers = ThreadLocal.withInitial(() -> new DirectoryReader(calls));
    }

    LinuxCalls calls() {
        return calls;
    }

    int root() {
        return root;
    }

    static byte[] name(String path) {
        return PathBytes.of(path);
    }

    int open(String path, long flags) throws LinuxException {
        return open(path, flags, 0);
    }

    int open(String path, long flags, int mode) throws LinuxException {
        return calls.openat2(root, name(path), flags | Abi.O_NOFOLLOW | Abi.O_CLOEXEC, mode, RESOLVE);
    }

    int openDirectory(String path) throws LinuxException {
        return path.isEmpty()
                ? calls.openat2(root, name("."), Abi.O_RDONLY | Abi.O_DIRECTORY, 0, RESOLVE)
                : open(path, Abi.O_RDONLY | Abi.O_DIRECTORY);
    }

    /** The whole file; {@code EFBIG} when it is longer than the limit, {@code ENOENT} when it isn't there. */
    byte[] read(String path, int limit) throws LinuxException {
        // O_NONBLOCK: somebody may have put a FIFO there
        int fd = open(path, Abi.O_RDONLY | Abi.O_NONBLOCK);
        try {
            Statx stat = new Statx();
            calls.statx(fd, PathBytes.EMPTY, Abi.AT_EMPTY_PATH, Abi.STATX_BASIC_STATS, stat);
            if (!stat.isRegular()) {
                throw new LinuxException("read", stat.isDirectory() ? Errno.EISDIR : Errno.EINVAL, path);
            }
            if (stat.size > limit) {
                throw new LinuxException("read", Errno.EFBIG, path);
            }
            ByteBuffer buffer = ByteBuffer.allocate((int) stat.size + 1);
            while (buffer.hasRemaining() && calls.read(fd, buffer) > 0) {
                // until the end, or one byte more than there was
            }
            byte[] content = new byte[buffer.position()];
            buffer.flip().get(content);
            return content;
        } finally {
            calls.close(fd);
        }
    }

    /**
     * Writes a file, new or emptied, 0600, and tells by what it is recognised.
     *
     * @param early whether the kernel is to begin writing it to the disk, which is not waited for
     */
    Stamp writeStamped(String path, byte[] content, boolean early) throws LinuxException {
        Statx stat = new Statx();
        write(path, content, fd -> {
            calls.statx(fd, PathBytes.EMPTY, Abi.AT_EMPTY_PATH, Abi.STATX_BASIC_STATS, stat);
            if (early) {
                calls.startWriting(fd);
            }
        });
        return Stamp.of(stat);
    }

    /** Writes a file, new or emptied, 0600; waits for the disk when asked to. */
    void write(String path, byte[] content, boolean sync) throws LinuxException {
        write(path, content, fd -> {
            if (sync) {
                calls.fsync(fd);
            }
        });
    }

    /** What is done with a file after it was written. */
    private interface Written {
        void with(int fd) throws LinuxException;
    }

    private void write(String path, byte[] content, Written then) throws LinuxException {
        int fd = open(path, Abi.O_WRONLY | Abi.O_CREAT | Abi.O_TRUNC, 0600);
        try {
            ByteBuffer buffer = ByteBuffer.wrap(content);
            while (buffer.hasRemaining()) {
                calls.write(fd, buffer);
            }
            then.with(fd);
        } finally {
            calls.close(fd);
        }
    }

    /** Makes a directory; false when one is there already. */
    boolean makeDirectory(String path, int mode) throws LinuxException {
        try {
            calls.mkdirat(root, name(path), mode);
            return true;
        } catch (LinuxException e) {
            if (e.is(Errno.EEXIST)) {
                return false;
            }
            throw e;
        }
    }

    void rename(String from, String to, int flags) throws LinuxException {
        calls.renameat2(root, name(from), root, name(to), flags);
    }

    /** Removes a file; false when there was none. */
    boolean remove(String path) throws LinuxException {
        return unlink(path, 0);
    }

    /** Removes an empty directory; false when there was none. */
    boolean removeDirectory(String path) throws LinuxException {
        return unlink(path, Abi.AT_REMOVEDIR);
    }

    private boolean unlink(String path, int flags) throws LinuxException {
        try {
            calls.unlinkat(root, name(path), flags);
            return true;
        } catch (LinuxException e) {
            if (e.is(Errno.ENOENT)) {
                return false;
            }
            throw e;
        }
    }

    /** Fills the object; false when there is nothing of that name. */
    boolean stat(String path, Statx into) throws LinuxException {
        return stat(root, name(path), into);
    }

    boolean stat(int directory, byte[] name, Statx into) throws LinuxException {
        try {
            calls.statx(directory, name, Abi.AT_SYMLINK_NOFOLLOW, Abi.STATX_BASIC_STATS, into);
            return true;
        } catch (LinuxException e) {
            if (e.is(Errno.ENOENT, Errno.ENOTDIR)) {
                return false;
            }
            throw e;
        }
    }

    boolean exists(String path) throws LinuxException {
        return stat(path, new Statx());
    }

    void syncDirectory(String path) throws LinuxException {
        int fd = openDirectory(path);
        try {
            calls.fsync(fd);
        } finally {
            calls.close(fd);
        }
    }

    /** The names in a directory, in no order; empty when there is no such directory. */
    List<String> list(String path) throws LinuxException {
        int fd;
        try {
            fd = openDirectory(path);
        } catch (LinuxException e) {
            if (e.is(Errno.ENOENT)) {
                return List.of();
            }
            throw e;
        }
        try {
            return list(fd);
        } finally {
            calls.close(fd);
        }
    }

    /** The names in an open directory that nothing was read of before. */
    List<String> list(int directory) throws LinuxException {
        List<String> names = new ArrayList<>();
        DirectoryReader reader = readers.get();
        reader.start(directory);
        while (reader.next()) {
            names.add(new String(reader.name(), StandardCharsets.UTF_8));
        }
        return names;
    }
}
