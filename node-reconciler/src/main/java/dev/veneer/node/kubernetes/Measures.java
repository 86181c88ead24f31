package dev.veneer.node.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.veneer.node.model.ObjectRef;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How far apart the writes of one status are. While slivers are made, moved or filled, the measures of the store that they lie in
 * change with each pass: told of each, a NodeStore would be written as often as all its slivers together.
 */
final class Measures {
    /** An object whose status changes all the time is not written more often. */
    static final Duration APART = Duration.ofSeconds(1);

    /** Nor a NodeStore of which nothing else is new. */
    static final Duration OF_STORE = Duration.ofSeconds(10);

    private static final List<String> FIELDS = List.of("capacity", "usage");

    private Measures() {}

    /**
     * How long after the last write there is no other.
     *
     * @param there what stands in the cluster
     * @param last what was written last, or null
     * @param wanted what is to stand there
     */
    static Duration apart(ObjectRef ref, JsonNode there, @Nullable JsonNode last, JsonNode wanted) {
        if (ref.kind() != ObjectRef.Kind.NodeStore || last == null) {
            return APART;
        }
        JsonNode rest = without(wanted);
        boolean same = StatusBook.says(there, rest) && StatusBook.says(rest, without(last));
        return same ? OF_STORE : APART;
    }

    private static JsonNode without(JsonNode status) {
        ObjectNode rest = JsonNodeFactory.instance.objectNode();
        status.properties().forEach(field -> {
            if (!FIELDS.contains(field.getKey())) {
                rest.set(field.getKey(), field.getValue());
            }
        });
        return rest;
    }
}
