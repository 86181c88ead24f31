package dev.veneer.node.loop;

import dev.veneer.node.model.ActualSliver;
import dev.veneer.node.model.ActualState;
import dev.veneer.node.model.OrderedMap;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.plan.Plan;
import dev.veneer.node.plan.RangeUse;
import dev.veneer.node.store.IdRangePromises;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Tells the other stores of the node which ids on the host this one's slivers have and will have; as long as that has not
 * changed, and nobody has touched what was told, there is nothing to tell.
 */
final class ToldIds {
    private @Nullable Map<SliverId, ActualSliver> told;

    /**
     * Tells them before a plan is carried out, be it an empty one.
     *
     * @return whether it may be: false when another store has meanwhile got what the plan gives out
     */
    boolean tell(IdRangePromises promises, ActualState actual, Plan plan) {
        Map<SliverId, ActualSliver> before = told;
        boolean stands = before != null
                && promises.isKept()
                && !RangeUse.givesOut(actual, plan)
                && isSame(before, actual.slivers());
        boolean free = true;
        if (!stands) {
            RangeUse use = RangeUse.of(actual, plan);
            free = promises.promise(
                    use.held(), use.idle(), use.wanted(), actual.damaged().isEmpty());
        }
        told = free ? actual.slivers() : null;
        return free;
    }

    private static boolean isSame(Map<SliverId, ActualSliver> before, Map<SliverId, ActualSliver> now) {
        for (SliverId id : OrderedMap.differences(before, now)) {
            if (!RangeUse.isSame(before.get(id), now.get(id))) {
                return false;
            }
        }
        return true;
    }
}
