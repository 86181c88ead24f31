package dev.veneer.node.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import dev.veneer.api.Labels;
import dev.veneer.node.model.NamespaceTrust;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which namespaces are trusted. Those that have the label are watched, and no others. That one has it not is only said when the
 * API server says so of this very namespace: the watch may lag behind that of the slivers. Until the API server has answered at
 * all, what was known before the agent was started counts. Thread-safe.
 */
final class Namespaces implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Namespaces.class);
    private static final String TRUE = "true";

    private final ApiServer server;
    private final SharedIndexInformer<Namespace> trusted;
    private final Map<String, NamespaceTrust> remembered;
    private final Set<String> untrusted = ConcurrentHashMap.newKeySet();
    private final Runnable moved;
    private volatile boolean reading;
    private volatile String told = "";

    /**
     * @param remembered what was known before the agent was started
     * @param moved what to do when something has changed
     */
    Namespaces(ApiServer server, Map<String, NamespaceTrust> remembered, Runnable moved) {
        this.server = server;
        this.remembered = Map.copyOf(remembered);
        this.moved = moved;
        this.trusted =
                server.client().namespaces().withLabel(Labels.TRUSTED, TRUE).runnableInformer(0);
        trusted.addEventHandler(new Handler());
        trusted.exceptionHandler((started, problem) -> {
            String words = Watched.words(problem);
            if (!words.equals(told)) {
                LOG.warn("which namespaces are trusted cannot be watched, tried again: {}", words);
                told = words;
            }
            return true;
        });
    }

    /** Begins to watch; nothing is waited for. */
    void start() {
        reading = true;
        trusted.start();
    }

    /** What is known of a namespace. */
    NamespaceTrust of(String namespace) {
        if (!reading) {
            return remembered.getOrDefault(namespace, NamespaceTrust.UNKNOWN);
        }
        if (trusted.getStore().getByKey(namespace) != null) {
            return NamespaceTrust.TRUSTED;
        }
        return untrusted.contains(namespace) ? NamespaceTrust.UNTRUSTED : NamespaceTrust.UNKNOWN;
    }

    /** Whether a sliver may ask for something that is for trusted namespaces only; only then its namespace matters. */
    static boolean matter(JsonNode sliver) {
        JsonNode spec = sliver.path("spec");
        return spec.hasNonNull("rootfs")
                || !spec.at("/lxc/config").isEmpty()
                || spec.path("userNamespace").asText().equals("Host")
                || spec.at("/content/archive").isObject();
    }

    /**
     * Asks for a namespace that nothing is known of.
     *
     * @return whether something is known now; else the watch will tell, or it is to be asked again
     */
    boolean ask(String namespace) throws ClusterException, InterruptedException {
        Answer answer = server.get("/api/v1/namespaces/" + namespace);
        if (!answer.isA("Namespace") && !answer.isNotFound()) {
            String words = "whether namespace " + namespace + " is trusted cannot be read: " + answer.words();
            throw new ClusterException(words, answer);
        }
        if (!learn(namespace, answer)) {
            return false;
        }
        moved.run();
        return true;
    }

    /**
     * Learns from an answer about a namespace, that it is there or not.
     *
     * @return whether something is known now; else the watch will tell
     */
    boolean learn(String namespace, Answer answer) {
        JsonNode labels = answer.body().at("/metadata/labels");
        if (TRUE.equals(labels.path(Labels.TRUSTED).asText())) {
            return false;
        }
        untrusted.add(namespace);
        return true;
    }

    @Override
    public void close() {
        trusted.close();
    }

    /** What the watch tells. */
    private final class Handler implements ResourceEventHandler<Namespace> {
        @Override
        public void onAdd(Namespace namespace) {
            untrusted.remove(namespace.getMetadata().getName());
            moved.run();
        }

        @Override
        public void onUpdate(Namespace before, Namespace now) {
            // It has the label as before.
        }

        @Override
        public void onDelete(Namespace namespace, boolean finalStateUnknown) {
            untrusted.add(namespace.getMetadata().getName());
            moved.run();
        }
    }
}
