package dev.veneer.node.tree.rewrite;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.Statx;
import dev.veneer.node.tree.ContentHasher;
import dev.veneer.node.tree.FileContent;
import dev.veneer.node.tree.LayerEntry;
import dev.veneer.node.tree.ManifestEntry;
import dev.veneer.node.tree.ManifestReader;
import dev.veneer.node.tree.SafeOpen;
import dev.veneer.node.tree.TreeLimits;
import dev.veneer.node.tree.TreePath;
import dev.veneer.node.tree.TreeWalker;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Reads what a whole tree differs from a base in: the tree of a driver that keeps one, or any mounted view. All of it is
 * walked; contents are read only where everything else is the same and the blocks are not.
 */
public final class TreeReader {
    private final LinuxCalls calls;
    private final BaseRecords base;
    private final Predicate<byte[]> pinned;

    /** @param pinned whether a path is held though it equals the base's */
    public TreeReader(LinuxCalls calls, BaseRecords base, Predicate<byte[]> pinned) {
        this.calls = calls;
        this.base = base;
        this.pinned = pinned;
    }

    /** Reads a tree, comparing contents by the base's digests. */
    public Change read(int tree, int scratchDirectory) throws LinuxException, NodeException {
        ContentHasher hasher = new ContentHasher(calls);
        return read(tree, scratchDirectory, (entry, record) -> hasher.hash(entry.parent(), entry.name())
                .equals(record.identity().content()));
    }

    /** Reads a tree without opening its files: an equal time and size are taken for an equal content. */
    public Change estimate(int tree, int scratchDirectory) throws LinuxException, NodeException {
        return read(tree, scratchDirectory, SameContent.ASSUMED);
    }

    /**
     * Reads a tree that was cloned from the base's own, so that most of its blocks are the base's.
     *
     * @param baseTree the base's tree, open
     */
    public Change readClone(int tree, int baseTree, int scratchDirectory) throws LinuxException, NodeException {
        try (Descent bases = new Descent(calls, baseTree)) {
            return read(tree, scratchDirectory, new SameBlocks(bases));
        }
    }

    private Change read(int tree, int scratchDirectory, SameContent content) throws LinuxException, NodeException {
        LinkSets links = new LinkSets(calls, scratchDirectory);
        boolean read = false;
        try {
            Walk walk = new Walk(links, content);
            new TreeWalker(calls, TreeLimits.DEFAULT).walk(tree, walk);
            walk.deleteBefore(null);
            read = true;
            return new Change(walk.steps, links, walk.tally);
        } finally {
            if (!read) {
                links.close();
            }
        }
    }

    private final class Walk implements TreeWalker.Visitor {
        final Steps steps = new Steps();
        final Tally tally = new Tally();
        final LinkSets links;
        final SameContent content;
        final ManifestReader.Cursor records = base.entries();
        @Nullable ManifestEntry next;
        /** What the base has below it is not seen: deleted, or replaced by something that is no directory. */
        byte @Nullable [] gone;

        Walk(LinkSets links, SameContent content) throws LinuxException, NodeException {
            this.links = links;
            this.content = content;
            this.next = records.next();
        }

        /** The base's paths before this one that the walk did not meet are gone from the view. */
        void deleteBefore(byte @Nullable [] path) throws LinuxException, NodeException {
            while (next != null && (path == null || TreePath.compare(next.path().array(), path) < 0)) {
                byte[] missing = next.path().array();
                if (gone == null || !BaseRecords.isBelow(missing, gone)) {
                    steps.add(Steps.Kind.DELETE, missing);
                    tally.held(0);
                    gone = missing;
                }
                next = records.next();
            }
        }

        @Override
        public boolean visit(TreeWalker.Entry entry) throws LinuxException, NodeException {
            deleteBefore(entry.path());
            ManifestEntry record = null;
            if (next != null && TreePath.compare(next.path().array(), entry.path()) == 0) {
                record = next;
                next = records.next();
            }
            Statx stat = entry.stat();
            LayerEntry own = LayerEntry.read(calls, false, entry.parent(), entry.name(), stat);
            boolean same = record != null
                    && !pinned.test(entry.path())
                    && own.identity().sameMetadata(record.identity())
                    && own.identity().size() == record.identity().size();
            if (stat.isDirectory()) {
                if (!same) {
                    hold(Steps.Kind.DIRECTORY, entry, 0);
                }
                return true;
            }
            gone = entry.path();
            same = same && record != null && (!stat.isRegular() || stat.size == 0 || content.test(entry, record));
            if (stat.nlink > 1) {
                links.met(stat, same ? record : null, base.links());
                hold(same ? Steps.Kind.SAME : Steps.Kind.FILE, entry, 0);
            } else if (!same || record == null || base.links().count(record) != 1) {
                hold(Steps.Kind.FILE, entry, stat.blocks * 512);
            }
            return false;
        }

        private void hold(Steps.Kind kind, TreeWalker.Entry entry, long bytes) {
            steps.add(kind, entry.path());
            tally.held(bytes);
        }
    }

    /** By the blocks where they are shared, else by the bytes. */
    private final class SameBlocks implements SameContent {
        private final Descent bases;
        private final FileContent files = new FileContent(calls);
        private final SafeOpen open = new SafeOpen(calls);
        private final Statx found = new Statx();

        SameBlocks(Descent bases) {
            this.bases = bases;
        }

        @Override
        public boolean test(TreeWalker.Entry entry, ManifestEntry record) throws LinuxException {
            int directory = bases.parentOf(entry.path());
            calls.statx(directory, entry.name(), Abi.AT_SYMLINK_NOFOLLOW, Abi.STATX_BASIC_STATS, found);
            if (isUntouched(entry.stat())) {
                return true;
            }
            int own = open.regular(entry.parent(), entry.name(), found);
            try {
                int based = open.regular(directory, entry.name(), found);
                try {
                    return files.equal(own, based, record.identity().size());
                } finally {
                    calls.close(based);
                }
            } finally {
                calls.close(own);
            }
        }

        /** A snapshot's inode keeps number and change time until it is changed, and nobody can set the latter. */
        private boolean isUntouched(Statx own) {
            return own.ino == found.ino
                    && own.ctimeSec == found.ctimeSec
                    && own.ctimeNsec == found.ctimeNsec
                    && own.size == found.size
                    && own.nlink == found.nlink;
        }
    }
}
