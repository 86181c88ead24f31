package dev.veneer.node.tree.rewrite;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.Statx;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.FileType;
import dev.veneer.node.tree.LayerEntry;
import dev.veneer.node.tree.ManifestEntry;
import dev.veneer.node.tree.TreeLimits;
import dev.veneer.node.tree.TreePath;
import dev.veneer.node.tree.TreeWalker;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads an overlay's view from the upper directory and the base's manifest alone: cost grows with what was written, and
 * neither the base nor a mount is touched.
 */
public final class UpperReader implements ViewReader {
    /** Is told of every path that is noted to have been made of one of the base, whatever that is. */
    public interface Origins {
        /**
         * Is told of one.
         *
         * @param entry valid during this call only
         */
        void met(TreeWalker.Entry entry) throws LinuxException;
    }

    /** How contents are compared with the base's. */
    private interface Comparing {
        Contents contents(LinuxCalls calls) throws LinuxException;
    }

    private final LinuxCalls calls;
    private final BaseRecords base;
    private final int upper;
    private final Comparing comparing;
    private final boolean inUse;
    private final Origins origins;

    private UpperReader(
            LinuxCalls calls, BaseRecords base, int upper, Comparing comparing, boolean inUse, Origins origins) {
        this.inUse = inUse;
        this.calls = calls;
        this.base = base;
        this.upper = upper;
        this.comparing = comparing;
        this.origins = origins;
    }

    private static UpperReader of(LinuxCalls calls, BaseRecords base, int upper, Comparing comparing, boolean inUse) {
        return new UpperReader(calls, base, upper, comparing, inUse, entry -> {});
    }

    /**
     * A reader that compares contents.
     *
     * @param upper the upper directory, open; nobody changes it meanwhile
     */
    public static UpperReader exact(LinuxCalls calls, BaseRecords base, int upper) {
        return of(calls, base, upper, Contents::byDigest, false);
    }

    /** The same beside programs that may use it: what they take away meanwhile is left out. */
    public static UpperReader beside(LinuxCalls calls, BaseRecords base, int upper) {
        return of(calls, base, upper, Contents::byDigest, true);
    }

    /**
     * A reader for finding what can be dropped: what is told to be as in the base was read there too.
     *
     * @param baseTree the base's tree, open
     * @param known what need not be compared again
     * @param inUse whether programs may use it; what they take away meanwhile is then left out
     */
    public static UpperReader dropping(
            LinuxCalls calls, BaseRecords base, int upper, int baseTree, EqualContents known, boolean inUse) {
        return of(calls, base, upper, its -> Contents.byBytes(its, baseTree, known), inUse);
    }

    /** A reader that opens no file, for estimates beside programs: an equal time and size are taken for an equal content. */
    public static UpperReader estimating(LinuxCalls calls, BaseRecords base, int upper) {
        return of(calls, base, upper, Contents::guessed, true);
    }

    /** The same reader, which tells where paths come from. */
    public UpperReader telling(Origins told) {
        return new UpperReader(calls, base, upper, comparing, inUse, told);
    }

    @Override
    public void read(ViewVisitor visitor) throws LinuxException, NodeException, ForeignLayerException {
        try (Contents contents = comparing.contents(calls)) {
            read(new Walk(visitor, inUse ? Contents.besides(contents) : contents));
        }
    }

    private void read(Walk walk) throws LinuxException, NodeException, ForeignLayerException {
        TreeWalker walker =
                inUse ? TreeWalker.beside(calls, TreeLimits.DEFAULT) : new TreeWalker(calls, TreeLimits.DEFAULT);
        walker.walk(upper, walk);
        if (walk.foreign != null) {
            throw new ForeignLayerException(walk.foreign);
        }
    }

    /** A directory on the way down. */
    private static final class Level {
        final byte[] path;
        /** Whether the base has a directory there too. */
        final boolean inBase;
        /** Whether nothing of the base is seen in it. */
        final boolean opaque;
        /** The base's names in it when none of them is seen but what the upper directory has; else empty. */
        final List<Bytes> hidden;

        int next;

        Level(byte[] path, boolean inBase, boolean opaque, List<Bytes> hidden) {
            this.path = path;
            this.inBase = inBase;
            this.opaque = opaque;
            this.hidden = hidden;
        }
    }

    private final class Walk implements TreeWalker.Visitor {
        final ViewVisitor visitor;
        final Contents contents;
        final Deque<Level> levels = new ArrayDeque<>();
        byte @Nullable [] foreign;

        Walk(ViewVisitor visitor, Contents contents) {
            this.contents = contents;
            this.visitor = visitor;
        }

        @Override
        public boolean visit(TreeWalker.Entry entry) throws LinuxException, NodeException {
            if (foreign != null) {
                return false;
            }
            Level parent = levels.peek();
            if (parent != null) {
                tellHidden(parent, Bytes.wrap(entry.name()));
            }
            ManifestEntry record = parent == null || parent.inBase ? base.find(entry.path()) : null;
            Statx stat = entry.stat();
            if (LayerEntry.isWhiteout(stat)) {
                if (record != null) {
                    visitor.absent(record);
                }
                return false;
            }
            LayerEntry own = inUse
                    ? LayerEntry.ifThere(calls, true, entry.parent(), entry.name(), stat)
                    : LayerEntry.read(calls, true, entry.parent(), entry.name(), stat);
            if (own == null) {
                return false;
            }
            if (own.borrows()) {
                foreign = entry.path();
                return false;
            }
            if (own.copied()) {
                origins.met(entry);
            }
            boolean merges =
                    stat.isDirectory() && record != null && record.identity().type() == FileType.DIRECTORY;
            // What lies in an opaque directory has nothing of the base beneath it either.
            boolean opaque = merges && (own.opaque() || (parent != null && parent.opaque));
            visitor.present(new ViewPath(entry, own.identity(), record, opaque, contents));
            if (stat.isDirectory()) {
                levels.push(new Level(entry.path(), merges, opaque, opaque ? base.names(entry.path()) : List.of()));
            }
            return stat.isDirectory();
        }

        /** The base's names before this one that an opaque directory hides are gone from the view. */
        private void tellHidden(Level level, @Nullable Bytes name) throws LinuxException, NodeException {
            while (level.next < level.hidden.size()) {
                Bytes hidden = level.hidden.get(level.next);
                int order = name == null ? -1 : hidden.compareTo(name);
                if (order > 0) {
                    return;
                }
                level.next++;
                if (order < 0) {
                    ManifestEntry record = base.find(TreePath.join(level.path, hidden.array()));
                    if (record != null) {
                        visitor.absent(record);
                    }
                }
            }
        }

        @Override
        public void leave(TreeWalker.Entry directory) throws LinuxException, NodeException {
            if (foreign == null) {
                tellHidden(levels.element(), null);
                visitor.leave(directory.path());
            }
            levels.pop();
        }
    }
}
