package dev.veneer.node.plan;

import dev.veneer.node.model.ActualSliver;
import dev.veneer.node.model.ActualState;
import dev.veneer.node.model.DesiredSliver;
import dev.veneer.node.model.DesiredState;
import dev.veneer.node.model.NodeFacts;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.model.Unchanged;
import java.time.Instant;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Plans, and remembers of which slivers a plan had nothing to say: as long as all that a sliver's plan depends on is the
 * very same, there is still nothing. So a pass costs as much as has changed, and hardly more when there are thousands of
 * slivers. The plan is the same as {@link Planner#plan} would make. For one thread at a time.
 */
public final class PlanMemory {
    private @Nullable Planned last;

    /** A plan with what it was made of. */
    private record Planned(PlanInput input, Plan plan, Set<SliverId> mentioned, Instant until)
            implements Planner.Settled {
        static Planned of(PlanInput input, Plan plan) {
            Set<SliverId> mentioned = new HashSet<>();
            plan.actions().forEach(action -> add(mentioned, action.object()));
            plan.findings().forEach(finding -> add(mentioned, finding.object()));
            return new Planned(input, plan, mentioned, NextTime.of(input).orElse(Instant.MAX));
        }

        private static void add(Set<SliverId> mentioned, ObjectRef object) {
            if (object.kind() == ObjectRef.Kind.Sliver) {
                mentioned.add(SliverId.parse(object.name()));
            }
        }

        boolean saysNothing() {
            return plan.isEmpty() && plan.findings().isEmpty();
        }

        @Override
        public boolean holds(PlanInput now, DesiredSliver declared, @Nullable ActualSliver there) {
            return there != null
                    && (Unchanged.isSame(
                                    input.desired().slivers(), now.desired().slivers())
                            || Unchanged.isSame(input.desired().slivers().get(declared.id()), declared))
                    && (Unchanged.isSame(input.actual().slivers(), now.actual().slivers())
                            || Unchanged.isSame(input.actual().slivers().get(declared.id()), there))
                    && !mentioned.contains(declared.id());
        }
    }

    /** The plan for an input. */
    public Plan plan(PlanInput input) {
        Planned before = last;
        boolean comparable = before != null && isComparable(before, input);
        if (before != null && comparable && before.saysNothing() && isUnchanged(before.input(), input)) {
            return before.plan();
        }
        Plan plan = before != null && comparable ? Planner.plan(input, before) : Planner.plan(input);
        last = Planned.of(input, plan);
        return plan;
    }

    /** Whether a sliver's plan can only differ by what has changed of the sliver itself. */
    private static boolean isComparable(Planned before, PlanInput now) {
        PlanInput then = before.input();
        return !now.now().isBefore(then.now())
                && now.now().isBefore(before.until())
                && then.store().equals(now.store())
                && then.failures().equals(now.failures())
                && then.requests().equals(now.requests())
                && then.occasions().equals(now.occasions())
                && LowSpace.holds(then) == LowSpace.holds(now)
                && isComparable(then.desired(), now.desired())
                && isComparable(then.actual(), now.actual());
    }

    private static boolean isComparable(DesiredState then, DesiredState now) {
        return then.source().equals(now.source())
                && then.baseImages().equals(now.baseImages())
                && Objects.equals(then.store(), now.store());
    }

    private static boolean isComparable(ActualState then, ActualState now) {
        return then.images().equals(now.images())
                && then.bases().equals(now.bases())
                && then.damaged().equals(now.damaged())
                && isButForSpace(then.node(), now.node());
    }

    /** Of the space only matters whether there is too little of it. */
    private static boolean isButForSpace(NodeFacts then, NodeFacts now) {
        return now.withSpace(then.freeBytes(), then.totalBytes()).equals(then);
    }

    private static boolean isUnchanged(PlanInput then, PlanInput now) {
        return Unchanged.isSame(then.desired(), now.desired())
                && Unchanged.isSame(then.actual().slivers(), now.actual().slivers())
                && then.actual().trash() == now.actual().trash()
                && Objects.equals(then.actual().store(), now.actual().store())
                && then.actual().sources().equals(now.actual().sources());
    }
}
