package dev.veneer.node.loop;

import dev.veneer.node.execute.ActionResult;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.model.ActualSliver;
import dev.veneer.node.model.ActualState;
import dev.veneer.node.model.DesiredBaseImage;
import dev.veneer.node.model.DesiredSliver;
import dev.veneer.node.model.DesiredState;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.plan.PastFailure;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What failed lately, and when it may be tried again. Kept in memory only: after a restart everything is tried once
 * more, which is what a person who restarts expects.
 */
public final class FailureMemory {
    /** First distance between two tries; doubles each time. */
    static final Duration FIRST = Duration.ofSeconds(1);
    /** Longest distance between two tries of what is likely to pass by itself. */
    static final Duration LONGEST_RETRY = Duration.ofMinutes(5);
    /** Longest distance between two looks at what is waited for. */
    static final Duration LONGEST_WAIT = Duration.ofSeconds(30);
    /** So far away that only a change of the declared state or a restart brings a new try. */
    static final Instant NEVER = Instant.parse("9999-12-31T23:59:59Z");

    private final Map<ObjectRef, PastFailure> failures = new HashMap<>();

    /** What the planner is to know. */
    public Map<ObjectRef, PastFailure> failures() {
        return Map.copyOf(failures);
    }

    /** Learns from what became of a plan. */
    public void note(List<ActionResult> results, DesiredState desired, ActualState actual) {
        for (ActionResult result : results) {
            ObjectRef object = result.action().object();
            NodeException failure = result.failure();
            if (result.outcome() == ActionResult.Outcome.FAILED && failure != null) {
                PastFailure before = failures.get(object);
                int attempts = before == null ? 1 : before.attempts() + 1;
                failures.put(
                        object,
                        new PastFailure(
                                result.action().phase(),
                                failure.reason(),
                                failure.follow(),
                                String.valueOf(failure.getMessage()),
                                spec(object, desired, actual),
                                attempts,
                                next(failure.follow(), attempts, result.at())));
            } else if (result.outcome() == ActionResult.Outcome.DONE) {
                PastFailure before = failures.get(object);
                if (before != null && before.phase() == result.action().phase()) {
                    failures.remove(object);
                }
            }
        }
    }

    /** Forgets everything, so that all is tried again now. */
    public void clear() {
        failures.clear();
    }

    /** When the first of them may be tried again; empty when none ever is by itself. */
    public Optional<Instant> nextRetry() {
        return failures.values().stream()
                .map(PastFailure::retryAt)
                .filter(at -> at.isBefore(NEVER))
                .min(Instant::compareTo);
    }

    private static Instant next(Follow follow, int attempts, Instant now) {
        return switch (follow) {
            case STALLED -> NEVER;
            case WAIT -> now.plus(distance(attempts, LONGEST_WAIT));
            case RETRY -> now.plus(distance(attempts, LONGEST_RETRY));
        };
    }

    private static Duration distance(int attempts, Duration longest) {
        Duration distance = FIRST.multipliedBy(1L << Math.min(attempts - 1, 20));
        return distance.compareTo(longest) > 0 ? longest : distance;
    }

    /** The spec that the planner will compare with; the one in force for what is no longer declared. */
    private static String spec(ObjectRef object, DesiredState desired, ActualState actual) {
        switch (object.kind()) {
            case Sliver -> {
                SliverId id = SliverId.parse(object.name());
                DesiredSliver declared = desired.slivers().get(id);
                if (declared != null) {
                    return declared.canonicalSpec();
                }
                ActualSliver there = actual.slivers().get(id);
                return there == null ? "" : there.inForce().canonicalSpec();
            }
            case BaseImage -> {
                DesiredBaseImage declared = desired.baseImages().get(object.name());
                if (declared != null) {
                    return declared.canonicalSpec();
                }
                var there = actual.images().get(object.name());
                return there == null ? "" : there.inForce().canonicalSpec();
            }
            case Base, NodeStore, Source -> {
                return "";
            }
        }
        return "";
    }
}
