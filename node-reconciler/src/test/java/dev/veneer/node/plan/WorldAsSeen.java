package dev.veneer.node.plan;

import dev.veneer.node.model.ActualSliver;
import dev.veneer.node.model.ActualState;
import dev.veneer.node.model.DesiredSliver;
import dev.veneer.node.model.DesiredState;
import dev.veneer.node.model.NodeFacts;
import dev.veneer.node.model.RootfsFacts;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.model.SourceState;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** What a planner is given of a {@link FakeWorld}: what is declared there, what is there, and nothing else. */
final class WorldAsSeen {
    private WorldAsSeen() {}

    static PlanInput of(FakeWorld world) {
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
        return new PlanInput(
                new DesiredState(
                        new TreeMap<>(world.images),
                        declared,
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
                                world.lxcUnavailable),
                        world.actualImages,
                        world.bases,
                        there,
                        List.of(),
                        world.nodeStore,
                        new TreeMap<>(),
                        world.trash),
                world.store,
                world.now,
                world.failures,
                world.requests);
    }
}
