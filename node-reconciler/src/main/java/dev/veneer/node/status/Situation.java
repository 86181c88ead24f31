package dev.veneer.node.status;

import dev.veneer.api.Conditions;
import dev.veneer.api.Reason;
import dev.veneer.api.v1alpha1.Condition;
import dev.veneer.node.execute.ActionResult;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.plan.Action;
import dev.veneer.node.plan.Finding;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How one object stands after a pass: what the plan found, what it still has to do, and what the execution came to.
 *
 * @param findings what no action mends
 * @param pending actions that are still to be done
 * @param results what was done or failed in this pass, for the history. A failure that still matters is a finding too
 * @param broken its last declared version is wrong: why, or null
 * @param held its source holds: why, or null
 */
public record Situation(
        List<Finding> findings,
        List<Action> pending,
        List<ActionResult> results,
        @Nullable Broken broken,
        @Nullable String held) {
    /** Nothing to say. */
    public static final Situation QUIET = new Situation(List.of(), List.of(), List.of(), null, null);

    /** Nothing to say but that its source holds, if it does. */
    static Situation quiet(@Nullable String held) {
        return held == null ? QUIET : new Situation(List.of(), List.of(), List.of(), null, held);
    }

    public Situation {
        findings = List.copyOf(findings);
        pending = List.copyOf(pending);
        results = List.copyOf(results);
    }

    /** The same without what was done just now: what a later pass is compared with. */
    Situation withoutResults() {
        return results.isEmpty() ? this : new Situation(findings, pending, List.of(), broken, held);
    }

    /** What keeps the object from being as declared, the gravest first; empty when nothing does. */
    List<Trouble> troubles() {
        List<Trouble> troubles = new ArrayList<>();
        if (broken != null) {
            troubles.add(new Trouble(broken.reason(), Follow.STALLED, broken.message()));
        }
        for (Finding finding : findings) {
            if (finding.reason() == Reason.SourceHeld) {
                continue;
            }
            troubles.add(new Trouble(finding.reason(), finding.follow(), finding.message()));
        }
        troubles.sort((a, b) -> b.follow().compareTo(a.follow()));
        return troubles;
    }

    /** One of them. */
    record Trouble(Reason reason, Follow follow, String message) {}

    /** Fills the three conditions of kstatus. */
    void into(ConditionSet conditions, String readyMessage) {
        List<Trouble> troubles = troubles();
        Trouble first = troubles.isEmpty() ? null : troubles.get(0);
        if (first != null && first.reason() == Reason.Suspended) {
            conditions.set(Conditions.READY, Condition.Status.Unknown, Reason.Suspended, first.message());
            return;
        }
        if (first == null && pending.isEmpty()) {
            conditions.set(Conditions.READY, true, Reason.Succeeded, readyMessage);
            return;
        }
        if (first == null) {
            String next = pending.get(0).reason();
            conditions.set(Conditions.READY, false, Reason.Progressing, next);
            conditions.set(Conditions.RECONCILING, true, Reason.Progressing, next);
            return;
        }
        conditions.set(Conditions.READY, false, first.reason(), first.message());
        if (first.follow() == Follow.STALLED) {
            conditions.set(Conditions.STALLED, true, first.reason(), first.message());
        } else {
            conditions.set(Conditions.RECONCILING, true, first.reason(), first.message());
        }
    }
}
