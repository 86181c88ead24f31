package dev.veneer.controller.reconcile;

import dev.veneer.api.v1alpha1.Condition;
import dev.veneer.api.v1alpha1.NodeStore;
import dev.veneer.api.v1alpha1.NodeStoreStatus;
import dev.veneer.api.v1alpha1.Sliver;
import dev.veneer.api.v1alpha1.StoredBaseImage;
import dev.veneer.controller.decide.Heartbeat;
import dev.veneer.controller.decide.Lost;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/** Says of a NodeStore that its agent does not report any more, and passes on what its agent reports of base images. */
public final class NodeStoreReconciler implements Reconciler<NodeStore> {
    /** Beyond the end of a Lease, so that one look suffices. */
    private static final Duration A_LITTLE = Duration.ofMillis(200);

    private final Shared shared;
    private final Nodes nodes;
    private final Writer writer;
    private final Map<String, Seen> seen = new ConcurrentHashMap<>();
    private final Marks marks;

    /**
     * A NodeStore as it was looked at.
     *
     * @param rows what it said of base images
     * @param lost whether it said that its node is lost
     * @param firstNanos when it was looked at first
     */
    private record Seen(Set<StoredBaseImage> rows, boolean lost, long firstNanos) {}

    public NodeStoreReconciler(Shared shared, Nodes nodes, Writer writer) {
        this.shared = shared;
        this.nodes = nodes;
        this.writer = writer;
        this.marks = new Marks(nodes.least());
    }

    @Override
    public List<EventSource<?, NodeStore>> prepareEventSources(EventSourceContext<NodeStore> context) {
        shared.stores(context.getPrimaryCache());
        return List.of();
    }

    @Override
    public UpdateControl<NodeStore> reconcile(NodeStore store, Context<NodeStore> context) {
        String uid = store.getMetadata().getUid();
        boolean gone = context.isPrimaryResourceDeleted();
        Seen now = look(store, gone);
        if (gone || now.lost()) {
            // An agent that is back says so itself, which leads here again.
            return UpdateControl.noUpdate();
        }
        String node = store.getSpec().nodeName();
        Heartbeat heartbeat = nodes.heartbeat(node);
        if (heartbeat.expired(System.nanoTime())) {
            // After a break between this and the API server every Lease looks expired.
            heartbeat = nodes.heartbeatNow(node);
        }
        Duration wait = heartbeat.left(System.nanoTime());
        if (!isReported(store)) {
            // Nobody has reported on it yet: whoever is to do so is given as long as one that has.
            wait = longer(wait, nodes.least().minusNanos(System.nanoTime() - now.firstNanos()));
        }
        wait = longer(wait, marks.wait(uid, heartbeat));
        if (wait.compareTo(Duration.ZERO) > 0) {
            return UpdateControl.<NodeStore>noUpdate().rescheduleAfter(wait.plus(A_LITTLE));
        }
        NodeStoreStatus status = store.getStatus();
        List<Condition> before = status == null ? List.of() : status.conditions();
        writer.ready(store, Lost.condition(before, store.getMetadata().getGeneration(), node, Instant.now()));
        if (marks.made(uid, heartbeat).isTakenBack()) {
            writer.tell(
                    store,
                    "LeaseNotRenewed",
                    "the agent of node " + node + " reports and does not renew its Lease " + nodes.namespace() + "/"
                            + node + ": look whether it is told another --system-namespace, and what it says itself");
        } else {
            writer.tell(store, "NodeLost", "the agent of node " + node + " has not renewed its Lease");
        }
        return UpdateControl.noUpdate();
    }

    private static boolean isReported(NodeStore store) {
        NodeStoreStatus status = store.getStatus();
        return status != null && status.observedGeneration() != null && status.observedGeneration() >= 0;
    }

    private static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) >= 0 ? one : other;
    }

    /** Notes what it says, and has looked again at whatever that concerns. */
    private Seen look(NodeStore store, boolean gone) {
        String uid = store.getMetadata().getUid();
        NodeStoreStatus status = store.getStatus();
        Seen before = seen.getOrDefault(uid, new Seen(Set.of(), false, System.nanoTime()));
        Seen now = gone || status == null
                ? new Seen(Set.of(), gone, before.firstNanos())
                : new Seen(Set.copyOf(status.baseImages()), Lost.is(status.conditions()), before.firstNanos());
        if (gone) {
            seen.remove(uid);
            marks.forget(uid);
        } else {
            seen.put(uid, now);
        }
        Collection<String> images = names(before.rows(), now.rows());
        images.addAll(names(now.rows(), before.rows()));
        if (before.lost() != now.lost()) {
            List<Sliver> slivers = shared.sliversOn(store.getSpec().nodeName());
            slivers.forEach(shared::lookAgainAt);
            slivers.forEach(sliver -> images.addAll(Shared.images(sliver)));
            now.rows().forEach(row -> images.add(row.name()));
        }
        shared.lookAgainAtImages(images);
        return now;
    }

    /** The base images of rows that are in one and not in the other. */
    private static Collection<String> names(Set<StoredBaseImage> rows, Set<StoredBaseImage> others) {
        Set<StoredBaseImage> changed = new HashSet<>(rows);
        changed.removeAll(others);
        return changed.stream().map(StoredBaseImage::name).collect(Collectors.toCollection(HashSet::new));
    }
}
