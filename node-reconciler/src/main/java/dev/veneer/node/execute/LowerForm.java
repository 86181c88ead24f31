package dev.veneer.node.execute;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.linux.Sha256;
import dev.veneer.node.linux.Statx;
import dev.veneer.node.tree.InodeTable;
import dev.veneer.node.tree.LayerEntry;
import dev.veneer.node.tree.LongPath;
import dev.veneer.node.tree.TreeLimits;
import dev.veneer.node.tree.TreePath;
import dev.veneer.node.tree.TreeWalker;
import dev.veneer.node.tree.Unreadable;
import dev.veneer.node.tree.rewrite.UpperReader;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Whether an overlay shows an upper layer the same when it is mounted as a lower one.
 *
 * <p>It does, but for some notes. That a file is immutable or may only be appended to ({@code protattr}) is read in upper
 * layers alone. Of a directory that is said to hold whiteouts in the form that only lower layers have ({@code opaque=x}),
 * a lower layer always leaves out what it cannot give, instead of saying that it cannot. And where two paths of a view
 * are noted to be one file or directory of the base ({@code origin}, {@code redirect}), as in a copy that somebody made
 * of a layer with its attributes, an upper layer shows only the one that is asked for first, and a lower one both.
 */
final class LowerForm {
    private static final byte[] OPAQUE = PathBytes.of("trusted.overlay.opaque");
    private static final byte[] PROTECTED = PathBytes.of("trusted.overlay.protattr");
    private static final byte[] ORIGIN = PathBytes.of("trusted.overlay.origin");
    private static final byte[] REDIRECT = PathBytes.of("trusted.overlay.redirect");
    private static final byte[] SELF = {'.'};
    private static final int IN_MEMORY = 1 << 16;

    private LowerForm() {}

    /**
     * Whether it is so for a layer.
     *
     * @param upper the layer's directory, open
     * @param scratchDirectory a directory of ours where a scratch file may be made
     */
    static boolean isSeenTheSame(LinuxCalls calls, int upper, int scratchDirectory)
            throws LinuxException, NodeException {
        try (InodeTable seen = new InodeTable(calls, scratchDirectory, IN_MEMORY)) {
            Search search = new Search(calls, upper, seen);
            TreeWalker.beside(calls, TreeLimits.DEFAULT).walk(upper, search);
            return !search.found;
        }
    }

    /**
     * Whether two paths of a layer, without redirects, are noted to have been made of one file of the base, so that perhaps
     * only one of them is shown: found while the layer is read for something else.
     */
    static final class Twins implements UpperReader.Origins, AutoCloseable {
        private final LinuxCalls calls;
        private final Seen seen;
        private boolean found;

        /** @param scratchDirectory a directory of ours where a scratch file may be made */
        Twins(LinuxCalls calls, int scratchDirectory) {
            this.calls = calls;
            this.seen = new Seen(new InodeTable(calls, scratchDirectory, IN_MEMORY));
        }

        boolean found() {
            return found;
        }

        @Override
        public void met(TreeWalker.Entry entry) throws LinuxException {
            // Of its roots there is one.
            if (!found && entry.name().length > 0) {
                byte[] origin = note(calls, PathBytes.below(entry.parent(), entry.name()), ORIGIN);
                found = seen.isKnown(ORIGIN, origin, entry.stat());
            }
        }

        @Override
        public void close() {
            seen.table.close();
        }
    }

    /**
     * Makes sure that a view shows all that a layer holds. It is asked for by its name: from a list of names the kernel
     * leaves out without a word what it finds no inode for, and only its own log tells of it.
     *
     * @param upper the layer's directory, open
     * @param view the root of a mount in which it is the topmost layer, open
     * @param inUse whether programs may change it meanwhile
     * @throws NodeException with the path of the first that is not shown: {@code Damaged}, or {@code InUse} when that may be
     *     because programs change something
     */
    static void requireShown(LinuxCalls calls, int upper, int view, boolean inUse)
            throws LinuxException, NodeException {
        Statx stat = new Statx();
        TreeWalker walker =
                inUse ? TreeWalker.beside(calls, TreeLimits.DEFAULT) : new TreeWalker(calls, TreeLimits.DEFAULT);
        walker.walk(upper, entry -> {
            if (entry.path().length == 0 || LayerEntry.isWhiteout(entry.stat())) {
                return true;
            }
            requireShown(calls, view, entry.path(), inUse, stat);
            byte[] redirect = note(calls, PathBytes.below(entry.parent(), entry.name()), REDIRECT);
            if (redirect.length > 0) {
                // Where it came from there may be something else, or nothing, but nothing that cannot be shown.
                byte[] from = redirect[0] == '/'
                        ? Arrays.copyOfRange(redirect, 1, redirect.length)
                        : TreePath.join(TreePath.parent(entry.path()), redirect);
                requireShown(calls, view, from, inUse, stat);
            }
            return true;
        });
    }

    private static void requireShown(LinuxCalls calls, int view, byte[] path, boolean inUse, Statx stat)
            throws LinuxException, NodeException {
        if (path.length == 0) {
            return;
        }
        try {
            LongPath.withParent(
                    calls,
                    view,
                    path,
                    (directory, name) ->
                            calls.statx(directory, name, Abi.AT_SYMLINK_NOFOLLOW, Abi.STATX_BASIC_STATS, stat));
        } catch (LinuxException e) {
            if (Unreadable.is(e)) {
                throw inUse && e.is(Errno.ESTALE) ? Unreadable.perhaps(path, e) : Unreadable.refused(path, e);
            }
        }
    }

    /** Notes that were met, each with the file that had it. */
    private static final class Seen {
        private final InodeTable table;

        Seen(InodeTable table) {
            this.table = table;
        }

        /** Whether another file of the layer had the same note. */
        boolean isKnown(byte[] name, byte[] value, Statx file) throws LinuxException {
            if (value.length == 0) {
                return false;
            }
            ByteBuffer both = ByteBuffer.allocate(name.length + value.length);
            ByteBuffer key = ByteBuffer.wrap(Sha256.of(both.put(name).put(value).array()));
            long high = key.getLong();
            long low = key.getLong() | 1; // zero would be none
            byte[] known = table.get(high, low);
            if (known != null) {
                return ByteBuffer.wrap(known).getLong() != file.ino;
            }
            table.put(
                    high,
                    low,
                    Arrays.copyOf(ByteBuffer.allocate(8).putLong(file.ino).array(), InodeTable.VALUE_BYTES));
            return false;
        }
    }

    private static final class Search implements TreeWalker.Visitor {
        private final LinuxCalls calls;
        private final int upper;
        private final Seen seen;
        private final Statx stat = new Statx();
        boolean found;

        Search(LinuxCalls calls, int upper, InodeTable seen) {
            this.calls = calls;
            this.upper = upper;
            this.seen = new Seen(seen);
        }

        @Override
        public boolean visit(TreeWalker.Entry entry) throws LinuxException {
            if (!found) {
                byte[] path = PathBytes.below(entry.parent(), entry.name().length == 0 ? SELF : entry.name());
                found = isReadInUpperLayersAlone(entry, path) || isTwin(entry, path);
            }
            return !found;
        }

        private boolean isReadInUpperLayersAlone(TreeWalker.Entry entry, byte[] path) throws LinuxException {
            byte[] opaque = entry.stat().isDirectory() ? note(calls, path, OPAQUE) : PathBytes.EMPTY;
            return (opaque.length > 0 && opaque[0] != 'y') || note(calls, path, PROTECTED).length > 0;
        }

        private boolean isTwin(TreeWalker.Entry entry, byte[] path) throws LinuxException {
            // Of its roots there is one.
            if (entry.name().length == 0) {
                return false;
            }
            byte[] redirect = note(calls, path, REDIRECT);
            return seen.isKnown(ORIGIN, note(calls, path, ORIGIN), entry.stat())
                    || (redirect.length > 0
                            && (seen.isKnown(REDIRECT, redirect, entry.stat())
                                    || isUncovered(entry.parent(), redirect)));
        }

        /** Whether what is redirected to may still be seen at its own place. */
        private boolean isUncovered(int parent, byte[] redirect) throws LinuxException {
            boolean fromTop = redirect[0] == '/';
            int fd;
            try {
                fd = calls.openat2(
                        fromTop ? upper : parent,
                        fromTop ? Arrays.copyOfRange(redirect, 1, redirect.length) : redirect,
                        Abi.O_PATH | Abi.O_NOFOLLOW,
                        0,
                        Abi.RESOLVE_BENEATH | Abi.RESOLVE_NO_SYMLINKS | Abi.RESOLVE_NO_XDEV);
            } catch (LinuxException e) {
                // Below a whiteout, or what else is no directory, nothing is seen.
                return !e.is(Errno.ENOTDIR, Errno.ELOOP);
            }
            try {
                calls.statx(fd, PathBytes.EMPTY, Abi.AT_EMPTY_PATH, Abi.STATX_BASIC_STATS, stat);
                // A directory that was made anew says that it is opaque.
                return stat.isDirectory() && note(calls, PathBytes.below(fd, SELF), OPAQUE).length == 0;
            } finally {
                calls.close(fd);
            }
        }
    }

    private static byte[] note(LinuxCalls calls, byte[] path, byte[] name) throws LinuxException {
        try {
            return calls.lgetxattr(path, name);
        } catch (LinuxException e) {
            if (e.is(Errno.ENODATA, Errno.EOPNOTSUPP) || TreeWalker.isAbsence(e)) {
                return PathBytes.EMPTY;
            }
            throw e;
        }
    }
}
