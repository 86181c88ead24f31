/**
 * Immutable values that every step of the pipeline may import: identities, desired and actual state, mount
 * descriptions. Nothing here does I/O.
 */
@NullMarked
package dev.veneer.node.model;

import org.jspecify.annotations.NullMarked;
