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
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The objects of one kind that concern this node, as the API server told of them last. It lists and watches, again whenever a
 * watch ends or has expired; what is here while it cannot be reached is what was there before, be it before the agent was
 * started. Thread-safe.
 */
final class Watched implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Watched.class);
    private static final ObjectMapper JSON = new ObjectMapper();

    /** What is told of an object: itself, or null when it is gone, and what was there before. */
    interface Listener {
        void changed(ObjectRef ref, @Nullable JsonNode before, @Nullable JsonNode now);
    }

    private final ConcurrentSkipListMap<ObjectRef, JsonNode> objects = new ConcurrentSkipListMap<>();
    private final SharedIndexInformer<GenericKubernetesResource> informer;
    private final String plural;
    private final Listener listener;

    /** What was known before the agent was started, until all was read anew. */
    private final Map<ObjectRef, JsonNode> remembered;

    /** What the informer has told of, which it does some time after it has read it. */
    private final Set<String> heard = ConcurrentHashMap.newKeySet();

    private volatile boolean started;
    private volatile boolean caughtUp;
    private volatile String told = "";

    /**
     * @param ofNode only those whose {@code spec.nodeName} this is; null for all
     * @param remembered what was known before the agent was started, which is never changed
     */
    Watched(
            KubernetesClient client,
            Resource resource,
            @Nullable String ofNode,
            Collection<JsonNode> remembered,
            Listener listener) {
        this.plural = resource.plural();
        this.listener = listener;
        this.remembered = new HashMap<>();
        for (JsonNode object : remembered) {
            if (object.path("kind").asText().equals(resource.kind())) {
                this.remembered.put(ClusterReader.ref(object), object);
            }
        }
        objects.putAll(this.remembered);
        var all = client.genericKubernetesResources(resource.context()).inAnyNamespace();
        Informable<GenericKubernetesResource> chosen = ofNode == null ? all : all.withField("spec.nodeName", ofNode);
        informer = chosen.runnableInformer(0);
        informer.addEventHandler(new Handler(heard, (ref, now) -> {
            JsonNode before = now == null ? objects.remove(ref) : objects.put(ref, now);
            listener.changed(ref, before, now);
        }));
        informer.exceptionHandler((before, problem) -> {
            String words = words(problem);
            if (!words.equals(told)) {
                LOG.warn("{} of the cluster cannot be watched, tried again: {}", plural, words);
                told = words;
            }
            return true;
        });
    }

    /** Begins to watch; nothing is waited for. */
    void start() {
        started = true;
        informer.start();
    }

    /** What is wrong, in the words of the API server when it said anything. */
    static String words(Throwable problem) {
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
        if (!caughtUp && started && informer.hasSynced()) {
            boolean all = heard.containsAll(
                    informer.getStore().list().stream().map(Watched::key).toList());
            if (all) {
                forget();
                caughtUp = true;
            }
        }
        return caughtUp;
    }

    /** What was remembered and is not there any more, is gone. */
    private synchronized void forget() {
        remembered.forEach((ref, object) -> {
            if (!heard.contains(key(ref)) && objects.remove(ref, object)) {
                listener.changed(ref, object, null);
            }
        });
        remembered.clear();
    }

    private static String key(ObjectRef ref) {
        return ref.kind() == ObjectRef.Kind.Sliver ? ref.name() : "null/" + ref.name();
    }

    private static String key(GenericKubernetesResource object) {
        return object.getMetadata().getNamespace() + "/" + object.getMetadata().getName();
    }

    /** Whether changes are told of now. */
    boolean isWatching() {
        return started && informer.isWatching();
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
