package dev.veneer.node.model;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Where a schedule stands at the time of a pass.
 *
 * @param last the latest of its times that is not after now; null when there was none within the last hour, and what was
 *     missed for longer is not made up for
 * @param next the first after now; null when there is none
 */
public record FireTimes(@Nullable Instant last, @Nullable Instant next) {
    /** A schedule that never comes. */
    public static final FireTimes NEVER = new FireTimes(null, null);

    /** Whether its time came after {@code done} and what it is for was not done since. */
    public boolean isDueSince(Instant done) {
        return last != null && last.isAfter(done);
    }
}
