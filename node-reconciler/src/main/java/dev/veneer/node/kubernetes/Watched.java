package dev.veneer.node.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.veneer.node.desired.ClusterReader;
import dev.veneer.node.model.ObjectRef;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Informable;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.informers.cache.BasicItemStore;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
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
    private final Informable<GenericKubernetesResource> chosen;
    private final Listener listener;
    private final String plural;
    private volatile @Nullable SharedIndexInformer<GenericKubernetesResource> informer;

    /** Whether what has vanished while nothing was heard is yet to be found out. */
    private boolean toSweep = true;

    /** What the informer has told of, which it does some time after it has read it. */
    private final Set<String> heard = ConcurrentHashMap.newKeySet();

    /** When changes were last known to be told of, or it was last begun to ask for them. */
    private volatile long watching;

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
        for (JsonNode object : remembered) {
            if (object.path("kind").asText().equals(resource.kind())) {
                objects.put(ClusterReader.ref(object), object);
            }
        }
        var all = client.genericKubernetesResources(resource.context()).inAnyNamespace();
        Informable<GenericKubernetesResource> chosen = ofNode == null ? all : all.withField("spec.nodeName", ofNode);
        this.chosen = chosen;
    }

    private void begin() {
        SharedIndexInformer<GenericKubernetesResource> begun = chosen.runnableInformer(0);
        begun.itemStore(new Names());
        begun.addEventHandler(new Handler(heard, (ref, now) -> {
            if (begun == informer) {
                told(ref, now);
            }
        }));
        begun.exceptionHandler((before, problem) -> {
            String words = words(problem);
            if (!words.equals(told)) {
                LOG.warn("{} of the cluster cannot be watched, tried again: {}", plural, words);
                told = words;
            }
            return true;
        });
        informer = begun;
        watching = System.nanoTime();
        begun.start();
    }

    private void told(ObjectRef ref, @Nullable JsonNode now) {
        JsonNode before = now == null ? objects.remove(ref) : objects.put(ref, now);
        listener.changed(ref, before, now);
    }

    /** Begins to watch, once; nothing is waited for. */
    synchronized void start() {
        if (informer == null) {
            begin();
        }
    }

    /**
     * Whether changes have not been told of for so long. The client begins a watch anew by itself, but not always when a
     * connection ended while it was just beginning one. To be asked more often than that.
     */
    boolean isDeaf(Duration patience) {
        SharedIndexInformer<GenericKubernetesResource> now = informer;
        if (now == null || now.isWatching()) {
            watching = System.nanoTime();
        }
        return System.nanoTime() - watching > patience.toNanos();
    }

    /** Reads everything again and watches anew, by another connection. Until then all stays as it was told last. */
    synchronized void restart() {
        LOG.warn("{} of the cluster are read and watched anew: nothing was heard of them any more", plural);
        SharedIndexInformer<GenericKubernetesResource> deaf = informer;
        toSweep = true;
        begin();
        if (deaf != null) {
            deaf.close();
        }
    }

    /**
     * Once everything was read, whatever is not there any more is told to be gone, be it that it was only known from before the
     * agent was started.
     */
    synchronized void sweep() {
        SharedIndexInformer<GenericKubernetesResource> now = informer;
        if (!toSweep || now == null || !now.hasSynced()) {
            return;
        }
        toSweep = false;
        // What is told of after this was read after it as well, and is not looked at.
        Map<ObjectRef, JsonNode> then = new TreeMap<>(objects);
        Set<String> there = now.getStore().list().stream().map(Watched::key).collect(Collectors.toSet());
        then.forEach((ref, object) -> {
            if (!there.contains(key(object)) && objects.remove(ref, object)) {
                listener.changed(ref, object, null);
            }
        });
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
        SharedIndexInformer<GenericKubernetesResource> now = informer;
        if (!caughtUp && now != null && now.hasSynced()) {
            boolean all = heard.containsAll(
                    now.getStore().list().stream().map(Watched::key).toList());
            if (all) {
                sweep();
                caughtUp = true;
            }
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
        SharedIndexInformer<GenericKubernetesResource> now = informer;
        return now != null && now.isWatching();
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
        SharedIndexInformer<GenericKubernetesResource> now = informer;
        if (now != null) {
            now.close();
        }
    }

    /** What the informer keeps, which need only say what there is: all else is here already, and takes a third of the place. */
    private static final class Names extends BasicItemStore<GenericKubernetesResource> {
        Names() {
            super(Cache::metaNamespaceKeyFunc);
        }

        @Override
        public GenericKubernetesResource put(String key, GenericKubernetesResource object) {
            GenericKubernetesResource slim = new GenericKubernetesResource();
            slim.setApiVersion(object.getApiVersion());
            slim.setKind(object.getKind());
            ObjectMeta metadata = new ObjectMeta();
            metadata.setName(object.getMetadata().getName());
            metadata.setNamespace(object.getMetadata().getNamespace());
            metadata.setUid(object.getMetadata().getUid());
            metadata.setResourceVersion(object.getMetadata().getResourceVersion());
            slim.setMetadata(metadata);
            return super.put(key, slim);
        }

        /** Otherwise what is listed at first would be told of as it is here. */
        @Override
        public boolean isFullState() {
            return false;
        }
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
