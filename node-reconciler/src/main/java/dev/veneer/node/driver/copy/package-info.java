/** Whole copies of the base, sharing blocks where the file system can. */
@NullMarked
package dev.veneer.node.driver.copy;

import org.jspecify.annotations.NullMarked;
