package dev.veneer.api.validation;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.function.BiConsumer;

/** Finds the texts at a place of a spec, such as <code>rebase/rules/&#42;/path</code>; a star stands for each item of a list. */
final class Places {
    private Places() {}

    /** Hands over each text there is at the place, with its path. */
    static void each(JsonNode spec, String place, FieldPath at, BiConsumer<String, FieldPath> found) {
        each(spec, List.of(place.split("/")), at, found);
    }

    private static void each(JsonNode node, List<String> steps, FieldPath at, BiConsumer<String, FieldPath> found) {
        if (steps.isEmpty()) {
            if (node.isTextual()) {
                found.accept(node.asText(), at);
            }
            return;
        }
        List<String> rest = steps.subList(1, steps.size());
        if (!steps.get(0).equals("*")) {
            each(node.path(steps.get(0)), rest, at.field(steps.get(0)), found);
            return;
        }
        for (int i = 0; i < node.size(); i++) {
            each(node.path(i), rest, at.item(i), found);
        }
    }
}
