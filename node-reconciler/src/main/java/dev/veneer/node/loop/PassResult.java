package dev.veneer.node.loop;

import dev.veneer.node.execute.ActionResult;
import dev.veneer.node.model.ActualState;
import dev.veneer.node.model.DesiredState;
import dev.veneer.node.plan.Plan;
import dev.veneer.node.plan.PlanInput;
import java.util.List;

/**
 * What a pass came to.
 *
 * @param input what the last plan was made from
 * @param left what is still to be done or cannot be, after the last round
 * @param results what was done and what failed, over all rounds
 * @param interrupted it was told to stop before its end
 */
public record PassResult(PlanInput input, Plan left, List<ActionResult> results, boolean interrupted) {
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

    /** Whether anything was changed or tried. */
    public boolean didSomething() {
        return !results.isEmpty();
    }
}
