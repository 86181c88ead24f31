package dev.veneer.node.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.veneer.api.Annotations;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How often {@code requestedAt} of one object is followed: who may edit a Sliver could have its node busy with nothing else
 * otherwise. A request that comes too soon after one of the same object counts when its time has come, and until then the
 * object is taken as it was. Thread-safe.
 */
final class RequestRate {
    /** As long as a person waits before asking again. */
    static final Duration APART = Duration.ofSeconds(10);

    private final LongSupplier nanos;
    private final Map<String, Followed> followed = new HashMap<>();

    /**
     * What counts of an object.
     *
     * @param request the text, or null for none
     * @param nanos since when
     */
    private record Followed(@Nullable String request, long nanos) {}

    /** @param nanos a clock that does not jump */
    RequestRate(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /** The object with the request that counts now. */
    synchronized JsonNode counting(JsonNode object) {
        String asked = request(object);
        Followed counts = counts(followed.get(Handshake.uid(object)), asked);
        followed.put(Handshake.uid(object), counts);
        if (asked == null || asked.equals(counts.request)) {
            return object;
        }
        ObjectNode earlier = object.deepCopy();
        ObjectNode annotations = (ObjectNode) earlier.at("/metadata/annotations");
        if (counts.request == null) {
            annotations.remove(Annotations.REQUESTED_AT);
        } else {
            annotations.put(Annotations.REQUESTED_AT, counts.request);
        }
        return earlier;
    }

    private Followed counts(@Nullable Followed before, @Nullable String asked) {
        if (before == null) {
            // What stands there when it is first seen was asked for once, whenever that was.
            return new Followed(asked, nanos.getAsLong() - APART.toNanos());
        }
        boolean same = asked == null || asked.equals(before.request);
        return same || left(before) > 0 ? before : new Followed(asked, nanos.getAsLong());
    }

    /** How long a new request of this object does not count yet; zero when it does. */
    synchronized Duration wait(JsonNode object) {
        Followed before = followed.get(Handshake.uid(object));
        if (before == null || Objects.equals(request(object), before.request)) {
            return Duration.ZERO;
        }
        return Duration.ofNanos(Math.max(0, left(before)));
    }

    /** An object is gone. */
    synchronized void forget(JsonNode object) {
        followed.remove(Handshake.uid(object));
    }

    private long left(Followed before) {
        return before.nanos + APART.toNanos() - nanos.getAsLong();
    }

    private static @Nullable String request(JsonNode object) {
        JsonNode text = object.path("metadata").path("annotations").path(Annotations.REQUESTED_AT);
        return text.isTextual() ? text.asText() : null;
    }
}
