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
import dev.veneer.node.model.RootfsFacts;
import dev.veneer.node.model.RootfsMount;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.model.SliverRecord;
import dev.veneer.node.runtime.ContainerRuntime;
import dev.veneer.node.store.Store;
import dev.veneer.node.store.StoreProblem;
import dev.veneer.node.store.StoreView;
import dev.veneer.node.store.StoredSliver;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Looks at the store, the mount table and the containers, and says what is. In a steady pass it reads the mount table
 * and asks the store what has changed; what has not is neither read nor made again.
 */
public final class StateObserver {
    /** Reads the spec in force out of a record. */
    public interface SpecReader {
        /** The sliver as its record's canonical spec declares it. */
        DesiredSliver sliver(SliverRecord record) throws NodeException;

        /** The BaseImage as its record's canonical spec declares it. */
        ActualImage image(ImageRecord record) throws NodeException;
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

    private final LinuxCalls calls;
    private final Store store;
    private final ExpectedMounts expected;
    private final ContainerRuntime runtime;
    private final SpecReader specs;
    private NodeProbe probe;
    private final Map<SliverId, Known> known = new HashMap<>();
    private final Map<String, ActualImage> images = new HashMap<>();

    public StateObserver(
            LinuxCalls calls,
            Store store,
            ExpectedMounts expected,
            ContainerRuntime runtime,
            SpecReader specs,
            NodeProbe probe) {
        this.calls = calls;
        this.store = store;
        this.expected = expected;
        this.runtime = runtime;
        this.specs = specs;
        this.probe = probe;
    }

    /** Takes over facts that were found out anew; whether they differ. */
    public boolean reprobed(NodeProbe found) {
        boolean differs = !found.equals(probe);
        probe = found;
        return differs;
    }

    /** Looks. */
    public ActualState observe() throws NodeException {
        StoreView view = store.scan();
        MountTable mounts;
        try {
            mounts = MountTable.read(calls);
        } catch (LinuxException e) {
            throw new NodeException(
                    Reason.Failed, Follow.RETRY, "the mount table cannot be read: " + e.getMessage(), e);
        }
        List<ActualState.Damage> damaged = new ArrayList<>();
        for (StoreProblem problem : view.problems()) {
            ObjectRef item = problem.item();
            damaged.add(new ActualState.Damage(
                    item == null ? ObjectRef.store("") : item, problem.path() + ": " + problem.message()));
        }
        RootfsJudge judge = new RootfsJudge(placeOf(mounts), store.layout().root());
        Set<SliverId> withContainer = new HashSet<>(runtime.known());
        SortedMap<SliverId, ActualSliver> slivers = new TreeMap<>();
        for (StoredSliver stored : view.slivers().values()) {
            SliverId id = stored.record().id();
            try {
                Known facts = known(stored);
                RootfsFacts rootfs =
                        judge.judge(facts.expected(), mounts.at(stored.record().rootfs()));
                ContainerState container = withContainer.contains(id) ? runtime.state(id) : ContainerState.NONE;
                slivers.put(
                        id,
                        new ActualSliver(
                                stored.record(), facts.inForce(), Set.copyOf(stored.revisions()), rootfs, container));
            } catch (NodeException e) {
                damaged.add(new ActualState.Damage(ObjectRef.of(id), String.valueOf(e.getMessage())));
            }
        }
        known.keySet().retainAll(view.slivers().keySet());
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
        return new ActualState(
                nodeFacts(),
                actualImages,
                view.bases(),
                slivers,
                damaged,
                view.nodeStore(),
                view.sources(),
                !store.trash().entries().isEmpty());
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
                probe.lxcUnavailable());
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
