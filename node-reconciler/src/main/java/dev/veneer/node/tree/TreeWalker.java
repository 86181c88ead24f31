package dev.veneer.node.tree;

import dev.veneer.api.Reason;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.Statx;
import java.util.ArrayList;
import java.util.List;

/**
 * Walks a tree in the order of a manifest: a directory, then what is in it, names sorted byte-wise.
 *
 * <p>Safe in a tree that somebody hostile made or is changing: by descriptor, one component at a time, without
 * following links, without crossing mounts or subvolumes, without recursion, with at most
 * {@value #OPEN_DIRECTORIES} descriptors open.
 */
public final class TreeWalker {
    private static final byte[] DOT = {'.'};
    private static final byte[] DOTS = {'.', '.'};
    private static final byte[] NO_NAME = {};
    private static final int OPEN_DIRECTORIES = 64;
    private static final int CLOSED = -1;
    private static final long OPEN = Abi.O_RDONLY | Abi.O_DIRECTORY | Abi.O_NOFOLLOW | Abi.O_NONBLOCK;
    private static final long INSIDE =
            Abi.RESOLVE_BENEATH | Abi.RESOLVE_NO_SYMLINKS | Abi.RESOLVE_NO_XDEV | Abi.RESOLVE_NO_MAGICLINKS;
    private static final int STATX_FIELDS = Abi.STATX_BASIC_STATS | Abi.STATX_MNT_ID;

    private final LinuxCalls calls;
    private final TreeLimits limits;
    private final boolean view;
    private final boolean inUse;
    private final Statx stat = new Statx();
    private final LongWork work = LongWork.current();
    private final List<Frame> stack = new ArrayList<>();
    private long entries;

    public TreeWalker(LinuxCalls calls, TreeLimits limits) {
        this(calls, limits, false, false);
    }

    private TreeWalker(LinuxCalls calls, TreeLimits limits, boolean view, boolean inUse) {
        this.inUse = inUse;
        this.calls = calls;
        this.limits = limits;
        this.view = view;
    }

    /**
     * A walker of an overlay's mounted view, which nobody changes: names that the overlay lists but does not have are left
     * out, and what it cannot give is refused with its path.
     */
    public static TreeWalker ofView(LinuxCalls calls, TreeLimits limits) {
        return new TreeWalker(calls, limits, true, false);
    }

    /** A walker of a tree in which programs work: what they take away while it is walked is left out. */
    public static TreeWalker beside(LinuxCalls calls, TreeLimits limits) {
        return new TreeWalker(calls, limits, false, true);
    }

    /**
     * A walker of an overlay's mounted view of what programs work in: what they take away is left out, and what the
     * overlay cannot give is refused with its path.
     */
    public static TreeWalker ofViewBeside(LinuxCalls calls, TreeLimits limits) {
        return new TreeWalker(calls, limits, true, true);
    }

    /** What is done with each path. */
    public interface Visitor {
        /**
         * A path, before what is below it.
         *
         * @param entry valid during this call only
         * @return for a directory, whether to go into it; else without meaning
         */
        boolean visit(Entry entry) throws LinuxException, NodeException;

        /** A directory that was gone into, after all that is below it. */
        default void leave(Entry directory) throws LinuxException, NodeException {}
    }

    /** A path that is being visited. */
    public static final class Entry {
        private final byte[] path;
        private final int depth;
        private final byte[] name;
        private final int parent;
        private final int directory;
        private final Statx stat;

        Entry(byte[] path, int depth, byte[] name, int parent, int directory, Statx stat) {
            this.path = path;
            this.depth = depth;
            this.name = name;
            this.parent = parent;
            this.directory = directory;
            this.stat = stat;
        }

        /** In the tree; the root is empty. */
        public byte[] path() {
            return path;
        }

        /** Its number of components. */
        public int depth() {
            return depth;
        }

        /** Its last component; empty for the root. */
        public byte[] name() {
            return name;
        }

        /** Descriptor of the directory that holds it; for the root, of the root itself. */
        public int parent() {
            return parent;
        }

        /** Descriptor of the directory itself; -1 for what is not one. */
        public int directory() {
            return directory;
        }

        /** What the kernel says of it. */
        public Statx stat() {
            return stat;
        }
    }

    private static final class Frame {
        final byte[] path;
        final DirectoryNames names;
        final long device;
        final long inode;
        int fd;
        int next;

        Frame(byte[] path, DirectoryNames names, int fd, Statx stat) {
            this.path = path;
            this.names = names;
            this.fd = fd;
            this.device = stat.dev();
            this.inode = stat.ino;
        }
    }

    /**
     * Walks the tree below an open directory; its descriptor stays the caller's.
     *
     * @throws NodeException {@code ContentRefused} for a mount or a subvolume in the tree, a tree beyond the limits, and
     *     whatever the visitor refuses; {@code Failed} when directories were moved during the walk
     */
    public void walk(int root, Visitor visitor) throws LinuxException, NodeException {
        // A descriptor of our own, so that reading the directory does not depend on where the caller's stands.
        int fd = calls.openat2(root, DOT, OPEN, 0, INSIDE);
        boolean pushed = false;
        entries = 1;
        try {
            calls.statx(fd, NO_NAME, Abi.AT_EMPTY_PATH, STATX_FIELDS, stat);
            long device = stat.dev();
            long mount = stat.mountId;
            if (!visitor.visit(new Entry(NO_NAME, 0, NO_NAME, fd, fd, stat))) {
                return;
            }
            push(NO_NAME, fd);
            pushed = true;
            while (!stack.isEmpty()) {
                Frame top = stack.get(stack.size() - 1);
                if (top.next == top.names.count()) {
                    leave(top, visitor);
                } else {
                    enter(top, visitor, device, mount);
                }
            }
        } finally {
            if (!pushed) {
                calls.close(fd);
            }
            stack.forEach(this::close);
            stack.clear();
        }
    }

    private void enter(Frame top, Visitor visitor, long device, long mount) throws LinuxException, NodeException {
        work.path();
        byte[] name = top.names.name(top.next++);
        byte[] path = TreePath.join(top.path, name);
        int depth = stack.size();
        if (++entries > limits.entries()) {
            throw refused(path, "is beyond the limit of " + limits.entries() + " paths in a tree");
        }
        if (!isThere(top.fd, name, path)) {
            return;
        }
        checkMount(path, device, mount);
        if (!stat.isDirectory()) {
            visitor.visit(new Entry(path, depth, name, top.fd, -1, stat));
            return;
        }
        if (depth > limits.depth()) {
            throw refused(path, "lies deeper than " + limits.depth() + " directories");
        }
        int fd = open(top.fd, name);
        if (fd == CLOSED) {
            return;
        }
        boolean pushed = false;
        try {
            // Again, of what was really opened.
            calls.statx(fd, NO_NAME, Abi.AT_EMPTY_PATH, STATX_FIELDS, stat);
            checkMount(path, device, mount);
            if (visitor.visit(new Entry(path, depth, name, top.fd, fd, stat))) {
                push(path, fd);
                pushed = true;
            }
        } finally {
            if (!pushed) {
                calls.close(fd);
            }
        }
    }

    /** A directory; {@link #CLOSED} when it was taken away since it was seen. */
    private int open(int parent, byte[] name) throws LinuxException {
        try {
            return calls.openat2(parent, name, OPEN, 0, INSIDE);
        } catch (LinuxException e) {
            if (inUse && isAbsence(e)) {
                return CLOSED;
            }
            throw e;
        }
    }

    /** Whether a failed look says that something is not there, or not as a directory. */
    public static boolean isAbsence(LinuxException e) {
        return e.is(Errno.ENOENT, Errno.ENOTDIR, Errno.ELOOP);
    }

    private boolean isThere(int directory, byte[] name, byte[] path) throws LinuxException, NodeException {
        try {
            calls.statx(directory, name, Abi.AT_SYMLINK_NOFOLLOW, STATX_FIELDS, stat);
            return true;
        } catch (LinuxException e) {
            if ((view || inUse) && e.is(Errno.ENOENT)) {
                return false;
            }
            if (view && Unreadable.is(e)) {
                // Beside programs a stale path may only say that they changed it.
                throw inUse && e.is(Errno.ESTALE) ? Unreadable.perhaps(path, e) : Unreadable.refused(path, e);
            }
            throw e;
        }
    }

    private void checkMount(byte[] path, long device, long mount) throws NodeException {
        // The device of what is not a directory says nothing: overlay file systems give it that of the layer.
        if (stat.isMountRoot() || stat.mountId != mount || (stat.isDirectory() && stat.dev() != device)) {
            throw refused(path, "is the root of another mount or subvolume: unmount it, or name a tree without it");
        }
    }

    private void push(byte[] path, int fd) throws LinuxException, NodeException {
        DirectoryNames names;
        try {
            names = DirectoryNames.read(calls, fd, limits.namesInDirectory());
        } catch (LinuxException e) {
            if (!inUse || !e.is(Errno.ENOENT)) {
                throw e;
            }
            names = DirectoryNames.NONE; // the directory itself was removed
        } catch (DirectoryNames.TooMany e) {
            throw refused(path, String.valueOf(e.getMessage()));
        }
        stack.add(new Frame(path, names, fd, stat));
        int far = stack.size() - 1 - OPEN_DIRECTORIES;
        if (far >= 0) {
            close(stack.get(far));
        }
    }

    private void leave(Frame top, Visitor visitor) throws LinuxException, NodeException {
        int last = stack.size() - 1;
        if (last > 0 && stack.get(last - 1).fd == CLOSED) {
            reopen(stack.get(last - 1), top);
        }
        int parent = last > 0 ? stack.get(last - 1).fd : top.fd;
        calls.statx(top.fd, NO_NAME, Abi.AT_EMPTY_PATH, STATX_FIELDS, stat);
        visitor.leave(new Entry(top.path, last, TreePath.name(top.path), parent, top.fd, stat));
        stack.remove(last);
        calls.close(top.fd);
    }

    /** Back up through {@code ..}, which is where we came from unless somebody moved the directory meanwhile. */
    private void reopen(Frame parent, Frame child) throws LinuxException, NodeException {
        int fd = calls.openat2(child.fd, DOTS, OPEN, 0, Abi.RESOLVE_NO_XDEV | Abi.RESOLVE_NO_SYMLINKS);
        boolean same = false;
        try {
            calls.statx(fd, NO_NAME, Abi.AT_EMPTY_PATH, STATX_FIELDS, stat);
            same = stat.ino == parent.inode && stat.dev() == parent.device;
        } finally {
            if (!same) {
                calls.close(fd);
            }
        }
        if (!same) {
            throw new NodeException(
                    Reason.InUse,
                    Follow.RETRY,
                    TreePath.show(child.path) + " was moved while its tree was read: keep the tree still meanwhile");
        }
        parent.fd = fd;
    }

    private void close(Frame frame) {
        if (frame.fd != CLOSED) {
            calls.close(frame.fd);
            frame.fd = CLOSED;
        }
    }

    private static NodeException refused(byte[] path, String why) {
        return new NodeException(Reason.ContentRefused, Follow.STALLED, TreePath.show(path) + " " + why);
    }
}
