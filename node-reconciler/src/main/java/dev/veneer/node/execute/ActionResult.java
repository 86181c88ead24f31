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
 * @param begun whether anything of it was begun; not when looking beforehand told that it cannot be done
 * @param at when it ended
 * @param took how long it took, as far as it can be told apart from the others of its batch
 * @param effect with what result
 */
public record ActionResult(
        Action action,
        Outcome outcome,
        @Nullable NodeException failure,
        boolean begun,
        Instant at,
        Duration took,
        Effect effect) {
    /**
     * What an action came to.
     *
     * @param told for people; may be empty
     * @param facts what status says of it, or null: a {@link dev.veneer.node.model.RebaseSummary} of a rebase, a
     *     {@link dev.veneer.node.model.CompactionSummary} of a compaction
     */
    public record Effect(String told, @Nullable Object facts) {
        /** Nothing to say. */
        public static final Effect NONE = new Effect("", null);

        /** Only something for people. */
        public static Effect told(String words) {
            return words.isEmpty() ? NONE : new Effect(words, null);
        }
    }

    /** With what result, for people; may be empty. */
    public String detail() {
        return effect.told();
    }

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
