package dev.veneer.node.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import dev.veneer.node.desired.ClusterReader;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * In which namespace each sliver lies, by the namespace's uid: one that was deleted and made again is another, perhaps of
 * another tenant. A namespace is asked for once for all of its slivers that were heard of by then; one that is heard of later
 * may lie in a later one, and waits a little for others. Thread-safe.
 */
final class NamespaceIds {
    private static final Logger LOG = LoggerFactory.getLogger(NamespaceIds.class);

    /** A thousand slivers that are made one after the other would otherwise be a thousand questions. */
    private static final Duration TOGETHER = Duration.ofMillis(100);

    private final ApiServer server;
    private final Namespaces trust;
    private final Map<String, String> ofSlivers = new ConcurrentHashMap<>();

    /** When namespaces answered last, by the clock of {@link System#nanoTime}. */
    private final Map<String, Long> answered = new HashMap<>();

    private volatile String told = "";

    /**
     * @param remembered uids of namespaces by those of slivers, as they were known before the agent was started
     * @param trust learns from the same answers
     */
    NamespaceIds(ApiServer server, Map<String, String> remembered, Namespaces trust) {
        this.server = server;
        this.trust = trust;
        ofSlivers.putAll(remembered);
    }

    /** The uid of a sliver's namespace; null as long as nobody knows. */
    @Nullable
    String of(JsonNode sliver) {
        return ofSlivers.get(Handshake.uid(sliver));
    }

    /** How long a sliver is to wait until its namespace is asked for, for it and those that are heard of until then. */
    synchronized Duration pause(JsonNode sliver) {
        Long last = of(sliver) == null ? answered.get(namespace(sliver)) : null;
        if (last == null) {
            return Duration.ZERO;
        }
        Duration left = TOGETHER.minusNanos(System.nanoTime() - last);
        return left.isNegative() ? Duration.ZERO : left;
    }

    /**
     * Asks for the namespace of a sliver, if it is not known.
     *
     * @param slivers those that were heard of
     * @return whether something is known now that was not before
     */
    boolean ask(JsonNode sliver, Collection<JsonNode> slivers) throws ClusterException, InterruptedException {
        synchronized (this) {
            if (of(sliver) != null) {
                return false;
            }
            String name = namespace(sliver);
            List<String> heard = slivers.stream()
                    .filter(each -> namespace(each).equals(name))
                    .map(Handshake::uid)
                    .toList();
            Answer answer = server.get("/api/v1/namespaces/" + name);
            String uid = answer.body().at("/metadata/uid").asText();
            if (!answer.isA("Namespace") || uid.isEmpty()) {
                String words = "which namespace " + name + " is cannot be read: " + answer.words();
                if (!words.equals(told)) {
                    LOG.warn("{}", words);
                    told = words;
                }
                return false;
            }
            // Of one that cannot be read nobody waits for another's question.
            long now = System.nanoTime();
            answered.values().removeIf(then -> now - then > TOGETHER.toNanos());
            answered.put(name, now);
            trust.learn(name, answer);
            heard.forEach(each -> ofSlivers.putIfAbsent(each, uid));
            return of(sliver) != null;
        }
    }

    /** A sliver is gone. */
    void forget(JsonNode sliver) {
        ofSlivers.remove(Handshake.uid(sliver));
    }

    private static String namespace(JsonNode sliver) {
        return ClusterSource.id(ClusterReader.ref(sliver)).namespace();
    }
}
