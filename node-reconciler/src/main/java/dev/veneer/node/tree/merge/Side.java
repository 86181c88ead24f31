package dev.veneer.node.tree.merge;

/** The three trees of a rebase. */
public enum Side {
    OLD_BASE,
    NEW_BASE,
    SLIVER
}
