package dev.veneer.node.tree.rewrite;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.tree.LayerEntry;
import dev.veneer.node.tree.ManifestEntry;
import dev.veneer.node.tree.ManifestReader;
import dev.veneer.node.tree.TreeLimits;
import dev.veneer.node.tree.TreePath;
import dev.veneer.node.tree.TreeWalker;
import org.jspecify.annotations.Nullable;

/**
 * Reads a view from a whole tree: that of a driver that keeps one, or any mounted view. All of it is walked and told;
 * contents are read only where they are asked for.
 */
public final class TreeReader implements ViewReader {
    /** How contents are compared with the base's. */
    private enum Comparing {
        /** By the manifest's digest. */
        DIGEST,
        /** The same, in a view that shows the base's own files where nothing was written. */
        DIGEST_OF_VIEW,
        /** By the base's own files. */
        BYTES,
        /** By size and time. */
        GUESS
    }

    private final LinuxCalls calls;
    private final BaseRecords base;
    private final int tree;
    private final int baseTree;
    private final Comparing comparing;
    private final EqualContents known;
    private final boolean view;
    private final boolean inUse;

    private TreeReader(
            LinuxCalls calls,
            BaseRecords base,
            int tree,
            int baseTree,
            Comparing comparing,
            EqualContents known,
            boolean view,
            boolean inUse) {
        this.calls = calls;
        this.base = base;
        this.tree = tree;
        this.baseTree = baseTree;
        this.comparing = comparing;
        this.known = known;
        this.view = view;
        this.inUse = inUse;
    }

    /**
     * A reader that compares contents by the base's digests.
     *
     * @param tree the tree's root, open; nobody changes it meanwhile
     */
    public static TreeReader exact(LinuxCalls calls, BaseRecords base, int tree) {
        return new TreeReader(calls, base, tree, -1, Comparing.DIGEST, EqualContents.NONE, true, false);
    }

    /**
     * The same of an overlay's view over just this base: what nobody wrote to is the base's own file there, and is not read.
     *
     * @param baseTree the base's tree, open
     */
    public static TreeReader ofView(LinuxCalls calls, BaseRecords base, int tree, int baseTree) {
        return new TreeReader(calls, base, tree, baseTree, Comparing.DIGEST_OF_VIEW, EqualContents.NONE, true, false);
    }

    /**
     * A reader for finding what can be dropped: of a tree that was cloned from the base's own, so that most of its blocks are
     * the base's, or of a view over it. What is told to be as in the base was read there too.
     *
     * @param baseTree the base's tree, open
     * @param known what need not be compared again
     */
    public static TreeReader dropping(LinuxCalls calls, BaseRecords base, int tree, int baseTree, EqualContents known) {
        return new TreeReader(calls, base, tree, baseTree, Comparing.BYTES, known, true, false);
    }

    /** The same of a tree beside programs that may use it: what they take away meanwhile is left out. */
    public static TreeReader droppingBeside(
            LinuxCalls calls, BaseRecords base, int tree, int baseTree, EqualContents known) {
        return new TreeReader(calls, base, tree, baseTree, Comparing.BYTES, known, false, true);
    }

    /** {@link #dropping} without what is known from before. */
    public static TreeReader ofClone(LinuxCalls calls, BaseRecords base, int tree, int baseTree) {
        return dropping(calls, base, tree, baseTree, EqualContents.NONE);
    }

    /** {@link #droppingBeside} without what is known from before. */
    public static TreeReader ofCloneBeside(LinuxCalls calls, BaseRecords base, int tree, int baseTree) {
        return droppingBeside(calls, base, tree, baseTree, EqualContents.NONE);
    }

    /** {@link #exact} of a mounted view of what programs may use meanwhile: what they take away is left out. */
    public static TreeReader exactBeside(LinuxCalls calls, BaseRecords base, int tree) {
        return new TreeReader(calls, base, tree, -1, Comparing.DIGEST, EqualContents.NONE, true, true);
    }

    /** {@link #ofView} of what programs may use meanwhile: what they take away is left out. */
    public static TreeReader viewBeside(LinuxCalls calls, BaseRecords base, int tree, int baseTree) {
        return new TreeReader(calls, base, tree, baseTree, Comparing.DIGEST_OF_VIEW, EqualContents.NONE, true, true);
    }

    /** The same that opens no file, for estimates. */
    public static TreeReader estimatingView(LinuxCalls calls, BaseRecords base, int tree) {
        return new TreeReader(calls, base, tree, -1, Comparing.GUESS, EqualContents.NONE, true, true);
    }

    /** A reader that opens no file, for estimates beside programs: an equal time and size are taken for an equal content. */
    public static TreeReader estimating(LinuxCalls calls, BaseRecords base, int tree) {
        return new TreeReader(calls, base, tree, -1, Comparing.GUESS, EqualContents.NONE, false, true);
    }

    @Override
    public void read(ViewVisitor visitor) throws LinuxException, NodeException {
        try (Contents contents =
                switch (comparing) {
                    case DIGEST -> Contents.byDigest(calls);
                    case DIGEST_OF_VIEW -> Contents.byDigestOfView(calls, baseTree);
                    case BYTES -> Contents.byBytes(calls, baseTree, known);
                    case GUESS -> Contents.guessed(calls);
                }) {
            read(visitor, contents);
        }
    }

    private void read(ViewVisitor visitor, Contents contents) throws LinuxException, NodeException {
        walker().walk(tree, new Walk(visitor, inUse ? Contents.besides(contents) : contents));
    }

    private TreeWalker walker() {
        if (!inUse) {
            return TreeWalker.ofView(calls, TreeLimits.DEFAULT);
        }
        return view ? TreeWalker.ofViewBeside(calls, TreeLimits.DEFAULT) : TreeWalker.beside(calls, TreeLimits.DEFAULT);
    }

    private final class Walk implements TreeWalker.Visitor {
        final ViewVisitor visitor;
        final Contents contents;
        final ManifestReader.Cursor records = base.entries();

        @Nullable
        ManifestEntry next;
        /** What the base has below it is not seen: deleted, or replaced by something that is no directory. */
        byte @Nullable [] gone;

        Walk(ViewVisitor visitor, Contents contents) throws LinuxException, NodeException {
            this.visitor = visitor;
            this.contents = contents;
            this.next = records.next();
        }

        /** The base's paths before this one, or in this directory, that the walk did not meet are gone from the view. */
        private void tellMissing(byte[] path, boolean inside) throws LinuxException, NodeException {
            while (next != null) {
                byte[] missing = next.path().array();
                boolean passed = inside ? TreePath.isBelow(missing, path) : TreePath.compare(missing, path) < 0;
                if (!passed) {
                    return;
                }
                if (gone == null || !TreePath.isBelow(missing, gone)) {
                    visitor.absent(next);
                    gone = missing;
                }
                next = records.next();
            }
        }

        @Override
        public boolean visit(TreeWalker.Entry entry) throws LinuxException, NodeException {
            tellMissing(entry.path(), false);
            ManifestEntry record = null;
            if (next != null && TreePath.compare(next.path().array(), entry.path()) == 0) {
                record = next;
                next = records.next();
            }
            LayerEntry own = inUse
                    ? LayerEntry.ifThere(calls, false, entry.parent(), entry.name(), entry.stat())
                    : LayerEntry.read(calls, false, entry.parent(), entry.name(), entry.stat());
            if (own == null) {
                return false;
            }
            visitor.present(new ViewPath(entry, own.identity(), record, false, contents));
            if (!entry.stat().isDirectory()) {
                gone = entry.path();
            }
            return entry.stat().isDirectory();
        }

        @Override
        public void leave(TreeWalker.Entry directory) throws LinuxException, NodeException {
            tellMissing(directory.path(), true);
            visitor.leave(directory.path());
        }
    }
}
