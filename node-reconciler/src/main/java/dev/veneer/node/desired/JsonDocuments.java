package dev.veneer.node.desired;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads JSON, one value after another, to values with places. */
final class JsonDocuments {
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(YamlDocuments.DEPTH)
                    .maxNumberLength(64)
                    .build())
            .enable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            .build();

    /** Where the parser says again, with the whole text, where something began. */
    private static final String START_MARK = " \\(start marker at .*";

    private final JsonParser parser;
    private Document.Doubts doubts = new Document.Doubts();

    private JsonDocuments(JsonParser parser) {
        this.parser = parser;
    }

    /** Reads the documents of a text; nulls are left out. */
    static List<Document> read(String text) throws TextProblem {
        List<Document> documents = new ArrayList<>();
        try (JsonParser parser = FACTORY.createParser(text)) {
            JsonDocuments reader = new JsonDocuments(parser);
            while (parser.nextToken() != null) {
                reader.doubts = new Document.Doubts();
                Marked root = reader.value();
                Document.bound(documents.size(), root.mark().line());
                if (!root.isNull()) {
                    documents.add(reader.doubts.of(root));
                }
            }
            return documents;
        } catch (StreamConstraintsException e) {
            throw problem(e, "too deep, or a number or text is too long: ");
        } catch (JsonProcessingException e) {
            boolean cut = String.valueOf(e.getOriginalMessage()).contains("end-of-input");
            throw problem(e, cut ? "not JSON; is the file cut short? " : "not JSON: ");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static TextProblem problem(JsonProcessingException e, String what) {
        JsonLocation at = e.getLocation();
        String first = String.valueOf(e.getOriginalMessage())
                .lines()
                .findFirst()
                .orElse("")
                .replaceFirst(START_MARK, "");
        return at == null
                ? new TextProblem(1, 1, what + first)
                : new TextProblem(Math.max(1, at.getLineNr()), Math.max(1, at.getColumnNr()), what + first);
    }

    private Marked value() throws IOException {
        Marked.Mark mark = mark();
        JsonToken token = parser.currentToken();
        if (token == JsonToken.START_OBJECT) {
            return object(mark);
        }
        if (token == JsonToken.START_ARRAY) {
            List<Marked> items = new ArrayList<>();
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                items.add(value());
            }
            return new Marked.Sequence(mark, items);
        }
        return new Marked.Scalar(mark, scalar(token));
    }

    private Marked object(Marked.Mark mark) throws IOException {
        Map<String, Marked.Entry> entries = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String key = parser.currentName();
            Marked.Mark keyMark = mark();
            parser.nextToken();
            Marked.Entry before = entries.putIfAbsent(key, new Marked.Entry(keyMark, value()));
            if (before != null) {
                doubts.duplicate(key, keyMark, before.key());
            }
        }
        return new Marked.Mapping(mark, entries);
    }

    private JsonNode scalar(JsonToken token) throws IOException {
        return switch (token) {
            case VALUE_STRING -> TextNode.valueOf(parser.getText());
            case VALUE_TRUE -> BooleanNode.TRUE;
            case VALUE_FALSE -> BooleanNode.FALSE;
            case VALUE_NUMBER_INT ->
                parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
                        ? JsonNodeFactory.instance.numberNode(parser.getBigIntegerValue())
                        : JsonNodeFactory.instance.numberNode(parser.getLongValue());
            case VALUE_NUMBER_FLOAT -> DecimalNode.valueOf(parser.getDecimalValue());
            default -> NullNode.getInstance();
        };
    }

    private Marked.Mark mark() {
        JsonLocation at = parser.currentTokenLocation();
        return new Marked.Mark(at.getLineNr(), at.getColumnNr());
    }
}
