package dev.veneer.api.generate;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.annotation.Annotation;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Completes a schema that Fabric8 generated with what its annotations cannot say: descriptions from Javadoc, list types
 * and texts that may be whole numbers. Walks the record types and their schema side by side.
 */
final class SchemaFinish {
    private final TypeDocs docs;

    SchemaFinish(TypeDocs docs) {
        this.docs = docs;
    }

    /** Completes the schema of one record type and of all within it. */
    void finish(Class<?> type, ObjectNode schema) {
        for (RecordComponent component : type.getRecordComponents()) {
            JsonProperty renamed = component.getAccessor().getAnnotation(JsonProperty.class);
            String name = renamed == null || renamed.value().isEmpty() ? component.getName() : renamed.value();
            ObjectNode property = (ObjectNode) schema.path("properties").path(name);
            property.put("description", sentence(docs.ofComponent(type.getSimpleName(), component.getName())));
            for (Annotation annotation : component.getAnnotations()) {
                switch (annotation.annotationType().getSimpleName()) {
                    case "IntOrString" -> intOrString(property, (Long) value(annotation, "max"));
                    case "ListKey" -> listMap(property, (String) value(annotation, "value"));
                    default -> {}
                }
            }
            finishType(component.getGenericType(), property);
            if (property.path("default").isObject()) {
                // The parts' own defaults fill it.
                property.putObject("default");
            }
        }
        tidy(schema);
    }

    /** Fabric8 says rules on fields of records twice, and writes whole numbers as broken ones. */
    private static void tidy(ObjectNode schema) {
        for (JsonNode property : schema.path("properties")) {
            if (property.path("x-kubernetes-validations") instanceof ArrayNode rules) {
                Set<JsonNode> distinct = new LinkedHashSet<>();
                rules.forEach(distinct::add);
                rules.removeAll().addAll(distinct);
            }
            for (String bound : List.of("minimum", "maximum")) {
                if (property.has(bound)) {
                    ((ObjectNode) property).put(bound, property.get(bound).longValue());
                }
            }
        }
    }

    private void finishType(Type type, ObjectNode schema) {
        if (type instanceof ParameterizedType generic) {
            Type[] arguments = generic.getActualTypeArguments();
            if (generic.getRawType() == List.class) {
                if (!schema.has("x-kubernetes-list-type")) {
                    schema.put("x-kubernetes-list-type", "atomic");
                }
                finishType(arguments[0], (ObjectNode) schema.path("items"));
            } else if (generic.getRawType() == Map.class) {
                finishType(arguments[1], (ObjectNode) schema.path("additionalProperties"));
            }
        } else if (type instanceof Class<?> raw && raw.isRecord()) {
            finish(raw, schema);
        } else if (type instanceof Class<?> raw && raw.isEnum()) {
            ArrayNode values = schema.putArray("enum");
            for (Object constant : raw.getEnumConstants()) {
                values.add(constant.toString());
            }
        }
    }

    private static void intOrString(ObjectNode property, long max) {
        property.put("minimum", 0).put("maximum", max);
        property.remove("type");
        property.put("x-kubernetes-int-or-string", true);
        property.putArray("anyOf")
                .add(property.objectNode().put("type", "integer"))
                .add(property.objectNode().put("type", "string"));
    }

    private static void listMap(ObjectNode property, String key) {
        property.put("x-kubernetes-list-type", "map");
        property.putArray("x-kubernetes-list-map-keys").add(key);
    }

    private static Object value(Annotation annotation, String member) {
        try {
            var method = annotation.annotationType().getDeclaredMethod(member);
            method.setAccessible(true);
            return method.invoke(annotation);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String sentence(String text) {
        boolean word = text.matches("[a-z]+[ ,].*");
        String upper = word ? text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1) : text;
        return upper.endsWith(".") ? upper : upper + ".";
    }
}
