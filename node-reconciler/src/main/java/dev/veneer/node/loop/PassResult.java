package dev.veneer.node.loop;

import dev.veneer.node.execute.ActionResult;
import dev.veneer.node.model.ActualSliver;
import dev.veneer.node.model.ActualState;
import dev.veneer.node.model.ContainerState;
import dev.veneer.node.model.DesiredState;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.model.SliverRecord;
import dev.veneer.node.plan.Plan;
import dev.veneer.node.plan.PlanInput;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a pass came to.
 *
 * @param input what the last plan was made from
 * @param left what is still to be done or cannot be, after the last round
 * @param results what was done and what failed, over all rounds
 * @param interrupted it was told to stop before its end
 * @param unwritten why statuses are not up to date, or null: they could not be written, which undoes nothing of the rest
 */
public record PassResult(
        PlanInput input, Plan left, List<ActionResult> results, boolean interrupted, @Nullable String unwritten) {
    public PassResult {
        results = List.copyOf(results);
    }

    /** What is declared. */
    public DesiredState desired() {
        return input.desired();
    }

    /** What is, after the pass. */
    public ActualState actual() {
        return input.actual();
    }

    /** The same after an earlier pass of the same command: what both did. */
    public PassResult after(PassResult earlier) {
        List<ActionResult> both = new ArrayList<>(earlier.results());
        both.addAll(results);
        return new PassResult(input, left, both, interrupted, unwritten);
    }

    /** Slivers of this source whose containers have been asked to end and have their grace, or in which commands run. */
    public List<SliverId> underWay() {
        return actual().slivers().values().stream()
                .filter(sliver -> sliver.container().phase() == ContainerState.Phase.STOPPING
                        || sliver.container().busy())
                .map(ActualSliver::record)
                .filter(record -> record.sourceId().equals(desired().source().id()))
                .map(SliverRecord::id)
                .toList();
    }

    /** Whether anything was changed or tried. */
    public boolean didSomething() {
        return !results.isEmpty();
    }
}
