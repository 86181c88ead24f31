package dev.veneer.node.store;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A JSON object that is taken apart field by field: each getter takes its field out, and {@link #end} refuses what is
 * left, since a field that this version does not know would be lost when the record is written again.
 */
final class JsonObject {
    static final JsonFactory FACTORY = JsonFactory.builder()
            .enable(com.fasterxml.jackson.core.StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private final Map<String, Object> fields;

    private JsonObject(Map<String, Object> fields) {
        this.fields = fields;
    }

    static JsonObject parse(byte[] bytes) throws BadRecordException {
        return parse(bytes, 0, bytes.length);
    }

    static JsonObject parse(byte[] bytes, int offset, int length) throws BadRecordException {
        if (length == 0) {
            throw new BadRecordException("the file is empty");
        }
        try (JsonParser parser = FACTORY.createParser(bytes, offset, length)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new BadRecordException("not a JSON object");
            }
            JsonObject object = new JsonObject(readObject(parser));
            if (parser.nextToken() != null) {
                throw new BadRecordException("something follows the JSON object");
            }
            return object;
        } catch (IOException e) {
            String message = String.valueOf(e.getMessage());
            int firstLine = message.indexOf('\n');
            throw new BadRecordException("not JSON: " + (firstLine < 0 ? message : message.substring(0, firstLine)));
        }
    }

    private static Map<String, Object> readObject(JsonParser parser) throws IOException {
        Map<String, Object> object = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            Object value = readValue(parser, parser.nextToken());
            if (value != null) {
                object.put(name, value);
            }
        }
        return object;
    }

    private static @Nullable Object readValue(JsonParser parser, JsonToken token) throws IOException {
        return switch (token) {
            case START_OBJECT -> new JsonObject(readObject(parser));
            case START_ARRAY -> {
                List<Object> list = new ArrayList<>();
                for (JsonToken next = parser.nextToken(); next != JsonToken.END_ARRAY; next = parser.nextToken()) {
                    Object element = readValue(parser, next);
                    if (element != null) {
                        list.add(element);
                    }
                }
                yield list;
            }
            case VALUE_STRING -> parser.getText();
            case VALUE_NUMBER_INT -> parser.getLongValue();
            case VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            default -> null;
        };
    }

    boolean has(String name) {
        return fields.containsKey(name);
    }

    String text(String name) throws BadRecordException {
        return required(name, optionalText(name));
    }

    @Nullable
    String optionalText(String name) throws BadRecordException {
        return take(name, String.class, "a string");
    }

    long number(String name) throws BadRecordException {
        return required(name, take(name, Long.class, "an integer"));
    }

    int integer(String name) throws BadRecordException {
        long value = number(name);
        if (value != (int) value) {
            throw new BadRecordException("field " + name + " is out of range: " + value);
        }
        return (int) value;
    }

    boolean flag(String name) throws BadRecordException {
        return required(name, take(name, Boolean.class, "true or false"));
    }

    Instant instant(String name) throws BadRecordException {
        return required(name, optionalInstant(name));
    }

    @Nullable
    Instant optionalInstant(String name) throws BadRecordException {
        String text = optionalText(name);
        try {
            return text == null ? null : Times.parse(text);
        } catch (DateTimeException e) {
            throw new BadRecordException("field " + name + " is not a time: " + text);
        }
    }

    Duration duration(String name) throws BadRecordException {
        String text = text(name);
        try {
            return Duration.parse(text);
        } catch (DateTimeException e) {
            throw new BadRecordException("field " + name + " is not a duration: " + text);
        }
    }

    @Nullable
    JsonObject optionalObject(String name) throws BadRecordException {
        return take(name, JsonObject.class, "an object");
    }

    /** The objects of an array; none when the field is absent. */
    List<JsonObject> objects(String name) throws BadRecordException {
        List<?> list = take(name, List.class, "an array");
        List<JsonObject> objects = new ArrayList<>();
        for (Object element : list == null ? List.of() : list) {
            if (!(element instanceof JsonObject object)) {
                throw new BadRecordException("field " + name + " holds something other than objects");
            }
            objects.add(object);
        }
        return objects;
    }

    /** The strings of an array; none when the field is absent. */
    List<String> texts(String name) throws BadRecordException {
        List<?> list = take(name, List.class, "an array");
        List<String> texts = new ArrayList<>();
        for (Object element : list == null ? List.of() : list) {
            if (!(element instanceof String text)) {
                throw new BadRecordException("field " + name + " holds something other than strings");
            }
            texts.add(text);
        }
        return texts;
    }

    /** Refuses fields that nobody took. */
    void end(String what) throws BadRecordException {
        if (!fields.isEmpty()) {
            throw new BadRecordException("the " + what + " has fields that this version of Veneer does not know: "
                    + String.join(", ", fields.keySet())
                    + " (edited by hand, or written by a newer version)");
        }
    }

    private <T> @Nullable T take(String name, Class<T> type, String expected) throws BadRecordException {
        Object value = fields.remove(name);
        if (value != null && !type.isInstance(value)) {
            throw new BadRecordException("field " + name + " is not " + expected);
        }
        return type.cast(value);
    }

    private static <T> T required(String name, @Nullable T value) throws BadRecordException {
        if (value == null) {
            throw new BadRecordException("field " + name + " is missing");
        }
        return value;
    }
}
