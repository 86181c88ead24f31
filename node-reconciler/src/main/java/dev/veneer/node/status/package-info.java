/**
 * What the status of each object says, computed from what is, what is declared and what became of the last plan. The
 * computation is pure; the reporter is the one writer of every field.
 */
@NullMarked
package dev.veneer.node.status;

import org.jspecify.annotations.NullMarked;
