/**
 * What the mergers of coupled state are made of: reading a state file without trusting it, comparing three versions of a
 * record, and collecting what becomes of each path.
 */
@NullMarked
package dev.veneer.node.tree.coupled.record;

import org.jspecify.annotations.NullMarked;
