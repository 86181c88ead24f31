package dev.veneer.api.validation;

import com.fasterxml.jackson.databind.JsonNode;

/** Values as messages show them: short, on one line, without control characters. */
final class Quoted {
    private static final int MAX = 64;

    private Quoted() {}

    static String of(String text) {
        StringBuilder out = new StringBuilder("\"");
        int[] points = text.codePoints().limit(MAX).toArray();
        for (int point : points) {
            if (point == '"' || point == '\\') {
                out.append('\\').appendCodePoint(point);
            } else if (Character.isISOControl(point) || Character.getType(point) == Character.FORMAT) {
                out.append(String.format("\\u%04x", point));
            } else {
                out.appendCodePoint(point);
            }
        }
        return out.append(text.codePointCount(0, text.length()) > MAX ? "…\"" : "\"")
                .toString();
    }

    /** What a value is, for a message that says what it should be instead. */
    static String kind(JsonNode value) {
        return switch (value.getNodeType()) {
            case OBJECT -> "a map";
            case ARRAY -> "a list";
            case STRING -> "the text " + of(value.asText());
            case NUMBER -> "the number " + of(value.asText()).replace("\"", "");
            case BOOLEAN -> "the truth value " + value.asText();
            default -> "empty";
        };
    }
}
