package dev.veneer.node.plan;

import dev.veneer.node.model.ActualSliver;
import dev.veneer.node.model.DesiredSliver;
import dev.veneer.node.model.OrderedMap;
import dev.veneer.node.model.SliverId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The slivers that a plan may have something to say of, when nothing has changed but slivers since a plan before: those
 * that have changed, that the plan before mentioned, and those of which a declaration or the sliver itself is missing.
 *
 * @param declared those that are declared, in their order
 * @param absent those that are there and not declared, in their order
 * @param missing those that are declared and not there
 */
record OpenSlivers(SortedSet<SliverId> declared, SortedSet<SliverId> absent, SortedSet<SliverId> missing) {
    /** For the first plan of all, or one that cannot be compared with the one before: all slivers. */
    static OpenSlivers all(PlanInput input) {
        SortedSet<SliverId> ids = new TreeSet<>(input.desired().slivers().keySet());
        ids.addAll(input.actual().slivers().keySet());
        return of(ids, input);
    }

    /**
     * For a plan that follows another.
     *
     * @param then what the plan before was made of
     * @param mentioned which slivers that plan mentioned
     */
    OpenSlivers next(PlanInput then, SortedSet<SliverId> mentioned, PlanInput now) {
        SortedSet<SliverId> ids = changes(then, now);
        ids.addAll(mentioned);
        ids.addAll(absent);
        ids.addAll(missing);
        return of(ids, now);
    }

    /** The slivers that have changed, or whose declarations have. */
    static SortedSet<SliverId> changes(PlanInput then, PlanInput now) {
        SortedSet<SliverId> ids =
                OrderedMap.differences(then.desired().slivers(), now.desired().slivers());
        ids.addAll(OrderedMap.differences(then.actual().slivers(), now.actual().slivers()));
        return ids;
    }

    private static OpenSlivers of(SortedSet<SliverId> ids, PlanInput input) {
        OpenSlivers open = new OpenSlivers(new TreeSet<>(), new TreeSet<>(), new TreeSet<>());
        for (SliverId id : ids) {
            boolean isThere = input.actual().slivers().containsKey(id);
            if (input.desired().slivers().containsKey(id)) {
                open.declared.add(id);
                if (!isThere) {
                    open.missing.add(id);
                }
            } else if (isThere) {
                open.absent.add(id);
            }
        }
        return open;
    }

    List<DesiredSliver> declared(Map<SliverId, DesiredSliver> slivers) {
        return those(declared, slivers);
    }

    List<ActualSliver> absent(Map<SliverId, ActualSliver> slivers) {
        return those(absent, slivers);
    }

    private static <T> List<T> those(SortedSet<SliverId> ids, Map<SliverId, T> slivers) {
        List<T> those = new ArrayList<>();
        for (SliverId id : ids) {
            @Nullable T sliver = slivers.get(id);
            if (sliver != null) {
                those.add(sliver);
            }
        }
        return those;
    }
}
