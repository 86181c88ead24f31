package dev.veneer.node.plan;

import dev.veneer.api.v1alpha1.UpdateWindow;
import dev.veneer.node.model.ActualSliver;
import dev.veneer.node.model.BaseRecord;
import dev.veneer.node.model.ContainerState;
import dev.veneer.node.model.DesiredSliver;
import dev.veneer.node.model.FireTimes;
import dev.veneer.node.model.PreviousRevision;
import dev.veneer.node.model.RestartBackoff;
import dev.veneer.node.model.SliverId;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** When the passing of time alone will give the planner something to do. */
final class NextTime {
    private final Instant now;
    private @Nullable Instant next;

    private NextTime(Instant now) {
        this.now = now;
    }

    /** The earliest such time after {@code input.now()}; empty when there is none. */
    static Optional<Instant> of(PlanInput input) {
        NextTime time = new NextTime(input.now());
        input.desired().slivers().values().forEach(time::declared);
        input.actual().slivers().values().forEach(time::there);
        for (FireTimes times : input.occasions().schedules().values()) {
            if (times.next() != null) {
                time.offer(times.next());
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

    /** The same as far as it comes from some slivers. */
    static Optional<Instant> ofSlivers(PlanInput input, Set<SliverId> ids) {
        NextTime time = new NextTime(input.now());
        for (SliverId id : ids) {
            DesiredSliver declared = input.desired().slivers().get(id);
            if (declared != null) {
                time.declared(declared);
            }
            ActualSliver there = input.actual().slivers().get(id);
            if (there != null) {
                time.there(there);
            }
        }
        return Optional.ofNullable(time.next);
    }

    private void declared(DesiredSliver sliver) {
        windows(sliver);
        Instant expiresAt = sliver.expiresAt();
        if (expiresAt != null && !sliver.suspend()) {
            offer(expiresAt);
            if (sliver.deleteAfter() != null) {
                offer(expiresAt.plus(sliver.deleteAfter()));
            }
        }
    }

    /** What waits for a window, perhaps without a word, can be done when one opens. */
    private void windows(DesiredSliver sliver) {
        for (UpdateWindow window : sliver.updateWindows()) {
            offer(window.nextChange(now));
        }
    }

    private void there(ActualSliver sliver) {
        windows(sliver.inForce());
        for (PreviousRevision previous : sliver.record().previous()) {
            offer(previous.keepUntil());
        }
        if (sliver.container().phase() == ContainerState.Phase.CRASHED) {
            offer(RestartBackoff.next(sliver.container().starts(), now));
        }
    }

    private void offer(Instant at) {
        if (at.isAfter(now) && (next == null || at.isBefore(next))) {
            next = at;
        }
    }
}
