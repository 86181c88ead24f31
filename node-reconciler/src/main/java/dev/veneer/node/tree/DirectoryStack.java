package dev.veneer.node.tree;

import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.linux.Statx;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * The way from a tree's root down to one directory, as open descriptors. However deep the tree, at most
 * {@value #OPEN_AT_ONCE} of them are open: the upper ones are closed on the way down and opened again through
 * {@code ..} on the way up, at the position to which they were read, where device and inode number prove that it is
 * the same directory. One that was moved meanwhile is reported as {@code ESTALE}, never followed.
 */
public final class DirectoryStack implements AutoCloseable {
    private static final int OPEN_AT_ONCE = 64;
    private static final byte[] PARENT = {'.', '.'};
    private static final long RESOLVE_PARENT =
            Abi.RESOLVE_NO_SYMLINKS | Abi.RESOLVE_NO_MAGICLINKS | Abi.RESOLVE_NO_XDEV;

    private static final class Level {
        final byte[] name;
        int fd;
        long dev;
        long ino;
        long position;

        Level(byte[] name, int fd) {
            this.name = name;
            this.fd = fd;
        }
    }

    private final LinuxCalls calls;
    private final SafeOpen open;
    private final int root;
    private final List<Level> levels = new ArrayList<>();
    private final Statx stat = new Statx();
    /** Index of the uppermost level whose descriptor is open; all below it are. */
    private int firstOpen;

    /** @param root an open directory, which stays the caller's to close */
    public DirectoryStack(LinuxCalls calls, int root) {
        this.calls = calls;
        this.open = new SafeOpen(calls);
        this.root = root;
    }

    /** The directory at the bottom; valid until the next {@link #push} or {@link #pop}. */
    public int fd() {
        return levels.isEmpty() ? root : levels.get(levels.size() - 1).fd;
    }

    /** How many names below the root. */
    public int depth() {
        return levels.size();
    }

    /** The last name of the way; the stack must not be at the root. */
    public byte[] name() {
        return levels.get(levels.size() - 1).name;
    }

    /** Goes down by one name, which must be a real directory on the same mount. */
    public void push(byte[] name) throws LinuxException {
        int fd = open.directory(fd(), name);
        try {
            if (levels.size() - firstOpen >= OPEN_AT_ONCE) {
                Level oldest = levels.get(firstOpen);
                identify(oldest.fd);
                oldest.dev = stat.dev();
                oldest.ino = stat.ino;
                oldest.position = calls.lseek(oldest.fd, 0, Abi.SEEK_CUR);
                calls.close(oldest.fd);
                oldest.fd = -1;
                firstOpen++;
            }
        } catch (LinuxException e) {
            calls.close(fd);
            throw e;
        }
        levels.add(new Level(name, fd));
    }

    /** Goes up by one. */
    public void pop() throws LinuxException {
        int last = levels.size() - 1;
        Level child = levels.get(last);
        if (last > 0 && levels.get(last - 1).fd < 0) {
            reopenParent(child, levels.get(last - 1));
            firstOpen = last - 1;
        }
        levels.remove(last);
        calls.close(child.fd);
        firstOpen = Math.min(firstOpen, levels.size());
    }

    private void reopenParent(Level child, Level parent) throws LinuxException {
        int fd = calls.openat2(child.fd, PARENT, Abi.O_RDONLY | Abi.O_DIRECTORY, 0, RESOLVE_PARENT);
        try {
            identify(fd);
            if (stat.dev() != parent.dev || stat.ino != parent.ino) {
                throw new LinuxException("openat2", Errno.ESTALE, PathBytes.show(path()) + "/.. was moved");
            }
            calls.lseek(fd, parent.position, Abi.SEEK_SET);
            parent.fd = fd;
        } finally {
            if (parent.fd != fd) {
                calls.close(fd);
            }
        }
    }

    private void identify(int fd) throws LinuxException {
        calls.statx(fd, PathBytes.EMPTY, Abi.AT_EMPTY_PATH, Abi.STATX_BASIC_STATS, stat);
    }

    /** The names from the root, joined by slashes; empty at the root. May be longer than the kernel takes. */
    public byte[] path() {
        return path(PathBytes.EMPTY);
    }

    /** The path of a name in the directory at the bottom. */
    public byte[] path(byte[] name) {
        ByteArrayOutputStream path = new ByteArrayOutputStream();
        for (Level level : levels) {
            append(path, level.name);
        }
        append(path, name);
        return path.toByteArray();
    }

    private static void append(ByteArrayOutputStream path, byte[] name) {
        if (name.length > 0) {
            if (path.size() > 0) {
                path.write('/');
            }
            path.writeBytes(name);
        }
    }

    /** Closes all descriptors but the root's. */
    @Override
    public void close() {
        for (Level level : levels) {
            if (level.fd >= 0) {
                calls.close(level.fd);
            }
        }
        levels.clear();
        firstOpen = 0;
    }
}
