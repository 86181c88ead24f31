package dev.veneer.node.plan;

import dev.veneer.node.model.ActualSliver;
import dev.veneer.node.model.ActualState;
import dev.veneer.node.model.IdRange;
import dev.veneer.node.model.SliverId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The host ids of a store's slivers, as the other stores of the node have to be told of before a plan is carried out.
 *
 * @param held ranges that are in use, whatever others say
 * @param idle ranges that slivers have and that nothing uses: given up when another store has them
 * @param wanted ranges that the plan gives out or takes into use: no other store may have them
 */
public record RangeUse(List<IdRange> held, List<IdRange> idle, List<IdRange> wanted) {
    public RangeUse {
        held = List.copyOf(held);
        idle = List.copyOf(idle);
        wanted = List.copyOf(wanted);
    }

    /** What there is, and what the plan makes of it. */
    public static RangeUse of(ActualState actual, Plan plan) {
        Map<SliverId, IdRange> given = given(plan);
        Set<SliverId> mounted = new HashSet<>();
        for (Action action : plan.actions()) {
            if (action instanceof Action.Mount mount && mount.mapped()) {
                mounted.add(mount.id());
            }
        }
        List<IdRange> held = new ArrayList<>();
        List<IdRange> idle = new ArrayList<>();
        List<IdRange> wanted = new ArrayList<>();
        for (ActualSliver sliver : actual.slivers().values()) {
            IdRange own = sliver.record().idRange();
            IdRange next = given.remove(sliver.record().id());
            if (next != null && !next.equals(own)) {
                wanted.add(next);
            }
            if (own == null) {
                continue;
            }
            if (sliver.holdsIds()) {
                held.add(own);
            } else if (next == null || next.equals(own)) {
                (mounted.contains(sliver.record().id()) ? wanted : idle).add(own);
            }
        }
        wanted.addAll(given.values());
        return new RangeUse(held, idle, wanted);
    }

    /** Whether the plan gives a sliver a range that it does not have. */
    public static boolean givesOut(ActualState actual, Plan plan) {
        for (Map.Entry<SliverId, IdRange> each : given(plan).entrySet()) {
            ActualSliver sliver = actual.slivers().get(each.getKey());
            if (sliver == null || !each.getValue().equals(sliver.record().idRange())) {
                return true;
            }
        }
        return false;
    }

    /** Whether of a sliver, null where there is none, others are told the same as before. */
    public static boolean isSame(@Nullable ActualSliver before, @Nullable ActualSliver now) {
        IdRange then = before == null ? null : before.record().idRange();
        IdRange next = now == null ? null : now.record().idRange();
        return Objects.equals(then, next) && (before != null && before.holdsIds()) == (now != null && now.holdsIds());
    }

    /** The ranges that are in records which a plan writes. */
    private static Map<SliverId, IdRange> given(Plan plan) {
        Map<SliverId, IdRange> given = new HashMap<>();
        for (Action action : plan.actions()) {
            if (action instanceof Action.CreateSliver create) {
                put(given, create.sliver().id(), create.idRange());
            } else if (action instanceof Action.OfRecord edit) {
                put(given, edit.record().id(), edit.record().idRange());
            } else if (action instanceof Rewrite rewrite) {
                put(given, rewrite.record().id(), rewrite.record().idRange());
            }
        }
        return given;
    }

    private static void put(Map<SliverId, IdRange> given, SliverId sliver, @Nullable IdRange range) {
        if (range != null) {
            given.put(sliver, range);
        }
    }
}
