package dev.veneer.node.plan;

import dev.veneer.node.model.ActualState;
import dev.veneer.node.model.DesiredState;
import dev.veneer.node.model.DesiredStore;
import dev.veneer.node.model.ObjectRef;
import java.time.Instant;
import java.util.Map;

/**
 * All that a plan depends on: the planner has no clock, no files and no kernel.
 *
 * @param desired what is declared
 * @param actual what is
 * @param store the NodeStore in force: declared, or made of defaults
 * @param now the time
 * @param failures what failed lately
 * @param requests what a person asked for once
 * @param occasions what time and estimates make due
 */
public record PlanInput(
        DesiredState desired,
        ActualState actual,
        DesiredStore store,
        Instant now,
        Map<ObjectRef, PastFailure> failures,
        Requests requests,
        Occasions occasions) {
    /** Nothing was asked for beside what is declared. */
    public PlanInput(
            DesiredState desired,
            ActualState actual,
            DesiredStore store,
            Instant now,
            Map<ObjectRef, PastFailure> failures) {
        this(desired, actual, store, now, failures, Requests.NONE, Occasions.NONE);
    }

    public PlanInput {
        failures = Map.copyOf(failures);
    }
}
