package dev.veneer.node.tree.rewrite;

/**
 * What a writer did.
 *
 * @param files files that are not directories
 * @param copiedBytes sizes of those whose content was copied or cloned; linked ones cost nothing
 * @param deletions names of the base that are gone
 */
public record Written(long files, long copiedBytes, long deletions) {}
