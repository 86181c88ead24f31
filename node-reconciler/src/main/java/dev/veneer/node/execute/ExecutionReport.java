package dev.veneer.node.execute;

import java.util.List;

/**
 * What became of a plan.
 *
 * @param results one an action, in the order in which they ended
 * @param interrupted whether the run was told to stop before its end
 */
public record ExecutionReport(List<ActionResult> results, boolean interrupted) {
    public ExecutionReport {
        results = List.copyOf(results);
    }

    /** How many actions were done. */
    public long done() {
        return results.stream()
                .filter(r -> r.outcome() == ActionResult.Outcome.DONE)
                .count();
    }

    /** Those that failed. */
    public List<ActionResult> failures() {
        return results.stream()
                .filter(r -> r.outcome() == ActionResult.Outcome.FAILED)
                .toList();
    }
}
