package dev.veneer.node.kubernetes;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.veneer.api.Conditions;
import dev.veneer.api.Reason;
import dev.veneer.node.model.ObjectRef;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What the agent says of each object, as it is to stand in the cluster. Said by the passes' threads, read by those that write to
 * the cluster.
 */
final class StatusBook {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** The longest that the API admits in a status. */
    private static final int REQUEST_MAX = 256;

    /** The status of each object as its text in the store. */
    private final Map<ObjectRef, String> said = new ConcurrentHashMap<>();

    private final Set<ObjectRef> news = ConcurrentHashMap.newKeySet();
    private final Function<ObjectRef, Optional<String>> kept;
    private volatile Map<ObjectRef, Seen> seen = Map.of();

    /** @param kept what was said before this process began */
    StatusBook(Function<ObjectRef, Optional<String>> kept) {
        this.kept = kept;
    }

    /**
     * What a pass saw of an object.
     *
     * @param uid the object's
     * @param generation its generation
     * @param requestedAt the annotation that asks for a look, or null
     */
    record Seen(String uid, long generation, @Nullable String requestedAt) {
        static Seen of(JsonNode object) {
            JsonNode metadata = object.path("metadata");
            JsonNode requested = metadata.path("annotations").path(dev.veneer.api.Annotations.REQUESTED_AT);
            return new Seen(
                    metadata.path("uid").asText(),
                    metadata.path("generation").asLong(),
                    requested.isTextual()
                            ? requested
                                    .asText()
                                    .substring(0, Math.min(requested.asText().length(), REQUEST_MAX))
                            : null);
        }
    }

    /** Something was said of an object. */
    void say(ObjectRef ref, String status) {
        said.put(ref, status);
        news.add(ref);
    }

    /**
     * Something is to be told of an object while a pass goes on that sees these. Of a NodeStore that no pass before
     * has seen it is the first word. Not of others: a status is of the generation that a pass has judged, and what is told
     * meanwhile adds to what an earlier one said of an earlier generation.
     */
    synchronized void meanwhile(ObjectRef ref, Map<ObjectRef, Seen> objects) {
        Seen before = seen.get(ref);
        Seen now = objects.get(ref);
        if (ref.kind() == ObjectRef.Kind.NodeStore
                && now != null
                && (before == null || !before.uid().equals(now.uid()))) {
            Map<ObjectRef, Seen> more = new HashMap<>(seen);
            more.put(ref, now);
            seen = more;
        }
    }

    /**
     * A pass is over that saw these objects; of which something new is to be told.
     *
     * @param reported whether it said what was to be said of all of them. If not, those that it said nothing of are not seen yet
     */
    synchronized Set<ObjectRef> passed(Map<ObjectRef, Seen> objects, boolean reported) {
        Map<ObjectRef, Seen> before = seen;
        Map<ObjectRef, Seen> judged = reported ? objects : said(objects, before);
        seen = judged;
        Set<ObjectRef> changed = new HashSet<>();
        for (ObjectRef ref : Set.copyOf(news)) {
            news.remove(ref);
            changed.add(ref);
        }
        judged.forEach((ref, now) -> {
            if (!now.equals(before.get(ref))) {
                changed.add(ref);
            }
        });
        said.keySet().retainAll(objects.keySet());
        for (ObjectRef ref : objects.keySet()) {
            if (!said.containsKey(ref)) {
                kept.apply(ref).ifPresent(status -> said.put(ref, status));
            }
        }
        return changed;
    }

    private Map<ObjectRef, Seen> said(Map<ObjectRef, Seen> objects, Map<ObjectRef, Seen> before) {
        Map<ObjectRef, Seen> judged = new HashMap<>();
        objects.forEach((ref, now) -> {
            Seen last = news.contains(ref) ? now : before.get(ref);
            if (last != null) {
                judged.put(ref, last);
            }
        });
        return judged;
    }

    /**
     * What is to stand in the cluster of an object, or null when a pass has not looked at this very one yet.
     *
     * @param object as the API serves it now
     */
    @Nullable
    ObjectNode of(ObjectRef ref, JsonNode object) {
        String text = said.get(ref);
        Seen pass = seen.get(ref);
        if (text == null
                || pass == null
                || !pass.uid().equals(object.at("/metadata/uid").asText())) {
            return null;
        }
        try {
            ObjectNode status = (ObjectNode) JSON.readTree(text);
            status.put("observedGeneration", pass.generation());
            status.path("conditions")
                    .forEach(condition -> ((ObjectNode) condition).put("observedGeneration", pass.generation()));
            if (pass.requestedAt() != null && ref.kind() == ObjectRef.Kind.Sliver) {
                status.put("lastHandledRequestAt", pass.requestedAt());
            }
            return status;
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a status is plain data", e);
        }
    }

    /** Whether a status says that the desired state is not fresh, because its source cannot be read. */
    static boolean isHeld(JsonNode status) {
        for (JsonNode condition : status.path("conditions")) {
            if (condition.path("type").asText().equals(Conditions.DESIRED_STATE_FRESH)) {
                return condition.path("reason").asText().equals(Reason.SourceHeld.name());
            }
        }
        return false;
    }

    /**
     * Whether a status says all of another one. When something was measured is no news when nothing else is.
     *
     * @param there what stands in the cluster, where others may have added to it
     */
    static boolean says(JsonNode there, JsonNode wanted) {
        if (wanted.isObject()) {
            boolean same = true;
            for (Map.Entry<String, JsonNode> field : wanted.properties()) {
                boolean time = field.getKey().equals("observedAt") && there.has("observedAt");
                same &= time || says(there.path(field.getKey()), field.getValue());
            }
            return same;
        }
        if (!wanted.isArray()) {
            return there.equals(wanted) || (there.isNumber() && there.asText().equals(wanted.asText()));
        }
        for (int i = 0; i < wanted.size(); i++) {
            if (!says(partner(there, wanted.get(i), i), wanted.get(i))) {
                return false;
            }
        }
        return wanted.isEmpty() || isKeyed(wanted.get(0)) || there.size() == wanted.size();
    }

    private static boolean isKeyed(JsonNode item) {
        return item.has("type");
    }

    private static JsonNode partner(JsonNode list, JsonNode item, int place) {
        if (!isKeyed(item)) {
            return list.path(place);
        }
        for (JsonNode candidate : list) {
            if (Objects.equals(candidate.get("type"), item.get("type"))) {
                return candidate;
            }
        }
        return list.path(list.size());
    }
}
