/**
 * What can go wrong on a node and what follows from it.
 */
@NullMarked
package dev.veneer.node.failure;

import org.jspecify.annotations.NullMarked;
