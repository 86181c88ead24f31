/**
 * Carries plans out. Nothing here decides: each action is done as it says, or fails and is undone. Only this package
 * mounts.
 */
@NullMarked
package dev.veneer.node.execute;

import org.jspecify.annotations.NullMarked;
