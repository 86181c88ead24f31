package dev.veneer.node.tree.rewrite;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.InodeFlags;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.linux.Statx;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.DirectoryStack;
import dev.veneer.node.tree.Identity;
import dev.veneer.node.tree.LayerEntry;
import dev.veneer.node.tree.LongPath;
import dev.veneer.node.tree.ManifestEntry;
import dev.veneer.node.tree.SafeOpen;
import dev.veneer.node.tree.TreePath;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Carries steps out in a new revision, which nobody uses yet. Directories are described when all is in them, since that
 * changes their times; protected files come last of all, since they cannot be linked. Durability is the caller's.
 */
public final class RevisionWriter {
    private final LinuxCalls calls;
    private final BaseRecords base;

    /** @param base of the new revision */
    public RevisionWriter(LinuxCalls calls, BaseRecords base) {
        this.calls = calls;
        this.base = base;
    }

    /** Fills an empty upper directory, which is described as the base's root. */
    public Written writeUpper(Change change, Source source, int upper) throws LinuxException, NodeException {
        return write(change, source, upper, new UpperTarget(calls, base));
    }

    /**
     * Changes a tree that is a clone of the base.
     *
     * @param shownAs path of the tree, for messages
     */
    public Written writeTree(Change change, Source source, int tree, String shownAs)
            throws LinuxException, NodeException {
        return write(change, source, tree, new TreeTarget(calls, shownAs));
    }

    private Written write(Change change, Source source, int root, Target target) throws LinuxException, NodeException {
        try (Writing writing = new Writing(change, source, root, target)) {
            change.steps().forEach(writing);
            writing.closeTo(PathBytes.EMPTY);
            writing.closeRoot();
            writing.setFlags();
            return writing.written();
        } finally {
            target.finish();
        }
    }

    private record Flagged(Bytes path, int flags) {}

    /** A directory on the way down, in the target. */
    private static final class Level {
        final byte[] path;
        final @Nullable Identity identity;
        final List<byte[]> whiteouts = new ArrayList<>();

        Level(byte[] path, @Nullable Identity identity) {
            this.path = path;
            this.identity = identity;
        }
    }

    private final class Writing implements Steps.Visitor, AutoCloseable {
        final Change change;
        final Source source;
        final int root;
        final Target target;
        final Descent from;
        final DirectoryStack to;
        final FileCopy files;
        final Deque<Level> levels = new ArrayDeque<>();
        final List<Flagged> flagged = new ArrayList<>();
        final Statx stat = new Statx();
        private Level rootLevel = new Level(PathBytes.EMPTY, null);
        private boolean rootChanged;
        private long deletions;

        Writing(Change change, Source source, int root, Target target) {
            this.change = change;
            this.source = source;
            this.root = root;
            this.target = target;
            this.from = new Descent(calls, source.root());
            this.to = new DirectoryStack(calls, root);
            this.files = new FileCopy(
                    calls, source, root, target.isUpper(), change.links().scratchDirectory());
        }

        Written written() {
            return new Written(files.count(), files.copiedBytes(), deletions);
        }

        @Override
        public void step(Steps.Kind kind, byte[] path) throws LinuxException, NodeException {
            switch (kind) {
                case DIRECTORY -> directory(path);
                case FILE -> file(path);
                case SAME -> {
                    calls.statx(
                            from.parentOf(path),
                            TreePath.name(path),
                            Abi.AT_SYMLINK_NOFOLLOW,
                            Abi.STATX_BASIC_STATS,
                            stat);
                    if (!change.links().stays(stat)) {
                        file(path);
                    }
                }
                case DELETE -> {
                    into(TreePath.parent(path));
                    target.delete(to.fd(), path, TreePath.name(path), level().whiteouts);
                    deletions++;
                }
            }
        }

        private void directory(byte[] path) throws LinuxException, NodeException {
            Identity identity = described(path);
            if (path.length == 0) {
                rootLevel = new Level(path, identity);
                rootChanged = true;
                loosen(root);
            } else {
                into(TreePath.parent(path));
                open(path, identity);
            }
        }

        private Identity described(byte[] path) throws LinuxException {
            if (change.recipes().get(Bytes.wrap(path)) instanceof Recipe.Described recipe) {
                return recipe.identity();
            }
            int directory = from.directory(path);
            calls.statx(directory, PathBytes.EMPTY, Abi.AT_EMPTY_PATH, Abi.STATX_BASIC_STATS, stat);
            return LayerEntry.read(calls, source.upper(), directory, PathBytes.EMPTY, stat)
                    .identity();
        }

        private void file(byte[] path) throws LinuxException, NodeException {
            into(TreePath.parent(path));
            target.clear(to.fd(), TreePath.name(path));
            Recipe recipe = change.recipes().get(Bytes.wrap(path));
            Identity made = recipe == null
                    ? files.make(from.parentOf(path), TreePath.name(path), to.fd(), path)
                    : files.make(recipe, from, to.fd(), path);
            if (made != null && made.flags() != 0 && !target.isUpper()) {
                flagged.add(new Flagged(Bytes.wrap(path), made.flags()));
            }
        }

        private Level level() {
            Level top = levels.peek();
            return top == null ? rootLevel : top;
        }

        /** Goes to a directory of the target, making those on the way as the base has them. */
        private void into(byte[] directory) throws LinuxException, NodeException {
            if (!rootChanged) {
                rootChanged = true;
                loosen(root);
            }
            closeTo(directory);
            byte[] at = level().path;
            for (byte[] name : TreePath.namesBetween(at, directory)) {
                at = TreePath.join(at, name);
                open(at, null);
            }
        }

        private void open(byte[] path, @Nullable Identity identity) throws LinuxException, NodeException {
            byte[] name = TreePath.name(path);
            target.openDirectory(to.fd(), name);
            to.push(name);
            loosen(to.fd());
            Identity own = identity;
            if (own == null) {
                ManifestEntry record = base.find(path);
                if (record == null) {
                    throw new IllegalStateException("a step below " + TreePath.show(path) + ", which nobody makes");
                }
                own = record.identity();
            }
            levels.push(new Level(path, own));
        }

        private void loosen(int directory) throws LinuxException {
            if (target instanceof TreeTarget tree) {
                tree.loosen(directory);
            }
        }

        void closeTo(byte[] path) throws LinuxException, NodeException {
            while (!levels.isEmpty() && !TreePath.isAtOrBelow(path, levels.element().path)) {
                close(levels.pop());
                to.pop();
            }
        }

        private void close(Level level) throws LinuxException, NodeException {
            Identity identity = level.identity;
            if (identity == null) {
                ManifestEntry record = base.find(level.path);
                if (record == null) {
                    throw new IllegalStateException("the base has no root");
                }
                identity = record.identity();
            }
            target.close(to.fd(), level.path, identity, level.whiteouts);
            if (identity.flags() != 0 && !target.isUpper()) {
                flagged.add(new Flagged(Bytes.wrap(level.path), identity.flags()));
            }
        }

        void closeRoot() throws LinuxException, NodeException {
            if (rootChanged) {
                close(rootLevel);
            }
        }

        void setFlags() throws LinuxException {
            SafeOpen open = new SafeOpen(calls);
            for (Flagged file : flagged) {
                LongPath.withParent(calls, root, file.path.array(), (directory, name) -> {
                    int fd = open.forFlags(directory, name);
                    if (fd < 0) {
                        return;
                    }
                    try {
                        InodeFlags.set(calls, fd, InodeFlags.get(calls, fd) | inodeFlags(file.flags));
                    } finally {
                        calls.close(fd);
                    }
                });
            }
        }

        private static int inodeFlags(int flags) {
            return ((flags & Identity.IMMUTABLE) != 0 ? Abi.FS_IMMUTABLE_FL : 0)
                    | ((flags & Identity.APPEND_ONLY) != 0 ? Abi.FS_APPEND_FL : 0);
        }

        @Override
        public void close() {
            files.close();
            from.close();
            to.close();
        }
    }
}
