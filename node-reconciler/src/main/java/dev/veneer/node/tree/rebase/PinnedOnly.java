package dev.veneer.node.tree.rebase;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.Identity;
import dev.veneer.node.tree.ManifestEntry;
import dev.veneer.node.tree.rewrite.BaseRecords;
import dev.veneer.node.tree.rewrite.PackedRecipes;
import dev.veneer.node.tree.rewrite.Recipe;
import dev.veneer.node.tree.rewrite.Steps;
import dev.veneer.node.tree.rewrite.ViewPath;
import dev.veneer.node.tree.rewrite.ViewVisitor;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.function.Predicate;

/** Strategy Discard: of what the sliver's owner changed, only pinned paths are held over the new base. */
public final class PinnedOnly implements ViewVisitor {
    private final BaseRecords newBase;
    private final Predicate<byte[]> pinned;
    private final boolean all;
    private final Steps steps = new Steps();
    private final Map<Bytes, Recipe> recipes = new PackedRecipes();
    private final Deque<Level> levels = new ArrayDeque<>();
    private long held;
    private long bytes;

    /** A directory on the way down. */
    private static final class Level {
        final byte[] path;
        final Identity identity;
        boolean made;

        Level(byte[] path, Identity identity) {
            this.path = path;
            this.identity = identity;
        }
    }

    /**
     * Of one sliver.
     *
     * @param pinned whether a path is held
     * @param all whether all paths that are told are in its store, and not only those that differ from its base
     */
    public PinnedOnly(BaseRecords newBase, Predicate<byte[]> pinned, boolean all) {
        this.newBase = newBase;
        this.pinned = pinned;
        this.all = all;
    }

    /** What the new revision has to hold. */
    public Steps steps() {
        return steps;
    }

    /** How what is not simply as in the sliver is made. */
    public Map<Bytes, Recipe> recipes() {
        return recipes;
    }

    /** How many paths are held. */
    public long held() {
        return held;
    }

    /** Bytes that the files among them take of the disk. */
    public long bytes() {
        return bytes;
    }

    @Override
    public void present(ViewPath path) throws LinuxException, NodeException {
        boolean holds = pinned.test(path.path()) && (all || !path.isAsInBase());
        if (path.stat().isDirectory()) {
            Level level = new Level(path.path(), path.identity());
            if (holds) {
                makeAbove();
                steps.add(Steps.Kind.DIRECTORY, path.path());
                recipes.put(Bytes.wrap(path.path()), new Recipe.Described(path.identity()));
                level.made = true;
                held++;
            }
            levels.push(level);
        } else if (holds) {
            makeAbove();
            steps.add(Steps.Kind.FILE, path.path());
            held++;
            bytes += path.allocated();
        }
    }

    @Override
    public void absent(ManifestEntry record) throws LinuxException, NodeException {
        byte[] path = record.path().array();
        if (pinned.test(path) && newBase.find(path) != null) {
            makeAbove();
            steps.add(Steps.Kind.DELETE, path);
            held++;
        }
    }

    /** The directories above a held path are the new base's; where that has none, as the sliver has them. */
    private void makeAbove() throws LinuxException, NodeException {
        var down = levels.descendingIterator();
        while (down.hasNext()) {
            Level level = down.next();
            if (!level.made && !newBase.isDirectory(level.path)) {
                steps.add(Steps.Kind.DIRECTORY, level.path);
                recipes.put(Bytes.wrap(level.path), new Recipe.Described(level.identity));
            }
            level.made = true;
        }
    }

    @Override
    public void leave(byte[] directory) {
        levels.pop();
    }
}
