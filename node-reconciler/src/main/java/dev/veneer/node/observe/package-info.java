/** Looks at what is: mount tables, the store, containers. Changes nothing. */
@NullMarked
package dev.veneer.node.observe;

import org.jspecify.annotations.NullMarked;
