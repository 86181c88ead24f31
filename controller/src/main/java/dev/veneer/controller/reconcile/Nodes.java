package dev.veneer.controller.reconcile;

import dev.veneer.controller.decide.Heartbeat;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.informers.cache.BasicItemStore;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Which nodes there are, and which of their agents renew their Leases. */
public final class Nodes implements AutoCloseable {
    private final KubernetesClient client;
    private final String namespace;
    private final Duration least;
    private final SharedIndexInformer<Node> nodes;
    private final SharedIndexInformer<Lease> leases;
    private final Map<String, Heartbeat> heartbeats = new ConcurrentHashMap<>();
    private final Map<String, Long> unseen = new ConcurrentHashMap<>();

    /**
     * Begins to watch, and returns when everything was read once.
     *
     * @param namespace where the agents' Leases are
     * @param least how long a node may be silent in any case
     */
    public Nodes(KubernetesClient client, String namespace, Duration least) {
        this.least = least;
        this.client = client;
        this.namespace = namespace;
        nodes = client.nodes().runnableInformer(0);
        // Of a Node only that there is one matters; what it says of itself is large.
        nodes.itemStore(new BasicItemStore<>(Cache::metaNamespaceKeyFunc) {
            @Override
            public Node put(String key, Node node) {
                Node slim = new Node();
                slim.setMetadata(node.getMetadata());
                return super.put(key, slim);
            }
        });
        leases = client.leases().inNamespace(namespace).runnableInformer(0);
        nodes.run();
        leases.run();
    }

    /** Where the agents' Leases are. */
    String namespace() {
        return namespace;
    }

    /** How long a node may be silent in any case. */
    Duration least() {
        return least;
    }

    /** Whether a Node object has this name. */
    boolean registered(String node) {
        return nodes.getStore().getByKey(node) != null;
    }

    /** The heartbeat of a node's agent, as the cache has it. */
    Heartbeat heartbeat(String node) {
        return note(node, leases.getStore().getByKey(namespace + "/" + node));
    }

    /** The heartbeat of a node's agent, as the server has it: the cache may lag. */
    Heartbeat heartbeatNow(String node) {
        return note(node, client.leases().inNamespace(namespace).withName(node).get());
    }

    private Heartbeat note(String node, @Nullable Lease lease) {
        String renewed = null;
        Integer seconds = null;
        if (lease != null && lease.getSpec() != null) {
            // With the version: an agent whose clock stands still renews it too.
            renewed = lease.getMetadata().getUid() + "/" + lease.getMetadata().getResourceVersion();
            seconds = lease.getSpec().getLeaseDurationSeconds();
        }
        String seen = renewed;
        Integer lasts = seconds;
        return heartbeats.compute(
                node, (name, before) -> Heartbeat.after(before, seen, lasts, least, System.nanoTime()));
    }

    /** For how long there has been neither a Node object nor a heartbeat. */
    Duration unseenFor(String node) {
        long now = System.nanoTime();
        if (registered(node) || !heartbeat(node).expired(now)) {
            unseen.remove(node);
            return Duration.ZERO;
        }
        return Duration.ofNanos(now - unseen.computeIfAbsent(node, name -> now));
    }

    @Override
    public void close() {
        nodes.close();
        leases.close();
    }
}
