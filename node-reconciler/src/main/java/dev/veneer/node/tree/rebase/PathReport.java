package dev.veneer.node.tree.rebase;

import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.merge.OnConflict;
import dev.veneer.node.tree.merge.Verdict;
import org.jspecify.annotations.Nullable;

/**
 * What a rebase says of one path that it does not simply take from the new base.
 *
 * @param path in the tree
 * @param verdict what was found
 * @param settled how a conflict is settled; null for what is none
 * @param by the merger that decided it, or empty for the path table
 * @param detail for people, may be empty
 */
public record PathReport(Bytes path, Verdict verdict, @Nullable OnConflict settled, String by, String detail) {}
