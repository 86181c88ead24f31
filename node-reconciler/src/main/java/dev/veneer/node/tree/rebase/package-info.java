/**
 * Moving a sliver to another base image: every path of the old base, the new base and the sliver gets a verdict, by
 * mergers of coupled state first and path by path otherwise; the outcome is what the new revision has to hold.
 */
@NullMarked
package dev.veneer.node.tree.rebase;

import org.jspecify.annotations.NullMarked;
