package dev.veneer.node.image;

import dev.veneer.node.tree.rewrite.BaseRecords;
import dev.veneer.node.tree.rewrite.Change;
import org.jspecify.annotations.Nullable;

/**
 * What a sliver sees, read where it lies and without a mount. The descriptors are the caller's.
 *
 * @param tree the root directory of the sliver's own tree, or of the upper directory of its overlay
 * @param over what the upper directory lies over; null for a tree that is whole by itself
 */
public record SliverTree(int tree, @Nullable Over over) {
    /**
     * What an upper directory lies over.
     *
     * @param base the root directory of the base's tree
     * @param records the base's manifest
     * @param change what the upper directory makes of the base
     * @param upper whether the tree is really an upper directory; else it is what the kernel shows of both
     */
    public record Over(int base, BaseRecords records, Change change, boolean upper) {}
}
