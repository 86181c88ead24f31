/**
 * Writing what a sliver became: layers and OCI image layouts that other tools read, published whole or not at all.
 * {@code docs/export.md} says what a layer can hold and what is refused.
 */
@NullMarked
package dev.veneer.node.image.export;

import org.jspecify.annotations.NullMarked;
