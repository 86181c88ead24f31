/**
 * Rewriting a writable store: what it has to hold so that over a base it gives a view, in canonical form. Readers find
 * that out as steps, one for each path, from what is stored and the base's manifest; a writer carries the steps out in
 * a new revision; the two views are then compared. Compaction, rebase, export and conversion differ only in the steps.
 */
@NullMarked
package dev.veneer.node.tree.rewrite;

import org.jspecify.annotations.NullMarked;
