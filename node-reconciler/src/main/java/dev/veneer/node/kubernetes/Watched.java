package dev.veneer.node.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.veneer.node.desired.ClusterReader;
import dev.veneer.node.model.ObjectRef;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Informable;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.util.Collection;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The objects of one kind that concern this node, as the API server told of them last. It lists and watches, again whenever a
 * watch ends or has expired; what is here while it cannot be reached is what was there before. Thread-safe.
 */
final class Watched implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Watched.class);
    private static final ObjectMapper JSON = new ObjectMapper();

    /** What is told of an object: itself, or null when it is gone, and what was there before. */
    interface Listener {
        void changed(ObjectRef ref, @Nullable JsonNode before, @Nullable JsonNode now);
    }

    private final ConcurrentSkipListMap<ObjectRef, JsonNode> objects = new ConcurrentSkipListMap<>();
    private final Informable<GenericKubernetesResource> chosen;
    private final Listener listener;
    private final String plural;
    private volatile SharedIndexInformer<GenericKubernetesResource> informer;

    /** Whether what has vanished while nothing was heard is yet to be found out. */
    private boolean toSweep;

    /** What the informer has told of, which it does some time after it has read it. */
    private final Set<String> heard = ConcurrentHashMap.newKeySet();

    private volatile boolean caughtUp;
    private volatile String told = "";

    /**
     * Begins to watch.
     *
     * @param ofNode only those whose {@code spec.nodeName} this is; null for all
     */
    Watched(KubernetesClient client, Resource resource, @Nullable String ofNode, Listener listener) {
        this.plural = resource.plural();
        var all = client.genericKubernetesResources(resource.context()).inAnyNamespace();
        Informable<GenericKubernetesResource> chosen = ofNode == null ? all : all.withField("spec.nodeName", ofNode);
        this.chosen = chosen;
        this.listener = listener;
        informer = begin();
    }

    private SharedIndexInformer<GenericKubernetesResource> begin() {
        SharedIndexInformer<GenericKubernetesResource> begun = chosen.runnableInformer(0);
        begun.addEventHandler(new Handler(heard, (ref, now) -> {
            if (begun == informer) {
                told(ref, now);
            }
        }));
        begun.exceptionHandler((started, problem) -> {
            String words = words(problem);
            if (!words.equals(told)) {
                LOG.warn("{} of the cluster cannot be watched, tried again: {}", plural, words);
                told = words;
            }
            return true;
        });
        informer = begun;
        begun.start();
        return begun;
    }

    private void told(ObjectRef ref, @Nullable JsonNode now) {
        JsonNode before = now == null ? objects.remove(ref) : objects.put(ref, now);
        listener.changed(ref, before, now);
    }

    /** Reads everything again and watches anew, by another connection. Until then all stays as it was told last. */
    synchronized void restart() {
        LOG.warn("{} of the cluster are read and watched anew: nothing was heard of them any more", plural);
        SharedIndexInformer<GenericKubernetesResource> deaf = informer;
        begin();
        toSweep = true;
        deaf.close();
    }

    /** After that, whatever is not there any more is told to be gone. */
    synchronized void sweep() {
        if (!toSweep || !informer.hasSynced()) {
            return;
        }
        toSweep = false;
        Set<String> there =
                informer.getStore().list().stream().map(Watched::key).collect(Collectors.toSet());
        objects.forEach((ref, object) -> {
            if (!there.contains(key(object))) {
                told(ref, null);
            }
        });
    }

    private static String words(Throwable problem) {
        Throwable cause = problem;
        while (cause.getCause() != null && !(cause instanceof KubernetesClientException)) {
            cause = cause.getCause();
        }
        boolean said = cause instanceof KubernetesClientException answer
                && answer.getStatus() != null
                && answer.getStatus().getMessage() != null;
        return said ? ((KubernetesClientException) cause).getStatus().getMessage() : cause.toString();
    }

    /** Whether all that there was at some time has been read, and is here. */
    boolean hasSynced() {
        if (!caughtUp && informer.hasSynced()) {
            caughtUp = heard.containsAll(
                    informer.getStore().list().stream().map(Watched::key).toList());
        }
        return caughtUp;
    }

    private static String key(GenericKubernetesResource object) {
        return object.getMetadata().getNamespace() + "/" + object.getMetadata().getName();
    }

    private static String key(JsonNode object) {
        // As of an object in no namespace, whose namespace is null.
        return object.at("/metadata/namespace").asText("null") + "/"
                + object.at("/metadata/name").asText();
    }

    /** Whether changes are told of now. */
    boolean isWatching() {
        return informer.isWatching();
    }

    String plural() {
        return plural;
    }

    @Nullable
    JsonNode get(ObjectRef ref) {
        return objects.get(ref);
    }

    /** All of them, in the order of their names. */
    Collection<JsonNode> all() {
        return objects.values();
    }

    Collection<ObjectRef> refs() {
        return objects.keySet();
    }

    @Override
    public void close() {
        informer.close();
    }

    /** What the informer tells, as trees. */
    private record Handler(Set<String> heard, BiConsumer<ObjectRef, @Nullable JsonNode> changed)
            implements ResourceEventHandler<GenericKubernetesResource> {
        @Override
        public void onAdd(GenericKubernetesResource object) {
            tell(object, false);
        }

        @Override
        public void onUpdate(GenericKubernetesResource before, GenericKubernetesResource now) {
            tell(now, false);
        }

        @Override
        public void onDelete(GenericKubernetesResource object, boolean finalStateUnknown) {
            tell(object, true);
        }

        private void tell(GenericKubernetesResource object, boolean gone) {
            ObjectNode tree = JSON.valueToTree(object);
            if (tree.path("metadata") instanceof ObjectNode metadata) {
                // The larger half of an object, and of no use here.
                metadata.remove("managedFields");
            }
            try {
                ObjectRef ref = ClusterReader.ref(tree);
                changed.accept(ref, gone ? null : tree);
            } catch (IllegalArgumentException e) {
                LOG.warn("an object of the cluster is left alone: {}", e.getMessage());
            }
            if (gone) {
                heard.remove(key(object));
            } else {
                heard.add(key(object));
            }
        }
    }
}
