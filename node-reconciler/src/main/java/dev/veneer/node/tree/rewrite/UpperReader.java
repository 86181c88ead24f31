package dev.veneer.node.tree.rewrite;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.Statx;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.ContentHasher;
import dev.veneer.node.tree.FileType;
import dev.veneer.node.tree.LayerEntry;
import dev.veneer.node.tree.ManifestEntry;
import dev.veneer.node.tree.TreeLimits;
import dev.veneer.node.tree.TreePath;
import dev.veneer.node.tree.TreeWalker;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Reads what an overlay's view differs from its base in, from the upper directory and the base's manifest alone: cost
 * grows with what was written, and neither the base nor a mount is touched.
 */
public final class UpperReader {
    private final LinuxCalls calls;
    private final BaseRecords base;
    private final Predicate<byte[]> pinned;
    private final SameContent content;

    private UpperReader(LinuxCalls calls, BaseRecords base, Predicate<byte[]> pinned, SameContent content) {
        this.calls = calls;
        this.base = base;
        this.pinned = pinned;
        this.content = content;
    }

    /**
     * A reader that compares contents.
     *
     * @param pinned whether a path is held though it equals the base's
     */
    public static UpperReader exact(LinuxCalls calls, BaseRecords base, Predicate<byte[]> pinned) {
        ContentHasher hasher = new ContentHasher(calls);
        return new UpperReader(calls, base, pinned, (entry, record) -> hasher.hash(entry.parent(), entry.name())
                .equals(record.identity().content()));
    }

    /** A reader that opens no file: an equal time and size are taken for an equal content. Only for estimates. */
    public static UpperReader estimating(LinuxCalls calls, BaseRecords base, Predicate<byte[]> pinned) {
        return new UpperReader(calls, base, pinned, SameContent.ASSUMED);
    }

    /**
     * Reads.
     *
     * @param upper the upper directory, open; nobody changes it meanwhile, or the result is only an estimate
     * @param scratchDirectory a directory of ours where a scratch file may be made
     * @throws ForeignLayerException when the view cannot be told from the upper directory
     */
    public Change read(int upper, int scratchDirectory) throws LinuxException, NodeException, ForeignLayerException {
        LinkSets links = new LinkSets(calls, scratchDirectory);
        boolean read = false;
        try {
            Walk walk = new Walk(links);
            new TreeWalker(calls, TreeLimits.DEFAULT).walk(upper, walk);
            if (walk.foreign != null) {
                throw new ForeignLayerException(walk.foreign);
            }
            read = true;
            return new Change(walk.steps, links, walk.tally);
        } finally {
            if (!read) {
                links.close();
            }
        }
    }

    /** A directory on the way down. */
    private static final class Level {
        final byte[] path;
        /** Whether the base has a directory there too. */
        final boolean inBase;
        /** The base's names in it when none of them is seen but what the upper directory has; else empty. */
        final List<Bytes> hidden;

        int next;

        Level(byte[] path, boolean inBase, List<Bytes> hidden) {
            this.path = path;
            this.inBase = inBase;
            this.hidden = hidden;
        }
    }

    private final class Walk implements TreeWalker.Visitor {
        final Steps steps = new Steps();
        final Tally tally = new Tally();
        final LinkSets links;
        final Deque<Level> levels = new ArrayDeque<>();
        byte @Nullable [] foreign;

        Walk(LinkSets links) {
            this.links = links;
        }

        @Override
        public boolean visit(TreeWalker.Entry entry) throws LinuxException, NodeException {
            if (foreign != null) {
                return false;
            }
            Level parent = levels.peek();
            if (parent != null) {
                deleteHidden(parent, Bytes.wrap(entry.name()));
            }
            ManifestEntry record = parent == null || parent.inBase ? base.find(entry.path()) : null;
            Statx stat = entry.stat();
            if (LayerEntry.isWhiteout(stat)) {
                if (record == null) {
                    tally.dropped(0);
                } else {
                    hold(Steps.Kind.DELETE, entry, 0);
                }
                return false;
            }
            LayerEntry own = LayerEntry.read(calls, true, entry.parent(), entry.name(), stat);
            if (own.borrows()) {
                foreign = entry.path();
                return false;
            }
            if (stat.isDirectory()) {
                directory(entry, own, record);
                return true;
            }
            file(entry, own, record);
            return false;
        }

        private void directory(TreeWalker.Entry entry, LayerEntry own, @Nullable ManifestEntry record)
                throws LinuxException, NodeException {
            boolean inBase = record != null && record.identity().type() == FileType.DIRECTORY;
            boolean same = inBase && own.identity().sameMetadata(record.identity());
            if (!same || pinned.test(entry.path())) {
                hold(Steps.Kind.DIRECTORY, entry, 0);
            }
            List<Bytes> hidden = inBase && own.opaque() ? base.names(entry.path()) : List.of();
            levels.push(new Level(entry.path(), inBase, hidden));
        }

        private void file(TreeWalker.Entry entry, LayerEntry own, @Nullable ManifestEntry record)
                throws LinuxException, NodeException {
            Statx stat = entry.stat();
            boolean same = record != null
                    && !pinned.test(entry.path())
                    && own.identity().sameMetadata(record.identity())
                    && own.identity().size() == record.identity().size()
                    && (!stat.isRegular() || stat.size == 0 || content.test(entry, record));
            long bytes = stat.blocks * 512;
            if (stat.nlink > 1) {
                links.met(stat, same ? record : null, base.links());
                hold(same ? Steps.Kind.SAME : Steps.Kind.FILE, entry, bytes / stat.nlink);
            } else if (same && record != null && base.links().count(record) == 1) {
                tally.dropped(bytes);
            } else {
                hold(Steps.Kind.FILE, entry, bytes);
            }
        }

        private void hold(Steps.Kind kind, TreeWalker.Entry entry, long bytes) {
            steps.add(kind, entry.path());
            tally.held(bytes);
        }

        /** The base's names before this one that an opaque directory hides are gone from the view. */
        private void deleteHidden(Level level, @Nullable Bytes name) {
            while (level.next < level.hidden.size()) {
                Bytes hidden = level.hidden.get(level.next);
                int order = name == null ? -1 : hidden.compareTo(name);
                if (order > 0) {
                    return;
                }
                level.next++;
                if (order < 0) {
                    steps.add(
                            Steps.Kind.DELETE, TreePath.join(level.path, hidden.array()));
                    tally.held(0);
                }
            }
        }

        @Override
        public void leave(TreeWalker.Entry directory) {
            deleteHidden(levels.pop(), null);
        }
    }
}
