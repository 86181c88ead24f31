package dev.veneer.node.image.export;

import dev.veneer.node.tree.rewrite.BaseRecords;
import dev.veneer.node.tree.rewrite.Change;

/**
 * A sliver as an export reads it. All that is open is the caller's.
 *
 * @param sliver its namespace and name, for annotations
 * @param reference the name that the image gets in the layout
 * @param baseDigest of the base that it stands on
 * @param records the base's manifest
 * @param base the root directory of the base's tree
 * @param tree the root directory of what the sliver's store holds
 * @param upper whether that is an overlay's upper directory
 * @param change what it makes of the base
 */
public record ExportSource(
        String sliver,
        String reference,
        String baseDigest,
        BaseRecords records,
        int base,
        int tree,
        boolean upper,
        Change change) {}
