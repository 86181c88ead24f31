package dev.veneer.api.validation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;

/** What holds of the CRDs as a whole. */
class GeneratedSchemaTest {
    private static final List<String> PLURALS = List.of("baseimages", "nodestores", "slivers");

    @Test
    void everyCelRuleHasItsTwinAndEveryTwinItsRule() throws IOException {
        Set<String> rules = new TreeSet<>();
        eachSchema((path, schema) -> schema.path("x-kubernetes-validations")
                .forEach(rule -> rules.add(rule.path("rule").asText())));
        assertEquals(rules, new TreeSet<>(CelTwins.rules()));
    }

    @Test
    void everyTextListAndMapHasAMaximum() throws IOException {
        List<String> without = new ArrayList<>();
        eachSchema((path, schema) -> {
            String type = schema.path("type").asText();
            boolean bounded =
                    switch (type) {
                        case "string" -> schema.has("maxLength") || schema.has("enum");
                        case "array" -> schema.has("maxItems");
                        default -> !schema.has("additionalProperties") || schema.has("maxProperties");
                    };
            if (!bounded) {
                without.add(path);
            }
        });
        assertEquals(List.of(), without);
    }

    @Test
    void everyFieldIsDescribed() throws IOException {
        List<String> without = new ArrayList<>();
        eachSchema((path, schema) -> {
            if (!path.endsWith("[]") && !schema.has("description")) {
                without.add(path);
            }
        });
        assertEquals(List.of(), without);
    }

    @Test
    void statusStartsUnobserved() throws IOException {
        for (String plural : PLURALS) {
            JsonNode version = crd(plural).at("/spec/versions/0");
            assertEquals(
                    -1,
                    version.at("/schema/openAPIV3Schema/properties/status/default/observedGeneration")
                            .asInt());
            assertTrue(version.at("/subresources/status").isObject());
            assertTrue(version.at("/additionalPrinterColumns").size() > 5);
            assertEquals("veneer", crd(plural).at("/spec/names/categories/0").asText());
        }
        assertEquals(
                ".spec.nodeName",
                crd("slivers")
                        .at("/spec/versions/0/selectableFields/0/jsonPath")
                        .asText());
    }

    /** A pattern without words would only show when somebody breaks it. */
    @Test
    void everyPatternOfTheSpecsHasWords() {
        Schemas.KINDS.values().forEach(kind -> eachPattern(kind.spec()));
    }

    @Test
    void aSchemaThatSaysMoreThanWeCheckIsRefused() {
        ObjectNode schema =
                JsonNodeFactory.instance.objectNode().put("type", "string").put("format", "date-time");
        assertThrows(IllegalArgumentException.class, () -> Schema.of(schema));
    }

    private static void eachPattern(Schema schema) {
        if (schema.pattern() != null) {
            assertFalse(PatternWords.expected(schema.pattern()).isEmpty());
        }
        schema.properties().values().forEach(GeneratedSchemaTest::eachPattern);
        if (schema.items() != null) {
            eachPattern(schema.items());
        }
    }

    private static void eachSchema(BiConsumer<String, JsonNode> visitor) throws IOException {
        for (String plural : PLURALS) {
            each(plural, crd(plural).at("/spec/versions/0/schema/openAPIV3Schema"), visitor);
        }
    }

    private static void each(String path, JsonNode schema, BiConsumer<String, JsonNode> visitor) {
        visitor.accept(path, schema);
        schema.path("properties").properties().forEach(p -> each(path + "." + p.getKey(), p.getValue(), visitor));
        if (schema.has("items")) {
            each(path + "[]", schema.get("items"), visitor);
        }
        if (schema.has("additionalProperties")) {
            each(path + "{}", schema.get("additionalProperties"), visitor);
        }
    }

    private static JsonNode crd(String plural) throws IOException {
        return new YAMLMapper()
                .readTree(Path.of("veneer.dev_" + plural + ".yaml").toFile());
    }
}
