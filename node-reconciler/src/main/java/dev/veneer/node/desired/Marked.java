package dev.veneer.node.desired;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.veneer.api.validation.FieldPath;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A value with its place in the text, whichever notation it is written in. Places count from 1. */
sealed interface Marked {
    /** The place of the value. */
    Mark mark();

    /** The value without places. */
    JsonNode json();

    /** Whether it is null or nothing at all. */
    default boolean isNull() {
        return this instanceof Scalar scalar && scalar.json.isNull();
    }

    /** A place in a text. */
    record Mark(int line, int column) {}

    /** A text, number, truth value or null. */
    record Scalar(Mark mark, JsonNode json) implements Marked {}

    /** A list. */
    record Sequence(Mark mark, List<Marked> items) implements Marked {
        @Override
        public JsonNode json() {
            ArrayNode array = JsonNodeFactory.instance.arrayNode(items.size());
            items.forEach(item -> array.add(item.json()));
            return array;
        }
    }

    /** A map's entry, with the place of its key. */
    record Entry(Mark key, Marked value) {}

    /** A map, in the order of the text. */
    record Mapping(Mark mark, Map<String, Entry> entries) implements Marked {
        public Mapping {
            entries = new LinkedHashMap<>(entries);
        }

        @Override
        public JsonNode json() {
            ObjectNode object = JsonNodeFactory.instance.objectNode();
            entries.forEach((key, entry) -> object.set(key, entry.value.json()));
            return object;
        }
    }

    /** The place of a field: of its key, or, when it is not there, of the nearest thing around it that is. */
    default Mark find(FieldPath path) {
        Marked at = this;
        Mark place = mark();
        for (Object step : path.steps()) {
            Entry entry = at instanceof Mapping map && step instanceof String name ? map.entries.get(name) : null;
            if (entry != null) {
                place = entry.key;
                at = entry.value;
            } else if (at instanceof Sequence list
                    && step instanceof Integer position
                    && position < list.items.size()) {
                at = list.items.get(position);
                place = at.mark();
            } else {
                return place;
            }
        }
        return place;
    }
}
