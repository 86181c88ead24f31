package dev.veneer.node.image;

import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import java.util.Arrays;

/**
 * Descriptors of the directories on the way to the last path that was reached, since archives list what is in a
 * directory together. Each step opens one component, following nothing. Paths deeper than {@value #KEPT} components
 * are walked again from there each time, so that descriptors stay bounded.
 */
final class OpenDirectories implements AutoCloseable {
    private static final int KEPT = 64;
    private static final long OPEN = Abi.O_RDONLY | Abi.O_DIRECTORY | Abi.O_NOFOLLOW | Abi.O_NONBLOCK;
    private static final long INSIDE =
            Abi.RESOLVE_BENEATH | Abi.RESOLVE_NO_SYMLINKS | Abi.RESOLVE_NO_XDEV | Abi.RESOLVE_NO_MAGICLINKS;

    private final LinuxCalls calls;
    private final int root;
    private final int[] fds = new int[KEPT];
    private final int[] ends = new int[KEPT];
    private byte[] path = {};
    private int open;
    private int far = -1;

    /** What is done when a directory on the way does not exist. */
    interface Missing {
        /** Makes it, or throws. */
        void make(int parent, byte[] name, byte[] path) throws LinuxException;
    }

    /** @param root descriptor of the tree's root, which stays the caller's */
    OpenDirectories(LinuxCalls calls, int root) {
        this.calls = calls;
        this.root = root;
    }

    int root() {
        return root;
    }

    /** Opens a directory in a directory, following nothing. The descriptor is the caller's. */
    int openOne(int parent, byte[] name) throws LinuxException {
        return calls.openat2(parent, name, OPEN, 0, INSIDE);
    }

    /**
     * The descriptor of a directory of the tree, valid until the next call.
     *
     * @param directory its path
     * @param length how many bytes of the path count
     * @throws LinuxException {@code ELOOP} or {@code ENOTDIR} when something on the way is not a directory
     */
    int reach(byte[] directory, int length, Missing missing) throws LinuxException {
        closeFar();
        int same = common(directory, length);
        while (open > 0 && ends[open - 1] > same) {
            calls.close(fds[--open]);
        }
        int at = open == 0 ? 0 : ends[open - 1] + 1;
        int fd = open == 0 ? root : fds[open - 1];
        path = Arrays.copyOf(directory, length);
        while (at < length) {
            int end = at;
            while (end < length && directory[end] != '/') {
                end++;
            }
            int next = step(fd, Arrays.copyOfRange(directory, at, end), directory, end, missing);
            if (open < KEPT) {
                fds[open] = next;
                ends[open++] = end;
            } else {
                closeFar();
                far = next;
            }
            fd = next;
            at = end + 1;
        }
        return fd;
    }

    private int step(int parent, byte[] name, byte[] whole, int end, Missing missing) throws LinuxException {
        try {
            return openOne(parent, name);
        } catch (LinuxException e) {
            if (!e.is(Errno.ENOENT)) {
                throw e;
            }
        }
        missing.make(parent, name, Arrays.copyOf(whole, end));
        return openOne(parent, name);
    }

    /** Forgets a directory that was moved or replaced, and what is below it. */
    void forget(byte[] directory) {
        closeFar();
        while (open > 0
                && ends[open - 1] >= directory.length
                && common(directory, directory.length) == directory.length) {
            calls.close(fds[--open]);
        }
    }

    /** How many bytes of whole components the open directories share with a path. */
    private int common(byte[] directory, int length) {
        int limit = open == 0 ? 0 : ends[open - 1];
        int mismatch = Arrays.mismatch(path, 0, limit, directory, 0, Math.min(length, limit));
        int same = mismatch < 0 ? Math.min(limit, length) : mismatch;
        int whole = 0;
        for (int i = 0; i < open && ends[i] <= same; i++) {
            boolean endsThere = ends[i] == length || (ends[i] < length && directory[ends[i]] == '/');
            if (endsThere) {
                whole = ends[i];
            }
        }
        return whole;
    }

    private void closeFar() {
        if (far >= 0) {
            calls.close(far);
            far = -1;
        }
    }

    @Override
    public void close() {
        closeFar();
        while (open > 0) {
            calls.close(fds[--open]);
        }
    }
}
