package dev.veneer.node.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.model.ActualSliver;
import dev.veneer.node.model.ActualState;
import dev.veneer.node.model.DesiredSliver;
import dev.veneer.node.model.DesiredState;
import dev.veneer.node.model.NodeFacts;
import dev.veneer.node.model.OrderedMap;
import dev.veneer.node.model.RootfsFacts;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.model.SourceState;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a planner is given of a {@link FakeWorld}: what is declared there, what is there, and nothing else. As on a real
 * node, what has not changed is the very same object as before.
 */
final class WorldAsSeen {
    private final PlanMemory memory = new PlanMemory();
    private OrderedMap<SliverId, DesiredSliver> declaredBefore = OrderedMap.copyOf(Map.<SliverId, DesiredSliver>of());
    private OrderedMap<SliverId, ActualSliver> thereBefore = OrderedMap.copyOf(Map.<SliverId, ActualSliver>of());

    /** The plan; what is remembered of the plan before must make no difference to it. */
    Plan plan(FakeWorld world) {
        PlanInput input = input(world);
        Plan plan = Planner.plan(input);
        assertEquals(plan, memory.plan(input));
        Instant next = NextTime.of(input).orElse(Instant.MAX);
        Instant remembered = memory.nextTime().orElse(Instant.MAX);
        assertTrue(!remembered.isAfter(next) && remembered.isAfter(input.now()), remembered + " for " + next);
        return plan;
    }

    /** The entries, those that are equal to ones before replaced by those; all of them if nothing differs. */
    private static <V> OrderedMap<SliverId, V> reused(Map<SliverId, V> now, OrderedMap<SliverId, V> before) {
        Map<SliverId, Optional<V>> changes = new HashMap<>();
        before.keySet().forEach(id -> changes.put(id, Optional.empty()));
        now.forEach((id, value) -> changes.put(id, Optional.of(value.equals(before.get(id)) ? before.get(id) : value)));
        OrderedMap<SliverId, V> reused = before.with(changes);
        assertEquals(now, reused);
        return reused;
    }

    PlanInput input(FakeWorld world) {
        SortedMap<SliverId, DesiredSliver> declared = new TreeMap<>();
        world.slivers.forEach((id, sliver) -> declared.put(id, sliver.toSliver()));
        SortedMap<SliverId, ActualSliver> there = new TreeMap<>();
        world.actual.forEach((id, thing) -> there.put(
                id,
                new ActualSliver(
                        thing.record,
                        thing.inForce,
                        thing.revisions,
                        thing.covered ? new RootfsFacts.Foreign("tmpfs") : thing.rootfs,
                        thing.container)));
        declaredBefore = reused(declared, declaredBefore);
        thereBefore = reused(there, thereBefore);
        return new PlanInput(
                new DesiredState(
                        new TreeMap<>(world.images),
                        declaredBefore,
                        null,
                        new SourceState(
                                world.source,
                                world.prunes,
                                world.hold,
                                world.takesOver,
                                Set.of(),
                                world.removals,
                                List.of())),
                new ActualState(
                        new NodeFacts(
                                "node1",
                                "/store",
                                "/store/rootfs",
                                world.freeBytes,
                                20L << 30,
                                world.readOnly,
                                world.drivers,
                                world.lxcUnavailable,
                                world.promises),
                        world.actualImages,
                        world.bases,
                        thereBefore,
                        List.of(),
                        world.nodeStore,
                        new TreeMap<>(),
                        world.trash),
                world.store,
                world.now,
                world.failures,
                world.requests,
                world.occasions);
    }
}
