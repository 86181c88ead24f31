/** Overlays of a base directory and an upper directory: the default where the kernel can. */
@NullMarked
package dev.veneer.node.driver.overlay;

import org.jspecify.annotations.NullMarked;
