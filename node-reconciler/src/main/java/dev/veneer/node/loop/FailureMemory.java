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
import dev.veneer.node.plan.Action;
import dev.veneer.node.plan.PastFailure;
import dev.veneer.node.plan.Phase;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

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
    /** First distance between two tries of what looking beforehand refused, or what took a container down in vain. */
    static final Duration FIRST_SLOW = Duration.ofMinutes(1);
    /** Longest distance between two of these. */
    static final Duration LONGEST_SLOW = Duration.ofHours(1);
    /** So far away that only a change of the declared state or a restart brings a new try. */
    static final Instant NEVER = Instant.parse("9999-12-31T23:59:59Z");

    private final Map<ObjectRef, PastFailure> failures = new HashMap<>();

    /** Those of the failures that were found while nothing was touched. */
    private final Set<ObjectRef> foundBeforehand = new HashSet<>();

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
                if (result.begun()) {
                    foundBeforehand.remove(object);
                } else {
                    foundBeforehand.add(object);
                }
                failures.put(
                        object,
                        new PastFailure(
                                result.action().phase(),
                                failure.reason(),
                                failure.follow(),
                                String.valueOf(failure.getMessage()),
                                spec(object, desired, actual),
                                attempts,
                                result.begun() || failure.follow() != Follow.STALLED
                                        ? next(failure.follow(), attempts, result.at())
                                        // Who works in the sliver may settle it, which costs nothing to look for.
                                        : slow(attempts, result.at())));
            } else if (result.outcome() == ActionResult.Outcome.DONE) {
                PastFailure before = failures.get(object);
                if (before != null && result.action() instanceof Action.StartContainer) {
                    notSoon(object, before, result.at());
                }
                if (before != null && before.phase() == result.action().phase()) {
                    failures.remove(object);
                }
            }
        }
    }

    /** A container that was stopped for something that then failed is not stopped for it again at once. */
    private void notSoon(ObjectRef object, PastFailure failure, Instant started) {
        if (failure.phase().compareTo(Phase.REWRITE) > 0
                || failure.follow() == Follow.STALLED
                || foundBeforehand.contains(object)) {
            return;
        }
        failures.put(
                object,
                new PastFailure(
                        failure.phase(),
                        failure.reason(),
                        failure.follow(),
                        failure.message(),
                        failure.specSeen(),
                        failure.attempts(),
                        slow(failure.attempts(), started)));
    }

    /** Forgets everything, so that all is tried again now. */
    public void clear() {
        failures.clear();
        foundBeforehand.clear();
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

    private static Instant slow(int attempts, Instant now) {
        return now.plus(distance(FIRST_SLOW, attempts, LONGEST_SLOW));
    }

    private static Duration distance(int attempts, Duration longest) {
        return distance(FIRST, attempts, longest);
    }

    private static Duration distance(Duration first, int attempts, Duration longest) {
        Duration distance = first.multipliedBy(1L << Math.min(attempts - 1, 20));
        return distance.compareTo(longest) > 0 ? longest : distance;
    }

    /** The spec that the planner will compare with; the one in force for what is no longer declared. */
    private static String spec(ObjectRef object, DesiredState desired, ActualState actual) {
        switch (object.kind()) {
            case Sliver -> {
                SliverId id = SliverId.parse(object.name());
                DesiredSliver declared = desired.slivers().get(id);
                if (declared != null) {
                    return declared.attempt();
                }
                ActualSliver there = actual.slivers().get(id);
                return there == null ? "" : there.inForce().attempt();
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
