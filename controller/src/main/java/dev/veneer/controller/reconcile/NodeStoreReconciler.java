package dev.veneer.controller.reconcile;

import dev.veneer.api.v1alpha1.NodeStore;
import dev.veneer.api.v1alpha1.NodeStoreStatus;
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

    private record Seen(Set<StoredBaseImage> rows, boolean lost) {}

    public NodeStoreReconciler(Shared shared, Nodes nodes, Writer writer) {
        this.shared = shared;
        this.nodes = nodes;
        this.writer = writer;
    }

    @Override
    public List<EventSource<?, NodeStore>> prepareEventSources(EventSourceContext<NodeStore> context) {
        shared.stores(context.getPrimaryCache());
        return List.of();
    }

    @Override
    public UpdateControl<NodeStore> reconcile(NodeStore store, Context<NodeStore> context) {
        String uid = store.getMetadata().getUid();
        String node = store.getSpec().nodeName();
        NodeStoreStatus status = store.getStatus();
        boolean gone = context.isPrimaryResourceDeleted();
        Seen now = gone || status == null
                ? new Seen(Set.of(), gone)
                : new Seen(Set.copyOf(status.baseImages()), Lost.is(status.conditions()));
        Seen before = gone ? seen.remove(uid) : seen.put(uid, now);
        tellOthers(node, before == null ? new Seen(Set.of(), false) : before, now);
        boolean looked = status != null && status.observedGeneration() != null && status.observedGeneration() >= 0;
        if (gone || !looked || now.lost()) {
            // An agent that is back says so itself, which leads here again.
            return UpdateControl.noUpdate();
        }
        Heartbeat heartbeat = nodes.heartbeat(node);
        if (heartbeat.expired(System.nanoTime())) {
            // After a break between this and the API server every Lease looks expired.
            heartbeat = nodes.heartbeatNow(node);
        }
        if (!heartbeat.expired(System.nanoTime())) {
            return UpdateControl.<NodeStore>noUpdate()
                    .rescheduleAfter(heartbeat.left(System.nanoTime()).plus(A_LITTLE));
        }
        writer.ready(
                store, Lost.condition(status.conditions(), store.getMetadata().getGeneration(), node, Instant.now()));
        writer.tell(store, "NodeLost", "the agent of node " + node + " has not renewed its Lease");
        return UpdateControl.noUpdate();
    }

    private void tellOthers(String node, Seen before, Seen now) {
        if (before.lost() != now.lost()) {
            shared.lookAgainAtSliversOn(node);
        }
        shared.lookAgainAtImages(names(before.rows(), now.rows()), names(now.rows(), before.rows()));
    }

    /** The base images of rows that are in one and not in the other. */
    private static Set<String> names(Set<StoredBaseImage> rows, Set<StoredBaseImage> others) {
        Set<StoredBaseImage> changed = new HashSet<>(rows);
        changed.removeAll(others);
        return changed.stream().map(StoredBaseImage::name).collect(Collectors.toSet());
    }
}
