package dev.veneer.node.store;

import dev.veneer.node.model.ObjectRef;
import org.jspecify.annotations.Nullable;

/**
 * Something in the store that cannot be read as it should. Never acted upon by itself: whatever it concerns is left
 * alone.
 *
 * @param item what it concerns, or null when that cannot be told
 * @param path absolute path
 * @param message what is wrong
 */
public record StoreProblem(@Nullable ObjectRef item, String path, String message) {}
