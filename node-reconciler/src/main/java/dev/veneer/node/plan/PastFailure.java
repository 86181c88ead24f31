package dev.veneer.node.plan;

import dev.veneer.api.Reason;
import dev.veneer.node.failure.Follow;
import java.time.Instant;

/**
 * A failure that the loop remembers, so that it isn't repeated before its time. Actions of earlier phases than the one
 * that failed go on: a container that doesn't start does not keep its mount from being healed.
 *
 * @param phase the phase of the action that failed
 * @param reason for the object's conditions
 * @param follow what follows
 * @param message what went wrong
 * @param specSeen what was tried then, of a sliver its {@link dev.veneer.node.model.DesiredSliver#attempt}, else the
 *     canonical spec; another one ends the waiting
 * @param attempts how often it failed in a row
 * @param retryAt when to try again
 */
public record PastFailure(
        Phase phase, Reason reason, Follow follow, String message, String specSeen, int attempts, Instant retryAt) {}
