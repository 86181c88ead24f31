package dev.veneer.node.status;

import dev.veneer.api.Conditions;
import dev.veneer.api.Reason;
import dev.veneer.api.v1alpha1.Condition;
import dev.veneer.api.v1alpha1.SliverStatus;
import dev.veneer.node.execute.Working;
import dev.veneer.node.model.SliverId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the status of a sliver says while it is rewritten: now and then, since each time is a write, and not at all of what
 * is over soon. Thread-safe.
 */
final class RewriteNews {
    /** What is done before is not worth a word. */
    static final Duration SHORT = Duration.ofSeconds(5);

    static final Duration APART = Duration.ofSeconds(10);

    private final Map<SliverId, Duration> told = new HashMap<>();

    /** Whether it is time to tell of a sliver's work; then it is told now. */
    synchronized boolean isDue(Working now) {
        Duration before = told.get(now.sliver());
        // Of work that began after what was told last, there is nothing in the status yet.
        boolean again = before != null && now.elapsed().compareTo(before) >= 0;
        if (now.elapsed().compareTo(SHORT) < 0
                || (again && now.elapsed().minus(before).compareTo(APART) < 0)) {
            return false;
        }
        told.put(now.sliver(), now.elapsed());
        return true;
    }

    /** Whose status told of work since this was asked last: to be worked out anew, whatever came of it. */
    synchronized Set<SliverId> taken() {
        Set<SliverId> all = new HashSet<>(told.keySet());
        told.clear();
        return all;
    }

    /** A status that says how far the work is. A sliver that is only looked at beforehand is as ready as it was. */
    static SliverStatus with(SliverStatus before, Working now) {
        boolean stalled = before.conditions().stream()
                .anyMatch(condition -> condition.type().equals(Conditions.STALLED));
        if (stalled && !now.begun()) {
            // Whether that still holds is what is being looked at.
            return before;
        }
        Long generation = before.observedGeneration();
        ConditionSet conditions = new ConditionSet(before.conditions(), generation == null ? 0 : generation, now.at());
        if (now.begun()) {
            conditions.set(Conditions.READY, false, Reason.Progressing, now.text());
        }
        conditions.set(Conditions.RECONCILING, true, Reason.Progressing, now.text());
        List<Condition> all = new ArrayList<>(conditions.toList());
        for (Condition condition : before.conditions()) {
            boolean replaced = condition.type().equals(Conditions.RECONCILING)
                    || condition.type().equals(Conditions.STALLED)
                    || (now.begun() && condition.type().equals(Conditions.READY));
            if (!replaced) {
                all.add(condition);
            }
        }
        return new SliverStatus(
                generation,
                before.driver(),
                before.driverReason(),
                before.store(),
                before.rootfs(),
                before.base(),
                before.revision(),
                before.idRange(),
                before.container(),
                before.usage(),
                before.lastCompaction(),
                before.lastRebase(),
                before.lastRollback(),
                before.snapshots(),
                before.revisions(),
                all,
                before.lastHandledRequestAt(),
                before.history());
    }
}
