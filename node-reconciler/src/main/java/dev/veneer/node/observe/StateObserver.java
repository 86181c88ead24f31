package dev.veneer.node.observe;

import dev.veneer.api.Reason;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.Statfs;
import dev.veneer.node.model.ActualImage;
import dev.veneer.node.model.ActualSliver;
import dev.veneer.node.model.ActualState;
import dev.veneer.node.model.ContainerState;
import dev.veneer.node.model.DesiredSliver;
import dev.veneer.node.model.DriverFacts;
import dev.veneer.node.model.ImageRecord;
import dev.veneer.node.model.NodeFacts;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.model.OrderedMap;
import dev.veneer.node.model.RootfsMount;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.model.SliverRecord;
import dev.veneer.node.model.Unchanged;
import dev.veneer.node.runtime.ContainerRuntime;
import dev.veneer.node.store.IdRangePromises;
import dev.veneer.node.store.Store;
import dev.veneer.node.store.StoreProblem;
import dev.veneer.node.store.StoreView;
import dev.veneer.node.store.StoredSliver;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Looks at the store, the mount table and the containers, and says what is. In a steady pass it reads the mount table
 * and asks the store, and whatever other stores of the node there are, what has changed; what has not is neither read nor
 * made again.
 */
public final class StateObserver implements AutoCloseable {
    /** Reads the spec in force out of a record. */
    public interface SpecReader {
        /** The sliver as its record's canonical spec declares it. */
        DesiredSliver sliver(SliverRecord record) throws NodeException;

        /** The BaseImage as its record's canonical spec declares it. */
        ActualImage image(ImageRecord record) throws NodeException;
    }

    /** How closely to look. */
    public enum Look {
        /** At the whole store and the whole mount table: also what nobody tells of is found. */
        EVERYTHING,
        /** At what this process has done, and at what the kernel tells of: enough when it is known what has changed. */
        CHANGES
    }

    /**
     * Facts of the node that are found out once, or anew when asked.
     *
     * @param nodeName this node's name
     * @param drivers all drivers, probed
     * @param lxcUnavailable why LXC can't be used, or empty
     */
    public record NodeProbe(String nodeName, List<DriverFacts> drivers, String lxcUnavailable) {
        public NodeProbe {
            drivers = List.copyOf(drivers);
        }
    }

    /** What is remembered of a sliver whose record has not changed. */
    private record Known(StoredSliver stored, DesiredSliver inForce, RootfsMount expected) {}

    /** What an observation was made of, and what it made of it. */
    private record Seen(
            StoreView view,
            MountTable mounts,
            Containers containers,
            OrderedMap<SliverId, ActualSliver> slivers,
            OrderedMap<String, ActualImage> images,
            List<ActualState.Damage> damaged) {
        boolean isOf(StoreView nowStored, MountTable nowMounted, Containers nowRunning) {
            return Unchanged.isSame(view, nowStored)
                    && Unchanged.isSame(mounts, nowMounted)
                    && containers.equals(nowRunning);
        }

        /** Whether what was made of one sliver still holds. */
        boolean tells(StoredSliver stored, MountTable nowMounted, ContainerState container, ActualSliver made) {
            StoredSliver then = view.slivers().get(stored.record().id());
            return then != null
                    && Unchanged.isSame(then, stored)
                    && Unchanged.isSame(mounts, nowMounted)
                    && made.container().equals(container);
        }
    }

    private final Store store;
    private final ExpectedMounts expected;
    private final ContainerRuntime runtime;
    private final IdRangePromises promises;
    private final SpecReader specs;
    private NodeProbe probe;
    private final Map<SliverId, Known> known = new HashMap<>();
    private final Map<String, ActualImage> images = new HashMap<>();
    private final MountTableReader mountTable;
    private @Nullable Seen seen;

    public StateObserver(
            LinuxCalls calls,
            Store store,
            ExpectedMounts expected,
            ContainerRuntime runtime,
            IdRangePromises promises,
            SpecReader specs,
            NodeProbe probe) {
        this.mountTable = new MountTableReader(calls);
        this.store = store;
        this.expected = expected;
        this.runtime = runtime;
        this.promises = promises;
        this.specs = specs;
        this.probe = probe;
    }

    /** Takes over facts that were found out anew; whether they differ. */
    public boolean reprobed(NodeProbe found) {
        boolean differs = !found.equals(probe);
        probe = found;
        return differs;
    }

    /** Looks at everything. */
    public ActualState observe() throws NodeException {
        return observe(Look.EVERYTHING);
    }

    /**
     * Looks. As long as nothing has changed, the maps are the very same ones as the time before, and a sliver that has not
     * changed is the very same object in any case.
     */
    public ActualState observe(Look look) throws NodeException {
        boolean everything = look == Look.EVERYTHING || seen == null;
        StoreView view = everything ? store.scan() : store.scanOwnChanges();
        MountTable mounts = mounts(everything);
        Containers containers = containers(view);
        Seen now = seen;
        if (now == null || !now.isOf(view, mounts, containers)) {
            now = look(view, mounts, containers);
            seen = now;
        }
        return new ActualState(
                nodeFacts(),
                now.images(),
                view.bases(),
                now.slivers(),
                now.damaged(),
                view.nodeStore(),
                view.sources(),
                !store.trash().entries().isEmpty());
    }

    /** What containers are there; one that cannot be asked for is told as damage of its sliver, and of no other. */
    private record Containers(Map<SliverId, ContainerState> states, Map<SliverId, String> unreadable) {}

    private Containers containers(StoreView view) throws NodeException {
        Containers containers = new Containers(new HashMap<>(), new HashMap<>());
        for (SliverId id : runtime.known()) {
            if (view.slivers().containsKey(id)) {
                try {
                    containers.states().put(id, runtime.state(id));
                } catch (NodeException e) {
                    containers.unreadable().put(id, String.valueOf(e.getMessage()));
                }
            }
        }
        return containers;
    }

    private MountTable mounts(boolean everything) throws NodeException {
        try {
            return everything ? mountTable.read() : mountTable.readChanges();
        } catch (LinuxException e) {
            throw new NodeException(
                    Reason.Failed, Follow.RETRY, "the mount table cannot be read: " + e.getMessage(), e);
        }
    }

    private Seen look(StoreView view, MountTable mounts, Containers containers) throws NodeException {
        List<ActualState.Damage> damaged = new ArrayList<>();
        for (StoreProblem problem : view.problems()) {
            ObjectRef item = problem.item();
            damaged.add(new ActualState.Damage(
                    item == null ? ObjectRef.store("") : item, problem.path() + ": " + problem.message()));
        }
        Seen before = seen;
        RootfsJudge judge = new RootfsJudge(placeOf(mounts), store.layout().root());
        boolean alike = before != null
                && Unchanged.isSame(before.mounts(), mounts)
                && before.containers().equals(containers)
                && before.slivers().size() == before.view().slivers().size();
        OrderedMap<SliverId, ActualSliver> last = before == null ? OrderedMap.empty() : before.slivers();
        Set<SliverId> open = new TreeSet<>(
                before == null ? Set.of() : OrderedMap.differences(before.view().slivers(), view.slivers()));
        if (!alike) {
            open.addAll(view.slivers().keySet());
        }
        Map<SliverId, Optional<ActualSliver>> changes = new HashMap<>();
        for (SliverId id : open) {
            StoredSliver stored = view.slivers().get(id);
            if (stored == null) {
                known.remove(id);
                changes.put(id, Optional.empty());
                continue;
            }
            try {
                changes.put(id, Optional.of(sliver(stored, before, containers, mounts, judge)));
            } catch (NodeException e) {
                damaged.add(new ActualState.Damage(ObjectRef.of(id), String.valueOf(e.getMessage())));
                changes.put(id, Optional.empty());
            }
        }
        return new Seen(view, mounts, containers, last.with(changes), images(view, damaged), List.copyOf(damaged));
    }

    /** A sliver as it is; the very object of before if nothing about it has changed. */
    private ActualSliver sliver(
            StoredSliver stored, @Nullable Seen before, Containers containers, MountTable mounts, RootfsJudge judge)
            throws NodeException {
        SliverId id = stored.record().id();
        String unreadable = containers.unreadable().get(id);
        if (unreadable != null) {
            throw new NodeException(Reason.Failed, Follow.RETRY, unreadable);
        }
        ContainerState container = containers.states().getOrDefault(id, ContainerState.NONE);
        ActualSliver last = before == null ? null : before.slivers().get(id);
        if (before != null && last != null && before.tells(stored, mounts, container, last)) {
            return last;
        }
        Known facts = known(stored);
        ActualSliver found = new ActualSliver(
                stored.record(),
                facts.inForce(),
                Set.copyOf(stored.revisions()),
                judge.judge(facts.expected(), mounts.at(stored.record().rootfs())),
                container);
        return last != null && last.equals(found) ? last : found;
    }

    private OrderedMap<String, ActualImage> images(StoreView view, List<ActualState.Damage> damaged) {
        SortedMap<String, ActualImage> actualImages = new TreeMap<>();
        for (var record : view.images().values()) {
            try {
                ActualImage image = images.get(record.name());
                if (image == null || !image.record().equals(record)) {
                    image = specs.image(record);
                    images.put(record.name(), image);
                }
                actualImages.put(record.name(), image);
            } catch (NodeException e) {
                damaged.add(new ActualState.Damage(ObjectRef.image(record.name()), String.valueOf(e.getMessage())));
            }
        }
        images.keySet().retainAll(view.images().keySet());
        return OrderedMap.copyOf(actualImages);
    }

    @Override
    public void close() {
        mountTable.close();
    }

    private NodeFacts nodeFacts() throws NodeException {
        Statfs space = store.space();
        return new NodeFacts(
                probe.nodeName(),
                store.layout().root(),
                store.layout().absoluteRootfsDirectory(),
                space.availableBytes(),
                space.totalBytes(),
                space.readOnly(),
                probe.drivers(),
                probe.lxcUnavailable(),
                promises.others());
    }

    private Known known(StoredSliver stored) throws NodeException {
        SliverId id = stored.record().id();
        Known facts = known.get(id);
        if (facts == null || !facts.stored().equals(stored)) {
            facts = new Known(stored, specs.sliver(stored.record()), expected.of(stored.record(), false));
            known.put(id, facts);
        }
        return facts;
    }

    private MountTable.Place placeOf(MountTable mounts) throws NodeException {
        MountTable.Place found = mounts.place(store.layout().root());
        if (found == null) {
            throw new NodeException(
                    Reason.Failed,
                    Follow.RETRY,
                    "the mount that the store " + store.layout().root() + " lies on is not in the mount table");
        }
        return found;
    }
}
