package dev.veneer.node.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the story of objects as Events. What happens again is counted in the Event that is there, seldom enough, and what one
 * object may tell at once is bounded. Losing one is no harm. Thread-safe.
 */
final class Events implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Events.class);

    /** The most that waits to be told. */
    private static final int WAITING = 1000;

    private static final int OBJECTS = 4096;
    private static final int BURST = 25;
    private static final double IN_SECOND = 1 / 300.0;
    private static final Duration COUNT_AGAIN = Duration.ofMinutes(6);
    private static final int NOTE_MAX = 1000;
    private static final DateTimeFormatter MICROS =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);
    private static final String API = "events.k8s.io/v1";

    private final ApiServer server;
    private final String instance;
    private final Clock clock;
    private final WorkQueue<Told> queue;
    private final Map<String, RateLimit> budgets = bounded();
    private final Map<Told, Repeats> repeats = bounded();
    private int waiting;

    /** What is told of which object; the same again is the same Event. */
    private record Told(
            String uid, String kind, String namespace, String name, boolean warning, String reason, String note) {
        @Override
        public String toString() {
            return "event " + reason + " of " + name;
        }
    }

    /** How often it happened, and when that was last told. */
    private record Repeats(int count, long nanos) {}

    Events(ApiServer server, String instance, Clock clock) {
        this.server = server;
        this.instance = instance;
        this.clock = clock;
        this.queue = new WorkQueue<>("events", 1, new RateLimit(50, 10), this::send);
    }

    private static <K, V> Map<K, V> bounded() {
        return new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
                return size() > OBJECTS;
            }
        };
    }

    /**
     * Tells.
     *
     * @param object as the API serves it
     * @param reason one word in CamelCase
     */
    void tell(JsonNode object, boolean warning, String reason, String note) {
        JsonNode metadata = object.path("metadata");
        Told told = new Told(
                metadata.path("uid").asText(),
                object.path("kind").asText(),
                metadata.path("namespace").asText(),
                metadata.path("name").asText(),
                warning,
                reason,
                cut(note));
        synchronized (this) {
            Repeats before = repeats.get(told);
            long now = System.nanoTime();
            if (before != null && now - before.nanos < COUNT_AGAIN.toNanos()) {
                repeats.put(told, new Repeats(before.count + 1, before.nanos));
                return;
            }
            RateLimit budget = budgets.computeIfAbsent(told.uid, uid -> new RateLimit(BURST, IN_SECOND));
            if (waiting >= WAITING || !budget.tryTake()) {
                return;
            }
            repeats.put(told, new Repeats(before == null ? 1 : before.count + 1, now));
            waiting++;
        }
        queue.add(told);
    }

    private @Nullable Duration send(Told told) throws ClusterException, InterruptedException {
        Repeats times;
        synchronized (this) {
            times = repeats.getOrDefault(told, new Repeats(1, 0));
        }
        String namespace = told.namespace.isEmpty() ? "default" : told.namespace;
        String collection = "/apis/" + API + "/namespaces/" + namespace + "/events";
        Answer answer = times.count > 1 ? null : server.post(collection, event(told, namespace));
        if (answer == null || answer.status() == 409) {
            answer = count(told, collection + "/" + name(told), Math.max(2, times.count));
        }
        if (answer.isTransient()) {
            return answer.retryAfter().isZero() ? Duration.ofSeconds(5) : answer.retryAfter();
        }
        if (!answer.isGood()) {
            // As in a namespace that ends: there is nobody to tell it to.
            LOG.warn("{} is refused: {}", told, answer.words());
        }
        synchronized (this) {
            waiting--;
        }
        return null;
    }

    private Answer count(Told told, String path, int count) throws ClusterException, InterruptedException {
        int before = server.get(path).body().at("/series/count").asInt(1);
        ObjectNode patch = JsonNodeFactory.instance.objectNode();
        patch.putObject("series")
                .put("count", Math.max(before + 1, count))
                .put("lastObservedTime", MICROS.format(clock.instant()));
        Answer answer = server.merge(path, patch);
        // It has expired meanwhile.
        return answer.status() == 404
                ? server.post(path.substring(0, path.lastIndexOf('/')), event(told, namespace(path)))
                : answer;
    }

    private static String namespace(String path) {
        String start = "/namespaces/";
        int from = path.indexOf(start) + start.length();
        return path.substring(from, path.indexOf('/', from));
    }

    private ObjectNode event(Told told, String namespace) {
        ObjectNode event = JsonNodeFactory.instance.objectNode();
        event.put("apiVersion", API).put("kind", "Event");
        event.putObject("metadata").put("namespace", namespace).put("name", name(told));
        event.put("eventTime", MICROS.format(clock.instant()))
                .put("reportingController", "veneer.dev/agent")
                .put("reportingInstance", instance.substring(0, Math.min(instance.length(), 128)))
                .put("type", told.warning ? "Warning" : "Normal")
                .put("reason", told.reason)
                .put("action", told.reason)
                .put("note", told.note);
        ObjectNode regarding = event.putObject("regarding");
        regarding
                .put("apiVersion", dev.veneer.api.validation.ObjectValidator.API_VERSION)
                .put("kind", told.kind)
                .put("name", told.name)
                .put("uid", told.uid);
        if (!told.namespace.isEmpty()) {
            regarding.put("namespace", told.namespace);
        }
        return event;
    }

    /** The same for the same, also of an agent that was started again. */
    private static String name(Told told) {
        byte[] what = (told.uid + '\n' + told.warning + '\n' + told.reason + '\n' + told.note)
                .getBytes(StandardCharsets.UTF_8);
        return told.name + "."
                + UUID.nameUUIDFromBytes(what).toString().replace("-", "").substring(0, 16);
    }

    /** The API counts bytes. */
    private static String cut(String note) {
        String cut = note;
        while (cut.getBytes(StandardCharsets.UTF_8).length > NOTE_MAX) {
            cut = cut.substring(0, cut.offsetByCodePoints(cut.length(), -1 - cut.length() / 16));
        }
        return cut;
    }

    @Override
    public void close() {
        queue.close();
    }
}
