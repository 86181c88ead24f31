package dev.veneer.node.tree.rewrite;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.linux.Statx;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.Identity;
import dev.veneer.node.tree.LayerEntry;
import dev.veneer.node.tree.LinkGroups;
import dev.veneer.node.tree.ManifestEntry;
import dev.veneer.node.tree.TreePath;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;

/**
 * Tells a change as a layer has it: every path that the store holds with what it is, and every path of the base that is
 * gone. What is on the way to one of them comes as the base has it.
 */
public final class ChangeReader {
    private final LinuxCalls calls;
    private final BaseRecords base;
    private final int scratchDirectory;

    /**
     * @param base what the change lies over
     * @param scratchDirectory a directory of ours where scratch files may be made
     */
    public ChangeReader(LinuxCalls calls, BaseRecords base, int scratchDirectory) {
        this.calls = calls;
        this.base = base;
        this.scratchDirectory = scratchDirectory;
    }

    /** Gets the paths in the order of a manifest, a directory before what is in it. */
    public interface Visitor {
        /**
         * A directory.
         *
         * @param whole whether nothing of the base is seen in it: what of the base is gone from it is then not told
         */
        void directory(byte[] path, Identity identity, boolean whole) throws LinuxException, NodeException;

        /**
         * The first name of anything else.
         *
         * @param identity without the digest of a content
         * @param parent descriptor of the directory of the store that holds it, during this call
         */
        void file(byte[] path, Identity identity, int parent) throws LinuxException, NodeException;

        /** One more name of a file that was told. */
        void link(byte[] path, byte[] first, Identity identity) throws LinuxException, NodeException;

        /** A path of the base that the view does not have, nor what is below it. */
        void gone(byte[] path) throws LinuxException, NodeException;
    }

    /**
     * Reads a change whose paths are all as the store has them.
     *
     * @param root the store's root directory, open; nobody changes it meanwhile
     * @param upper whether it is an overlay's upper directory
     * @param wholes whether to tell of directories that hide all of the base's
     */
    public void read(Change change, int root, boolean upper, boolean wholes, Visitor visitor)
            throws LinuxException, NodeException {
        if (!change.recipes().isEmpty()) {
            throw new IllegalArgumentException("a change with paths that no store has yet");
        }
        Set<Bytes> whole = wholes ? WholeDirectories.of(change.steps(), base) : Set.of();
        try (Reading reading = new Reading(change, root, upper, whole, visitor)) {
            change.steps().forEach(reading);
        }
    }

    private final class Reading implements Steps.Visitor, AutoCloseable {
        final Change change;
        final boolean upper;
        final Set<Bytes> whole;
        final Visitor visitor;
        final Descent from;
        final LinkGroups groups;
        final Deque<byte[]> told = new ArrayDeque<>();
        final Statx stat = new Statx();
        boolean rootTold;

        Reading(Change change, int root, boolean upper, Set<Bytes> whole, Visitor visitor) {
            this.change = change;
            this.upper = upper;
            this.whole = whole;
            this.visitor = visitor;
            this.from = new Descent(calls, root);
            this.groups = new LinkGroups(calls, scratchDirectory);
        }

        @Override
        public void step(Steps.Kind kind, byte[] path) throws LinuxException, NodeException {
            if (path.length == 0) {
                rootTold = true;
                visitor.directory(path, stored(path), false);
                return;
            }
            switch (kind) {
                case DIRECTORY -> {
                    into(TreePath.parent(path));
                    tell(path, stored(path));
                }
                case FILE -> file(path, look(path));
                case SAME -> {
                    int parent = look(path);
                    if (!change.links().stays(stat)) {
                        file(path, parent);
                    }
                }
                case DELETE -> {
                    into(TreePath.parent(path));
                    if (told.isEmpty() || !whole.contains(Bytes.wrap(told.element()))) {
                        visitor.gone(path);
                    }
                }
            }
        }

        private Identity stored(byte[] directory) throws LinuxException {
            int fd = from.directory(directory);
            calls.statx(fd, PathBytes.EMPTY, Abi.AT_EMPTY_PATH, Abi.STATX_BASIC_STATS, stat);
            return LayerEntry.read(calls, upper, fd, PathBytes.EMPTY, stat).identity();
        }

        private int look(byte[] path) throws LinuxException {
            int parent = from.parentOf(path);
            calls.statx(parent, TreePath.name(path), Abi.AT_SYMLINK_NOFOLLOW, Abi.STATX_BASIC_STATS, stat);
            return parent;
        }

        private void file(byte[] path, int parent) throws LinuxException, NodeException {
            Identity identity = LayerEntry.read(calls, upper, parent, TreePath.name(path), stat)
                    .identity();
            into(TreePath.parent(path));
            byte[] first = groups.firstPath(stat, path);
            if (first == null) {
                visitor.file(path, identity, parent);
            } else {
                visitor.link(path, first, identity);
            }
        }

        /** Tells of the directories on the way that no step speaks of. */
        private void into(byte[] directory) throws LinuxException, NodeException {
            if (!rootTold) {
                rootTold = true;
                visitor.directory(PathBytes.EMPTY, based(PathBytes.EMPTY), false);
            }
            while (!told.isEmpty() && !TreePath.isAtOrBelow(directory, told.element())) {
                told.pop();
            }
            byte[] at = told.isEmpty() ? PathBytes.EMPTY : told.element();
            for (byte[] name : TreePath.namesBetween(at, directory)) {
                at = TreePath.join(at, name);
                tell(at, based(at));
            }
        }

        private void tell(byte[] directory, Identity identity) throws LinuxException, NodeException {
            told.push(directory);
            visitor.directory(directory, identity, whole.contains(Bytes.wrap(directory)));
        }

        private Identity based(byte[] directory) throws LinuxException, NodeException {
            ManifestEntry record = base.find(directory);
            if (record == null) {
                throw new IllegalStateException("a step below " + TreePath.show(directory) + ", which nobody makes");
            }
            return record.identity();
        }

        @Override
        public void close() {
            from.close();
            groups.close();
        }
    }
}
