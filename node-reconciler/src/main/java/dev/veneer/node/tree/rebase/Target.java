package dev.veneer.node.tree.rebase;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.Identity;
import dev.veneer.node.tree.TreePath;
import dev.veneer.node.tree.merge.Conflict;
import dev.veneer.node.tree.merge.OnConflict;
import dev.veneer.node.tree.merge.Verdict;
import dev.veneer.node.tree.rewrite.BaseRecords;
import dev.veneer.node.tree.rewrite.PackedRecipes;
import dev.veneer.node.tree.rewrite.Recipe;
import dev.veneer.node.tree.rewrite.Steps;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The steps of a rebase as they are decided, in the order of a manifest. A directory gets its step only when something is
 * held in it or it is described otherwise than the new base's, and always before what is in it.
 */
final class Target {
    private final BaseRecords newBase;
    private final Notes notes;
    private final Steps steps = new Steps();
    private final Map<Bytes, Recipe> recipes = new PackedRecipes();
    private final Deque<Level> levels = new ArrayDeque<>();
    /** The last path that is a file or gone: nothing can be held below it. */
    private byte @Nullable [] ended;

    /** @param notes settles whether something is held where the new base has no directory */
    Target(BaseRecords newBase, Notes notes) {
        this.newBase = newBase;
        this.notes = notes;
    }

    /** A directory on the way down. */
    static final class Level {
        final byte[] path;
        /** As the sliver has it, or null where that has no directory. */
        final @Nullable Identity own;
        /** As the new base has it, or null where that has no directory. */
        final @Nullable Identity renewed;
        /** Owner, mode and attributes that it will have; the time is decided at the end. */
        final Identity described;
        /** Whether the new base has anything there. */
        final boolean inNewBase;
        /** Only on the way to a path that the view does not tell of. */
        boolean between;
        /** The new base has something else there: a conflict as soon as something below is to be held. */
        boolean contested;

        /** Nothing below is held but what is pinned: what is here goes the new base's way. */
        boolean given;

        /** Of what the new base has in it only that is seen which is taken; it is gone when nothing is held. */
        boolean closed;

        boolean held;
        /** A name comes or goes against the new base. */
        boolean namesDiffer;
        /** Of a closed one that is held: the new base's names in it that were not passed yet. */
        @Nullable
        Deque<Bytes> names;

        Level(byte[] path, @Nullable Identity own, @Nullable Identity renewed, Identity described, boolean inNewBase) {
            this.path = path;
            this.own = own;
            this.renewed = renewed;
            this.described = described;
            this.inNewBase = inNewBase;
        }
    }

    Steps steps() {
        return steps;
    }

    Map<Bytes, Recipe> recipes() {
        return recipes;
    }

    /** The directory at hand, or null before the root. */
    @Nullable
    Level level() {
        return levels.peek();
    }

    /** Whether the directory at hand goes the new base's way. */
    boolean isGiven() {
        Level level = levels.peek();
        return level != null && level.given;
    }

    /** Whether in the directory at hand only that of the new base is seen which is taken. */
    boolean isClosed() {
        Level level = levels.peek();
        return level != null && level.closed;
    }

    /** Whether a path lies below one that is a file or gone. */
    boolean isCovered(byte[] path) {
        return ended != null && TreePath.isBelow(path, ended);
    }

    /** Goes into a directory. */
    void enter(Level level) {
        levels.push(level);
    }

    /** Whether something may be held in the directory at hand; settles it where the new base has something else. */
    boolean mayHold() {
        for (Level level = contested(); level != null; level = contested()) {
            level.contested = false;
            OnConflict settled =
                    notes.settle(new Conflict(Verdict.TYPE, List.of(Bytes.wrap(level.path)), "changed below"));
            if (settled == OnConflict.TAKE_BASE) {
                give(level);
                return false;
            }
        }
        return true;
    }

    /** The uppermost directory on the way that is contested, or null. */
    private @Nullable Level contested() {
        var down = levels.descendingIterator();
        while (down.hasNext()) {
            Level level = down.next();
            if (level.contested) {
                return level;
            }
        }
        return null;
    }

    /** From a directory on the way on, everything goes the new base's way. */
    private void give(Level from) {
        for (Level level : levels) {
            level.given = true;
            if (level == from) {
                return;
            }
        }
    }

    /** The directory at hand is held even if nothing is in it. */
    void holdDirectory() throws LinuxException, NodeException {
        Level level = levels.peek();
        if (level != null) {
            hold(level.path);
        }
    }

    /** Holds a file of the directory at hand. */
    void file(byte[] path, boolean inNewBase) throws LinuxException, NodeException {
        step(Steps.Kind.FILE, path, !inNewBase);
    }

    /** Holds a file of the directory at hand that is made by a recipe. */
    void file(byte[] path, boolean inNewBase, Recipe recipe) throws LinuxException, NodeException {
        recipes.put(Bytes.wrap(path), recipe);
        file(path, inNewBase);
    }

    /** Lets a file of the new base be seen in the directory at hand. */
    void take(byte[] path) throws LinuxException, NodeException {
        if (isClosed()) {
            hold(path);
        }
    }

    /** Takes away what the new base has. */
    void delete(byte[] path) throws LinuxException, NodeException {
        if (!isClosed()) {
            step(Steps.Kind.DELETE, path, true);
        }
    }

    private void step(Steps.Kind kind, byte[] path, boolean changesNames) throws LinuxException, NodeException {
        hold(path);
        Level level = levels.peek();
        if (level != null) {
            level.namesDiffer |= changesNames;
        }
        add(kind, path);
    }

    private void add(Steps.Kind kind, byte[] path) {
        steps.add(kind, path);
        ended = kind == Steps.Kind.DIRECTORY ? ended : path;
    }

    /** Makes the steps of the directories on the way that have none yet, from the top down, as far as to a path. */
    private void hold(byte[] path) throws LinuxException, NodeException {
        var down = levels.descendingIterator();
        Level above = null;
        while (down.hasNext()) {
            Level level = down.next();
            if (!level.held) {
                level.held = true;
                add(Steps.Kind.DIRECTORY, level.path);
                if (above != null && !level.inNewBase) {
                    above.namesDiffer = true;
                }
            }
            if (level.closed && TreePath.isBelow(path, level.path)) {
                pass(level, TreePath.namesBetween(level.path, path).get(0));
            }
            above = level;
        }
    }

    /** What the new base has in a closed directory before a name, or all that is left, is gone. */
    private void pass(Level level, byte @Nullable [] upTo) throws LinuxException, NodeException {
        Deque<Bytes> names = level.names;
        if (names == null) {
            names = new ArrayDeque<>(level.renewed == null ? List.of() : newBase.names(level.path));
            level.names = names;
        }
        while (!names.isEmpty()) {
            int order = upTo == null ? -1 : names.element().compareTo(Bytes.wrap(upTo));
            if (order > 0) {
                return;
            }
            Bytes name = names.remove();
            if (order < 0) {
                add(Steps.Kind.DELETE, TreePath.join(level.path, name.array()));
                level.namesDiffer = true;
            }
        }
    }

    /** Leaves the directory at hand; its time is now known. */
    void leave() throws LinuxException, NodeException {
        Level level = levels.pop();
        if (level.held) {
            if (level.closed) {
                pass(level, null);
            }
            Identity timed = level.renewed == null || level.namesDiffer ? level.own : level.renewed;
            Identity last = timed == null ? level.described : timed;
            recipes.put(
                    Bytes.wrap(level.path),
                    new Recipe.Described(level.described.withTime(last.mtimeSec(), last.mtimeNsec())));
        } else if (level.closed && level.inNewBase) {
            delete(level.path);
        }
    }

    /** Leaves directories that were entered on the way to one path only, until one is at hand that is above a path. */
    void surface(byte @Nullable [] path) throws LinuxException, NodeException {
        for (Level level = levels.peek();
                level != null && level.between && (path == null || !TreePath.isBelow(path, level.path));
                level = levels.peek()) {
            leave();
        }
    }
}
