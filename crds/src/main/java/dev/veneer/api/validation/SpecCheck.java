package dev.veneer.api.validation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Judges values by their schema and makes their canonical form: nulls dropped, defaults filled in, fields in the order of
 * their names, whole numbers as texts where both are allowed. A value that is wrong gives null and leaves violations.
 */
final class SpecCheck {
    private final List<Violation> violations;

    SpecCheck(List<Violation> violations) {
        this.violations = violations;
    }

    /** Judges one value; {@code old} is what it was, or a missing node. */
    @Nullable
    JsonNode check(Schema schema, JsonNode value, JsonNode old, FieldPath at) {
        int before = violations.size();
        JsonNode result;
        if (schema.intOrString()) {
            result = intOrString(schema, value, at);
        } else {
            result = switch (schema.type()) {
                case "object" -> object(schema, value, old, at);
                case "array" -> array(schema, value, at);
                case "string" -> value.isTextual() ? text(schema, value.asText(), at) : wrongType(value, "a text", at);
                case "integer" -> integer(schema, value, at);
                case "boolean" -> value.isBoolean() ? value : wrongType(value, "true or false", at);
                default -> throw new IllegalStateException("no check for type " + schema.type());
            };
        }
        if (result != null && violations.size() == before) {
            rules(schema, result, old, at);
        }
        return result;
    }

    /** Judges an object by the rules of its schema alone. */
    void rules(Schema schema, JsonNode value, JsonNode old, FieldPath at) {
        for (Schema.Rule rule : schema.rules()) {
            if (!CelTwins.holds(rule.cel(), value, old)) {
                say(at, rule.message(), "");
            }
        }
    }

    private @Nullable JsonNode object(Schema schema, JsonNode value, JsonNode old, FieldPath at) {
        if (!value.isObject()) {
            return wrongType(
                    value, "a map with " + String.join(", ", schema.properties().keySet()), at);
        }
        for (Map.Entry<String, JsonNode> field : value.properties()) {
            if (!schema.properties().containsKey(field.getKey())) {
                violations.add(new Violation(
                        at.field(field.getKey()),
                        "unknown field " + Quoted.of(field.getKey()),
                        Nearest.hint(field.getKey(), schema.properties().keySet()),
                        true));
            }
        }
        ObjectNode result = JsonNodeFactory.instance.objectNode();
        for (Map.Entry<String, Schema> property : schema.properties().entrySet()) {
            String name = property.getKey();
            JsonNode given = value.get(name);
            if (given == null || given.isNull()) {
                given = property.getValue().defaultValue();
            }
            if (given == null) {
                if (schema.required().contains(name)) {
                    say(at.field(name), "missing", "it is required");
                }
                continue;
            }
            JsonNode oldField = old.isMissingNode() ? old : old.path(name);
            JsonNode checked = check(property.getValue(), given, oldField, at.field(name));
            if (checked != null) {
                result.set(name, checked);
            }
        }
        return result;
    }

    private @Nullable JsonNode array(Schema schema, JsonNode value, FieldPath at) {
        if (!value.isArray()) {
            return wrongType(value, "a list", at);
        }
        Schema items = schema.items();
        if (items == null) {
            throw new IllegalStateException("a list without a schema of its items");
        }
        if (value.size() < schema.minSize() || value.size() > schema.maxSize()) {
            say(at, "has " + value.size() + " items", bounds(schema.minSize(), schema.maxSize(), "allowed"));
            return null;
        }
        ArrayNode result = JsonNodeFactory.instance.arrayNode();
        Set<String> keys = new HashSet<>();
        for (int i = 0; i < value.size(); i++) {
            FieldPath itemAt = at.item(i);
            JsonNode checked = check(items, value.get(i), MissingNode.getInstance(), itemAt);
            if (checked == null) {
                continue;
            }
            result.add(checked);
            String key = schema.listKey();
            if (key != null && checked.has(key) && !keys.add(checked.get(key).asText())) {
                say(
                        itemAt.field(key),
                        Quoted.of(checked.get(key).asText()) + " is there twice",
                        "each " + key + " may be there once");
            }
        }
        return result;
    }

    private @Nullable JsonNode text(Schema schema, String text, FieldPath at) {
        if (!schema.enumeration().isEmpty() && !schema.enumeration().contains(text)) {
            say(at, Quoted.of(text) + " is not one of its values", Nearest.hint(text, schema.enumeration()));
            return null;
        }
        int length = text.codePointCount(0, text.length());
        if (length < schema.minSize() || length > schema.maxSize()) {
            say(
                    at,
                    length == 0 ? "is empty" : "has " + length + " characters",
                    bounds(schema.minSize(), schema.maxSize(), "allowed"));
            return null;
        }
        if (schema.pattern() != null && !schema.pattern().matcher(text).find()) {
            say(at, Quoted.of(text) + " is malformed", PatternWords.expected(schema.pattern()));
            return null;
        }
        return TextNode.valueOf(text);
    }

    private @Nullable JsonNode integer(Schema schema, JsonNode value, FieldPath at) {
        if (!value.isIntegralNumber()) {
            return wrongType(value, "a whole number", at);
        }
        if (!value.canConvertToLong() || value.longValue() < schema.minimum() || value.longValue() > schema.maximum()) {
            say(at, Quoted.kind(value) + " is out of range", bounds(schema.minimum(), schema.maximum(), "allowed"));
            return null;
        }
        return JsonNodeFactory.instance.numberNode(value.longValue());
    }

    private @Nullable JsonNode intOrString(Schema schema, JsonNode value, FieldPath at) {
        if (value.isTextual()) {
            return text(schema, value.asText(), at);
        }
        JsonNode number = value.isIntegralNumber()
                ? integer(schema, value, at)
                : wrongType(value, "a text or a whole number", at);
        return number == null ? null : TextNode.valueOf(number.asText());
    }

    private @Nullable JsonNode wrongType(JsonNode value, String expected, FieldPath at) {
        boolean quotes = value.isValueNode() && !value.isTextual() && !value.isNull() && expected.startsWith("a text");
        boolean bareNumber = expected.equals("a whole number") && value.asText().matches("[0-9]+");
        boolean bareTruth = expected.equals("true or false") && value.asText().matches("true|false");
        boolean bare = value.isTextual() && (bareNumber || bareTruth);
        String right = quotes
                ? expected + " is expected: write it in quotes, \"" + value.asText() + "\""
                : expected + " is expected" + (bare ? ": write it without quotes" : "");
        say(at, "is " + Quoted.kind(value), right);
        return null;
    }

    private static String bounds(long least, long most, String word) {
        boolean low = least > Long.MIN_VALUE && least != 0;
        if (most == Long.MAX_VALUE) {
            return "at least " + least + " is " + word;
        }
        return low ? least + " to " + most + " are " + word : "at most " + most + " are " + word;
    }

    private void say(FieldPath at, String wrong, String right) {
        violations.add(new Violation(at, wrong, right));
    }
}
