/** Gathers what a decision needs from the API, and writes what was decided. */
@NullMarked
package dev.veneer.controller.reconcile;

import org.jspecify.annotations.NullMarked;
