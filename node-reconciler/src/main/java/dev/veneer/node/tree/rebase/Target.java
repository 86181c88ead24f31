package dev.veneer.node.tree.rebase;

import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.Identity;
import dev.veneer.node.tree.rewrite.PackedRecipes;
import dev.veneer.node.tree.rewrite.Recipe;
import dev.veneer.node.tree.rewrite.Steps;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The steps of a rebase as they are decided, on the way through the sliver's view. A directory gets its step only when
 * something is held in it or it is described otherwise than the new base's, and always before what is in it.
 */
final class Target {
    private final Steps steps = new Steps();
    private final Map<Bytes, Recipe> recipes = new PackedRecipes();
    private final Deque<Level> levels = new ArrayDeque<>();

    /** A directory of the sliver's view on the way down. */
    static final class Level {
        final byte[] path;
        /** As the sliver has it. */
        final Identity own;
        /** As the new base has it there, or null where that has no directory. */
        final @Nullable Identity renewed;
        /** Owner, mode and attributes that it will have; the time is decided at the end. */
        final Identity described;
        /** The new base has something else there: a conflict as soon as something below is to be held. */
        boolean contested;

        /** Nothing below is held: what is here goes the new base's way. */
        boolean given;

        boolean held;
        /** A name comes or goes against the new base. */
        boolean namesDiffer;

        Level(byte[] path, Identity own, @Nullable Identity renewed, Identity described) {
            this.path = path;
            this.own = own;
            this.renewed = renewed;
            this.described = described;
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

    /** The uppermost directory on the way that is contested, or null. */
    @Nullable
    Level contested() {
        var down = levels.descendingIterator();
        while (down.hasNext()) {
            Level level = down.next();
            if (level.contested) {
                return level;
            }
        }
        return null;
    }

    /** Goes into a directory of the view. */
    void enter(Level level) {
        levels.push(level);
    }

    /** From a directory on the way on, everything goes the new base's way. */
    void give(Level from) {
        for (Level level : levels) {
            level.given = true;
            if (level == from) {
                return;
            }
        }
    }

    /** The directory at hand is held even if nothing is in it. */
    void holdDirectory() {
        hold();
    }

    /** Holds a file of the directory at hand. */
    void file(byte[] path, boolean inNewBase) {
        step(Steps.Kind.FILE, path, !inNewBase);
    }

    /** Holds a file of the directory at hand that is made by a recipe. */
    void file(byte[] path, boolean inNewBase, Recipe recipe) {
        recipes.put(Bytes.wrap(path), recipe);
        file(path, inNewBase);
    }

    /** Takes away what the new base has. */
    void delete(byte[] path) {
        step(Steps.Kind.DELETE, path, true);
    }

    private void step(Steps.Kind kind, byte[] path, boolean changesNames) {
        hold();
        Level level = levels.peek();
        if (level != null) {
            level.namesDiffer |= changesNames;
        }
        steps.add(kind, path);
    }

    /** Makes the steps of the directories on the way that have none yet, from the top down. */
    private void hold() {
        var down = levels.descendingIterator();
        Level above = null;
        while (down.hasNext()) {
            Level level = down.next();
            if (!level.held) {
                level.held = true;
                steps.add(Steps.Kind.DIRECTORY, level.path);
                if (above != null && level.renewed == null) {
                    above.namesDiffer = true;
                }
            }
            above = level;
        }
    }

    /** Leaves the directory at hand; its time is now known. */
    void leave() {
        Level level = levels.pop();
        if (level.held) {
            Identity timed = level.renewed == null || level.namesDiffer ? level.own : level.renewed;
            recipes.put(
                    Bytes.wrap(level.path),
                    new Recipe.Described(level.described.withTime(timed.mtimeSec(), timed.mtimeNsec())));
        }
    }
}
