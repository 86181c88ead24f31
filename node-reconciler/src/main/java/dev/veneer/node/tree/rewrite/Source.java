package dev.veneer.node.tree.rewrite;

/**
 * Where the files of steps come from.
 *
 * @param root the tree's root directory, open
 * @param upper whether it is an overlay's upper directory
 * @param oldBase the tree of the base that the sliver stood on, open; -1 when no recipe asks for it
 * @param newBase the tree of the base that it moves to, open; -1 when no recipe asks for it
 * @param linkable whether its files may be shared with the new revision by hard links: the revision that holds them
 *     is given up when the new one is taken into use
 */
public record Source(int root, boolean upper, int oldBase, int newBase, boolean linkable) {
    /** A source of steps without recipes. */
    public static Source of(int root, boolean upper, boolean linkable) {
        return new Source(root, upper, -1, -1, linkable);
    }

    int place(Recipe.Place place) {
        return switch (place) {
            case STORE -> root;
            case OLD_BASE -> oldBase;
            case NEW_BASE -> newBase;
        };
    }
}
