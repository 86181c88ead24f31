/**
 * What becomes of a sliver that moves to another base image: each path of the old base, the new base and the sliver is
 * compared, and a verdict says which side it follows. Decides; writes nothing.
 */
@NullMarked
package dev.veneer.node.tree.merge;

import org.jspecify.annotations.NullMarked;
