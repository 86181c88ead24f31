package dev.veneer.node.plan;

import dev.veneer.node.model.ActualState;
import dev.veneer.node.model.DesiredState;
import dev.veneer.node.model.NodeFacts;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.model.Unchanged;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Plans, and remembers of which slivers a plan had nothing to say: as long as all that a sliver's plan depends on is the
 * very same, there is still nothing. So a pass costs as much as has changed, and hardly more when there are thousands of
 * slivers. The plan is the same as {@link Planner#plan} would make. For one thread at a time.
 */
public final class PlanMemory {
    private @Nullable Planned last;

    /**
     * A plan with what it was made of.
     *
     * @param mentioned the slivers that it says something of
     * @param until before then the passing of time alone changes nothing; may be too early
     */
    private record Planned(PlanInput input, Plan plan, OpenSlivers open, SortedSet<SliverId> mentioned, Instant until) {
        static Planned of(PlanInput input, Plan plan, OpenSlivers open, Instant until) {
            SortedSet<SliverId> mentioned = new TreeSet<>();
            plan.actions().forEach(action -> add(mentioned, action.object()));
            plan.findings().forEach(finding -> add(mentioned, finding.object()));
            return new Planned(input, plan, open, mentioned, until);
        }

        private static void add(Set<SliverId> mentioned, ObjectRef object) {
            if (object.kind() == ObjectRef.Kind.Sliver) {
                mentioned.add(SliverId.parse(object.name()));
            }
        }

        boolean saysNothing() {
            return plan.isEmpty() && plan.findings().isEmpty();
        }
    }

    /** The plan for an input. */
    public Plan plan(PlanInput input) {
        Planned before = last;
        boolean comparable = before != null && isComparable(before, input);
        if (before != null && comparable && before.saysNothing() && isUnchanged(before.input(), input)) {
            return before.plan();
        }
        Planned now = before != null && comparable ? next(before, input) : anew(input);
        last = now;
        return now.plan();
    }

    private static Planned anew(PlanInput input) {
        return Planned.of(
                input,
                Planner.plan(input),
                OpenSlivers.all(input),
                NextTime.of(input).orElse(Instant.MAX));
    }

    private static Planned next(Planned before, PlanInput input) {
        OpenSlivers open = before.open().next(before.input(), before.mentioned(), input);
        Instant sooner = NextTime.ofSlivers(input, OpenSlivers.changes(before.input(), input))
                .orElse(Instant.MAX);
        Instant until = sooner.isBefore(before.until()) ? sooner : before.until();
        return Planned.of(input, Planner.plan(input, open), open, until);
    }

    /**
     * When the passing of time alone will give the planner something to do, after the last plan; empty when there is no
     * such time. May be too early, when what was to be done then has gone.
     */
    public Optional<Instant> nextTime() {
        Planned known = last;
        return known == null || known.until().equals(Instant.MAX) ? Optional.empty() : Optional.of(known.until());
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
                && then.goneImages().equals(now.goneImages())
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
