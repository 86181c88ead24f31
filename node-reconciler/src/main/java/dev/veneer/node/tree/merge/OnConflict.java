package dev.veneer.node.tree.merge;

/** How a conflict of a rebase is settled. */
public enum OnConflict {
    /** Not at all: the rebase changes nothing. */
    FAIL,
    /** The sliver's version stays. */
    KEEP_SLIVER,
    /** The new base's version is taken; the sliver's own is laid aside in the sliver. */
    TAKE_BASE
}
