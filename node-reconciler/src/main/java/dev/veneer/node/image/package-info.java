/**
 * Importing base images: archives, OCI image layouts and directories become a tree in staging and its manifest, in one
 * pass and constant memory. What comes in is taken for hostile; {@code docs/import.md} says what is kept, stripped and
 * refused.
 */
@NullMarked
package dev.veneer.node.image;

import org.jspecify.annotations.NullMarked;
