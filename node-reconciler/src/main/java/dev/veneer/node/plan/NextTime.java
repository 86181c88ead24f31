package dev.veneer.node.plan;

import dev.veneer.node.model.ActualSliver;
import dev.veneer.node.model.BaseRecord;
import dev.veneer.node.model.ContainerState;
import dev.veneer.node.model.DesiredSliver;
import dev.veneer.node.model.FireTimes;
import dev.veneer.node.model.PreviousRevision;
import dev.veneer.node.model.RestartBackoff;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** When the passing of time alone will give the planner something to do. */
public final class NextTime {
    private final Instant now;
    private @Nullable Instant next;

    private NextTime(Instant now) {
        this.now = now;
    }

    /** The earliest such time after {@code input.now()}; empty when there is none. */
    public static Optional<Instant> of(PlanInput input) {
        NextTime time = new NextTime(input.now());
        for (DesiredSliver sliver : input.desired().slivers().values()) {
            Instant expiresAt = sliver.expiresAt();
            if (expiresAt != null && !sliver.suspend()) {
                time.offer(expiresAt);
                if (sliver.deleteAfter() != null) {
                    time.offer(expiresAt.plus(sliver.deleteAfter()));
                }
            }
        }
        for (FireTimes times : input.occasions().schedules().values()) {
            if (times.next() != null) {
                time.offer(times.next());
            }
        }
        for (ActualSliver sliver : input.actual().slivers().values()) {
            for (PreviousRevision previous : sliver.record().previous()) {
                time.offer(previous.keepUntil());
            }
            if (sliver.container().phase() == ContainerState.Phase.CRASHED) {
                time.offer(RestartBackoff.next(sliver.container().starts(), input.now()));
            }
        }
        for (BaseRecord base : input.actual().bases().values()) {
            if (base.unreferencedSince() != null) {
                time.offer(base.unreferencedSince().plus(base.keepUnreferenced()));
            }
        }
        for (PastFailure failure : input.failures().values()) {
            time.offer(failure.retryAt());
        }
        return Optional.ofNullable(time.next);
    }

    private void offer(Instant at) {
        if (at.isAfter(now) && (next == null || at.isBefore(next))) {
            next = at;
        }
    }
}
