/**
 * Trees of files by directory descriptor: what identifies a file, walking a tree that somebody hostile may have made,
 * and the manifest that records a tree's identity. No path of more than one component is ever given to the kernel.
 */
@NullMarked
package dev.veneer.node.tree;

import org.jspecify.annotations.NullMarked;
