/** Looks at the node: mount tables, stores and containers as they are. Reads only. */
@NullMarked
package dev.veneer.node.observe;

import org.jspecify.annotations.NullMarked;
