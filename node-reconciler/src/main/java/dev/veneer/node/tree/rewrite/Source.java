package dev.veneer.node.tree.rewrite;

/**
 * Where the files of steps come from.
 *
 * @param root the tree's root directory, open
 * @param upper whether it is an overlay's upper directory
 * @param linkable whether its files may be shared with the new revision by hard links: the revision that holds them
 *     is given up when the new one is taken into use
 */
public record Source(int root, boolean upper, boolean linkable) {}
