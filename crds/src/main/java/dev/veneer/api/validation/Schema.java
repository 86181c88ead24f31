package dev.veneer.api.validation;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** One node of a structural schema as CRDs hold it, ready for use. */
record Schema(
        String type,
        boolean intOrString,
        Map<String, Schema> properties,
        Set<String> required,
        @Nullable Schema items,
        List<String> enumeration,
        @Nullable Pattern pattern,
        long minimum,
        long maximum,
        long minSize,
        long maxSize,
        @Nullable JsonNode defaultValue,
        @Nullable String listKey,
        List<Rule> rules) {

    private static final Set<String> UNDERSTOOD = Set.of(
            "type",
            "x-kubernetes-int-or-string",
            "anyOf",
            "properties",
            "required",
            "items",
            "enum",
            "pattern",
            "minimum",
            "maximum",
            "minLength",
            "maxLength",
            "minItems",
            "maxItems",
            "default",
            "x-kubernetes-list-type",
            "x-kubernetes-list-map-keys",
            "x-kubernetes-validations");

    /** A CEL rule and what is said when it does not hold. */
    record Rule(String cel, String message) {}

    /**
     * Makes a schema usable.
     *
     * @throws IllegalArgumentException when it says something that we would not check
     */
    static Schema of(JsonNode json) {
        json.fieldNames().forEachRemaining(word -> {
            if (!UNDERSTOOD.contains(word)) {
                throw new IllegalArgumentException("the schema says " + word + ", which is not understood");
            }
        });
        Map<String, Schema> properties = new TreeMap<>();
        json.path("properties").properties().forEach(each -> properties.put(each.getKey(), of(each.getValue())));
        List<Rule> rules = new ArrayList<>();
        json.path("x-kubernetes-validations")
                .forEach(rule -> rules.add(new Rule(
                        rule.path("rule").asText(), rule.path("message").asText())));
        boolean array = json.path("type").asText().equals("array");
        return new Schema(
                json.path("type").asText(),
                json.path("x-kubernetes-int-or-string").asBoolean(),
                properties,
                Set.copyOf(texts(json.path("required"))),
                json.has("items") ? of(json.get("items")) : null,
                texts(json.path("enum")),
                json.has("pattern") ? compile(json.get("pattern").asText()) : null,
                json.path("minimum").asLong(Long.MIN_VALUE),
                json.path("maximum").asLong(Long.MAX_VALUE),
                json.path(array ? "minItems" : "minLength").asLong(0),
                json.path(array ? "maxItems" : "maxLength").asLong(Long.MAX_VALUE),
                json.get("default"),
                json.has("x-kubernetes-list-map-keys")
                        ? json.path("x-kubernetes-list-map-keys").path(0).asText()
                        : null,
                rules);
    }

    private static List<String> texts(JsonNode list) {
        List<String> texts = new ArrayList<>();
        list.forEach(item -> texts.add(item.asText()));
        return texts;
    }

    /** In Go {@code $} is the very end; Java's would also match before a last line feed. */
    private static Pattern compile(String pattern) {
        return Pattern.compile(pattern.endsWith("$") ? pattern.substring(0, pattern.length() - 1) + "\\z" : pattern);
    }
}
