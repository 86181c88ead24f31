package dev.veneer.node.plan;

import dev.veneer.api.Reason;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.model.ObjectRef;

/**
 * Something that keeps an object from being as declared and that no action of this plan mends.
 *
 * @param object which
 * @param reason for its conditions
 * @param follow what follows
 * @param message what is wrong, where, and what to do
 */
public record Finding(ObjectRef object, Reason reason, Follow follow, String message) {}
