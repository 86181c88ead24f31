package dev.veneer.node.tree;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.InodeFlags;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.linux.Statx;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Lays one tree over another, as unpacking an archive there would: directories merge, everything else replaces what has
 * its name, whatever that is. Links in the way are replaced, never followed.
 *
 * <p>A directory that was there gets the owner, mode, attributes and time of the one laid over it, unless that one is
 * {@linkplain #isImplied only implied}; then, and always at the root, it keeps its own, its time included. Both trees
 * are ours and hold still meanwhile.
 */
public final class TreePlacer {
    private static final int SOME_MODE = 0600;

    private final LinuxCalls calls;
    private final SafeOpen open;
    private final FileContent content;
    private final MetadataCopy metadata;
    private final TreeRemover remover;

    public TreePlacer(LinuxCalls calls) {
        this.calls = calls;
        this.open = new SafeOpen(calls);
        this.content = new FileContent(calls);
        this.metadata = new MetadataCopy(calls);
        this.remover = new TreeRemover(calls);
    }

    /**
     * Lays a tree over another.
     *
     * @param from the root of the tree that is laid, open; it stays as it is
     * @param onto the root of the tree that it is laid over, open
     * @param scratchDirectory a directory of ours, open, where scratch files may be made
     * @param shownAs what {@code onto} is called in messages
     */
    public void place(int from, int onto, int scratchDirectory, String shownAs) throws LinuxException, NodeException {
        try (LinkGroups groups = new LinkGroups(calls, scratchDirectory);
                DirectoryStack stack = new DirectoryStack(calls, onto)) {
            Placing placing = new Placing(onto, stack, groups, shownAs);
            new TreeWalker(calls, TreeLimits.DEFAULT).walk(from, placing);
            placing.setFlags();
        }
    }

    /** Whether a directory looks as an import makes those that its source has no entry for. */
    private static boolean isImplied(Statx stat) {
        return stat.uid == 0
                && stat.gid == 0
                && (stat.mode & 07777) == 0755
                && stat.mtimeSec == 0
                && stat.mtimeNsec == 0;
    }

    /**
     * A directory on the way down.
     *
     * @param keeps it was there and stays described as it was
     * @param mtimeSec its time before anything was laid into it
     * @param mtimeNsec and nanoseconds
     */
    private record Level(boolean keeps, long mtimeSec, int mtimeNsec) {}

    private record Flagged(Bytes path, int flags) {}

    private final class Placing implements TreeWalker.Visitor {
        private final int root;
        private final DirectoryStack to;
        private final LinkGroups groups;
        private final String shownAs;
        private final Deque<Level> levels = new ArrayDeque<>();
        private final List<Flagged> flagged = new ArrayList<>();
        private final Statx found = new Statx();

        Placing(int root, DirectoryStack to, LinkGroups groups, String shownAs) {
            this.root = root;
            this.to = to;
            this.groups = groups;
            this.shownAs = shownAs;
        }

        @Override
        public boolean visit(TreeWalker.Entry entry) throws LinuxException, NodeException {
            if (entry.stat().isDirectory()) {
                enter(entry);
            } else {
                file(entry);
            }
            return true;
        }

        private void enter(TreeWalker.Entry entry) throws LinuxException, NodeException {
            boolean isRoot = entry.depth() == 0;
            boolean existed = isRoot || !makeDirectory(entry.name());
            if (!isRoot) {
                to.push(entry.name());
            }
            calls.statx(to.fd(), PathBytes.EMPTY, Abi.AT_EMPTY_PATH, Abi.STATX_BASIC_STATS, found);
            boolean keeps = isRoot || (existed && isImplied(entry.stat()));
            levels.push(new Level(keeps, found.mtimeSec, found.mtimeNsec));
        }

        /** False when there was a directory already. */
        private boolean makeDirectory(byte[] name) throws LinuxException, NodeException {
            try {
                calls.mkdirat(to.fd(), name, 0700);
                return true;
            } catch (LinuxException e) {
                if (!e.is(Errno.EEXIST)) {
                    throw e;
                }
            }
            calls.statx(to.fd(), name, Abi.AT_SYMLINK_NOFOLLOW, Abi.STATX_BASIC_STATS, found);
            if (found.isDirectory()) {
                return false;
            }
            remover.remove(to.fd(), name, shownAs);
            calls.mkdirat(to.fd(), name, 0700);
            return true;
        }

        @Override
        public void leave(TreeWalker.Entry entry) throws LinuxException, NodeException {
            Level level = levels.pop();
            if (level.keeps()) {
                calls.utimensat(
                        to.fd(),
                        PathBytes.EMPTY,
                        0,
                        Abi.UTIME_OMIT,
                        level.mtimeSec(),
                        level.mtimeNsec(),
                        Abi.AT_EMPTY_PATH);
            } else {
                removeAttributes(to.fd());
                metadata.copy(entry.directory(), entry.stat(), to.fd());
                keepFlags(entry.directory(), entry.path());
            }
            if (entry.depth() > 0) {
                to.pop();
            }
        }

        private void file(TreeWalker.Entry entry) throws LinuxException, NodeException {
            byte[] name = entry.name();
            byte[] first = groups.firstPath(entry.stat(), entry.path());
            try {
                make(entry, first);
            } catch (LinuxException e) {
                if (!e.is(Errno.EEXIST)) {
                    throw e;
                }
                remover.remove(to.fd(), name, shownAs);
                make(entry, first);
            }
        }

        private void make(TreeWalker.Entry entry, byte @Nullable [] first) throws LinuxException {
            Statx stat = entry.stat();
            byte[] name = entry.name();
            if (first != null) {
                LongPath.withParent(
                        calls, root, first, (directory, last) -> calls.linkat(directory, last, to.fd(), name, 0));
            } else if (stat.isRegular()) {
                regular(entry);
            } else {
                if (stat.isSymlink()) {
                    calls.symlinkat(calls.readlinkat(entry.parent(), name), to.fd(), name);
                } else {
                    calls.mknodat(to.fd(), name, stat.type() | SOME_MODE, TreeCopier.device(stat));
                }
                metadata.copy(entry.parent(), name, stat, to.fd(), name);
            }
        }

        private void regular(TreeWalker.Entry entry) throws LinuxException {
            int source = open.regular(entry.parent(), entry.name(), entry.stat());
            try {
                int target = calls.openat2(
                        to.fd(), entry.name(), Abi.O_RDWR | Abi.O_CREAT | Abi.O_EXCL, SOME_MODE, SafeOpen.RESOLVE_NAME);
                try {
                    content.copy(source, entry.stat().size, target);
                    removeAttributes(target);
                    metadata.copy(source, entry.stat(), target);
                    keepFlags(source, entry.path());
                } finally {
                    calls.close(target);
                }
            } finally {
                calls.close(source);
            }
        }

        /** Takes away what a new file inherited from its directory, or what a directory had that was there. */
        private void removeAttributes(int fd) throws LinuxException {
            byte[] list;
            try {
                list = calls.flistxattr(fd);
            } catch (LinuxException e) {
                if (e.is(Errno.EOPNOTSUPP)) {
                    return;
                }
                throw e;
            }
            for (Bytes name : XattrPolicy.names(list)) {
                if (XattrPolicy.judge(name) == XattrPolicy.Verdict.KEEP) {
                    calls.fremovexattr(fd, name.array());
                }
            }
        }

        private void keepFlags(int fd, byte[] path) throws LinuxException {
            int flags = InodeFlags.get(calls, fd) & InodeFlags.IDENTITY;
            if (flags != 0) {
                flagged.add(new Flagged(Bytes.wrap(path), flags));
            }
        }

        /** Last, since such files can't be linked and nothing can be made in such directories. */
        void setFlags() throws LinuxException {
            for (int i = flagged.size() - 1; i >= 0; i--) {
                Flagged file = flagged.get(i);
                LongPath.withParent(calls, root, file.path().array(), (directory, last) -> {
                    int fd = open.forFlags(directory, last);
                    try {
                        InodeFlags.set(calls, fd, InodeFlags.get(calls, fd) | file.flags());
                    } finally {
                        calls.close(fd);
                    }
                });
            }
        }
    }
}
