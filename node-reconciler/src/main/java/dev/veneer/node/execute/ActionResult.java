package dev.veneer.node.execute;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.plan.Action;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What became of one action.
 *
 * @param action what was to be done
 * @param outcome how it ended
 * @param failure why it failed, or was not tried; null when done
 * @param at when it ended
 * @param took how long it took, as far as it can be told apart from the others of its batch
 * @param detail with what result, for people; may be empty
 */
public record ActionResult(
        Action action, Outcome outcome, @Nullable NodeException failure, Instant at, Duration took, String detail) {
    /** How an action ended. */
    public enum Outcome {
        /** Done, and durable where it writes. */
        DONE,
        /** Tried, failed, undone. */
        FAILED,
        /** Not tried, since something that it needs failed, or the run was told to stop. */
        SKIPPED
    }
}
