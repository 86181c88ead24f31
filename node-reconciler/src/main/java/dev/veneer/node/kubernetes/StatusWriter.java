package dev.veneer.node.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.veneer.api.Conditions;
import dev.veneer.api.Reason;
import dev.veneer.node.model.ObjectRef;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the status of one object at a time where it differs from what stands in the cluster, and tells as Events what is new
 * in it. Thread-safe, for different objects.
 */
final class StatusWriter {
    private static final Logger LOG = LoggerFactory.getLogger(StatusWriter.class);

    /** After this the API server is asked again for what it refused, in case whoever refused was mended. */
    private static final Duration REFUSED = Duration.ofMinutes(1);

    /** After this it is asked again for an object that is not there any more, if the watch has not told by then. */
    private static final Duration ELSEWHERE = Duration.ofSeconds(5);

    /**
     * So long the watch may tell of what was there before a write. What it still tells then is so: the cluster's data are of a
     * backup that was made before.
     */
    static final Duration LAG = Duration.ofMinutes(1);

    private static final String SINCE = "lastTransitionTime";

    private final ApiServer server;
    private final Events events;
    private final RateLimit pace;
    private final Duration lag;
    private final Map<ObjectRef, Sent> sent = new ConcurrentHashMap<>();
    private final Map<ObjectRef, Attempt> attempts = new ConcurrentHashMap<>();
    private final Undeclared undeclared = new Undeclared();
    private volatile String complaint = "";

    /**
     * What was written last.
     *
     * @param before versions of the object that are older, as the watch may still tell them: what it was written to, and what
     *     earlier writes made that the watch had not told of yet
     * @param after version of the object since
     * @param nanos when
     */
    private record Sent(String uid, Set<String> before, String after, JsonNode status, long nanos) {}

    /**
     * When it was tried last.
     *
     * @param late whether somebody else had written to the object meanwhile
     */
    private record Attempt(long nanos, boolean late) {}

    /** @param pace how often it may ask or write */
    StatusWriter(ApiServer server, Events events, RateLimit pace) {
        this(server, events, pace, LAG);
    }

    StatusWriter(ApiServer server, Events events, RateLimit pace, Duration lag) {
        this.server = server;
        this.events = events;
        this.pace = pace;
        this.lag = lag;
    }

    /** An object is gone. */
    void forget(ObjectRef ref) {
        sent.remove(ref);
        attempts.remove(ref);
    }

    /**
     * Writes.
     *
     * @param object as the API serves it
     * @return when to look again, or null for when something has changed
     */
    @Nullable
    Duration write(ObjectRef ref, JsonNode object, ObjectNode wanted) throws ClusterException, InterruptedException {
        Sent last = sent.get(ref);
        String uid = Handshake.uid(object);
        String version = Handshake.version(object);
        if (last != null && !last.uid.equals(uid)) {
            last = null;
        }
        long unseenFor =
                last != null && last.before.contains(version) ? last.nanos + lag.toNanos() - System.nanoTime() : 0;
        boolean unseen = unseenFor > 0;
        JsonNode there = unseen && last != null ? last.status : object.path("status");
        undeclared.removeFrom(wanted);
        keepTimes(there, wanted);
        boolean owned = last == null || StatusBook.says(wanted, last.status);
        if (owned && StatusBook.says(there, wanted) && (last != null || isWhole(there, wanted))) {
            return unseen ? Duration.ofNanos(unseenFor) : null;
        }
        Attempt tried = attempts.get(ref);
        Duration apart = Measures.apart(ref, there, last == null ? null : last.status, wanted);
        long left = tried == null ? 0 : tried.nanos + apart.toNanos() - System.nanoTime();
        if (left > 0) {
            return Duration.ofNanos(left);
        }
        String known = unseen && last != null ? last.after : version;
        boolean late = tried != null && tried.late;
        // Whatever it comes to: also an answer that cannot be understood may have been a write.
        attempts.put(ref, new Attempt(System.nanoTime(), false));
        String to = late ? now(ref, uid) : known;
        if (to == null) {
            // Another object of its name, or none: the watch tells.
            return ELSEWHERE;
        }
        Answer answer = send(ref, object, wanted, to);
        attempts.put(ref, new Attempt(System.nanoTime(), answer.status() == 409));
        if (answer.isGood()) {
            Set<String> before = new HashSet<>(unseen && last != null ? last.before : Set.of());
            before.add(to);
            before.add(version);
            before.add(known);
            String after = Handshake.version(answer.body());
            // A write that changed nothing makes no version.
            before.remove(after);
            sent.put(ref, new Sent(uid, before, after, wanted, System.nanoTime()));
            tell(object, last == null ? object.path("status") : last.status, wanted);
            return after.equals(version) ? null : lag;
        }
        if (answer.isNotFound()) {
            // Gone: the watch tells.
            return null;
        }
        if (answer.status() == 409) {
            // Another object of its name, or somebody was faster.
            return Measures.APART;
        }
        Set<String> fields = undeclared.learn(answer.words());
        if (!fields.isEmpty()) {
            LOG.warn(
                    "the definition of {}s in the cluster is older than this agent, and has no status{}: apply crds/ of"
                            + " this version; until then these are left out",
                    ref.kind(),
                    String.join(", status", fields));
        }
        if (undeclared.removeFrom(wanted)) {
            return Duration.ZERO;
        }
        complain(ref, answer.words());
        if (!answer.isTransient()) {
            return REFUSED;
        }
        if (!answer.retryAfter().isZero()) {
            return answer.retryAfter();
        }
        throw new ClusterException("the status cannot be written", new IllegalStateException(answer.words()));
    }

    /**
     * Of a status the API server compares no uid: that of an object that is gone would become that of the next one of its name.
     * The version of an object is compared.
     */
    private Answer send(ObjectRef ref, JsonNode object, ObjectNode wanted, String version)
            throws ClusterException, InterruptedException {
        ObjectNode body = Handshake.identified(object);
        body.withObject("/metadata").put("resourceVersion", version);
        body.set("status", wanted);
        pace.await();
        return server.apply(Resource.path(ref) + "/status", body);
    }

    /** The version of an object that is edited faster than the watch tells; null when it is not there, or cannot be asked. */
    private @Nullable String now(ObjectRef ref, String uid) throws ClusterException, InterruptedException {
        pace.await();
        Answer there = server.get(Resource.path(ref));
        return there.isGood() && Handshake.uid(there.body()).equals(uid) ? Handshake.version(there.body()) : null;
    }

    /** Warns, once of what many objects may meet. */
    private void complain(ObjectRef ref, String words) {
        // The API server names the object in brackets.
        String same = words.replaceAll("[(][^)]*[)]", "");
        if (!same.equals(complaint)) {
            complaint = same;
            LOG.warn("the status of {} is refused, tried again: {}", ref, words);
        }
    }

    /**
     * A condition that stands in the cluster with the same status has changed there when it says so: changes between that nobody
     * there saw are none.
     */
    static void keepTimes(JsonNode there, ObjectNode wanted) {
        for (JsonNode each : wanted.path("conditions")) {
            JsonNode before = condition(there, each.path("type").asText());
            if (before.path("status").equals(each.path("status")) && before.has(SINCE)) {
                ((ObjectNode) each).set(SINCE, before.get(SINCE));
            }
        }
    }

    /** Whether nothing stands there that an earlier process of this agent may have written, and is not said any more. */
    private static boolean isWhole(JsonNode there, ObjectNode wanted) {
        Set<String> names = new HashSet<>();
        wanted.fieldNames().forEachRemaining(names::add);
        for (Map.Entry<String, JsonNode> field : there.properties()) {
            if (!names.contains(field.getKey())) {
                return false;
            }
        }
        return there.path("conditions").size() == wanted.path("conditions").size();
    }

    /** What was done since, and why it is not Ready, each once. */
    private void tell(JsonNode object, JsonNode before, JsonNode now) {
        for (JsonNode entry : fresh(before, now)) {
            String what = entry.path("what").asText();
            events.tell(
                    object, what.endsWith("Failed"), what, entry.path("message").asText());
        }
        JsonNode ready = condition(now, Conditions.READY);
        JsonNode was = condition(before, Conditions.READY);
        boolean changed = !ready.path("reason").equals(was.path("reason"))
                || !ready.path("message").equals(was.path("message"));
        boolean bad = ready.path("status").asText().equals("False")
                && !ready.path("reason").asText().equals(Reason.Progressing.name());
        if (changed && bad) {
            events.tell(
                    object,
                    true,
                    ready.path("reason").asText("NotReady"),
                    ready.path("message").asText());
        }
    }

    /** What was done since, oldest first. */
    static List<JsonNode> fresh(JsonNode before, JsonNode now) {
        List<JsonNode> old = new ArrayList<>();
        before.path("history").forEach(old::add);
        List<JsonNode> fresh = new ArrayList<>();
        for (JsonNode entry : now.path("history")) {
            if (old.stream().noneMatch(told -> isSame(told, entry))) {
                fresh.add(0, entry);
            }
        }
        return fresh;
    }

    /** The same one; how often it had happened before, and when first, makes no other of it. */
    private static boolean isSame(JsonNode told, JsonNode entry) {
        return Stream.of("time", "what", "revision", "message")
                .allMatch(name -> told.path(name).equals(entry.path(name)));
    }

    private static JsonNode condition(JsonNode status, String type) {
        for (JsonNode condition : status.path("conditions")) {
            if (condition.path("type").asText().equals(type)) {
                return condition;
            }
        }
        return JsonNodeFactory.instance.objectNode();
    }
}
