/** What encrypted connections of the node have in common, to the API server and to where archives lie. */
@NullMarked
package dev.veneer.node.tls;

import org.jspecify.annotations.NullMarked;
