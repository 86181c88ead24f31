package dev.veneer.node.tree.rewrite;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.FileType;
import dev.veneer.node.tree.ManifestEntry;
import dev.veneer.node.tree.TreePath;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;

/**
 * Finds the directories in which so much of the base is gone that it is cheaper to hide all of it, and of which nothing
 * is seen: every name of the base's is gone or replaced by something that is not merged with it.
 */
final class WholeDirectories implements Steps.Visitor {
    /** So many names that are gone cost more than finding out. */
    private static final int MANY = 8;

    private final BaseRecords base;
    private final Deque<Level> levels = new ArrayDeque<>();
    private final Set<Bytes> whole = new HashSet<>();

    private WholeDirectories(BaseRecords base) {
        this.base = base;
    }

    private static final class Level {
        final byte[] path;
        int gone;
        int covered;

        Level(byte[] path) {
            this.path = path;
        }
    }

    static Set<Bytes> of(Steps steps, BaseRecords base) throws LinuxException, NodeException {
        WholeDirectories directories = new WholeDirectories(base);
        steps.forEach(directories);
        directories.closeTo(PathBytes.EMPTY);
        return directories.whole;
    }

    @Override
    public void step(Steps.Kind kind, byte[] path) throws LinuxException, NodeException {
        byte[] parent = TreePath.parent(path);
        if (parent.length == 0) {
            closeTo(parent);
            return; // the root of a layer hides nothing
        }
        closeTo(parent);
        Level level = levels.peek();
        if (level == null || level.path.length != parent.length) {
            level = new Level(parent);
            levels.push(level);
        }
        switch (kind) {
            case DELETE -> {
                level.gone++;
                level.covered++;
            }
            case FILE -> level.covered += base.find(path) == null ? 0 : 1;
            case DIRECTORY -> {
                ManifestEntry record = base.find(path);
                boolean replaced = record != null && record.identity().type() != FileType.DIRECTORY;
                level.covered += replaced ? 1 : 0;
            }
            case SAME -> {
                // held or not, it keeps what is cheap from being certain
            }
        }
    }

    private void closeTo(byte[] path) throws LinuxException, NodeException {
        while (!levels.isEmpty() && !TreePath.isAtOrBelow(path, levels.element().path)) {
            Level level = levels.pop();
            if (level.gone >= MANY && level.covered == base.names(level.path).size()) {
                whole.add(Bytes.wrap(level.path));
            }
        }
    }
}
