package dev.veneer.node.tree.merge;

/**
 * The trees that a rebase compares.
 *
 * @param oldBase of the base image that the sliver stands on
 * @param newBase of the one that it moves to
 * @param sliver what a program in the sliver sees before the rebase
 */
public record ThreeTrees(MergeTree oldBase, MergeTree newBase, MergeTree sliver) {
    /** The tree of a side. */
    public MergeTree of(Side side) {
        return switch (side) {
            case OLD_BASE -> oldBase;
            case NEW_BASE -> newBase;
            case SLIVER -> sliver;
        };
    }
}
