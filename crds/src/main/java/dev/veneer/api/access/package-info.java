/** Who may read what agent and controller tell over HTTP. */
@NullMarked
package dev.veneer.api.access;

import org.jspecify.annotations.NullMarked;
