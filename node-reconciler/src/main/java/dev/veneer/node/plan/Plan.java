package dev.veneer.node.plan;

import java.util.Comparator;
import java.util.List;

/**
 * What is to be done and what cannot be, in the order in which it will be carried out.
 *
 * @param actions sorted by phase; within one in the order of the objects
 * @param findings what no action mends
 */
public record Plan(List<Action> actions, List<Finding> findings) {
    public Plan {
        actions = actions.stream().sorted(Comparator.comparing(Action::phase)).toList();
        findings = List.copyOf(findings);
    }

    /** Whether there is nothing to do. */
    public boolean isEmpty() {
        return actions.isEmpty();
    }
}
