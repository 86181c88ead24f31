package dev.veneer.api.generate;

import com.fasterxml.jackson.databind.JsonNode;
import dev.veneer.api.Annotations;
import dev.veneer.api.Conditions;
import dev.veneer.api.FieldManagers;
import dev.veneer.api.Finalizers;
import dev.veneer.api.Labels;
import dev.veneer.api.Reason;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Writes the field reference for people, {@code docs/api.md}, from the CRDs and the Javadoc of the constants. */
final class ApiReference {
    private static final String HEAD =
            """
            # The API: every field

            <!-- Generated from the types in crds/src/main/java; do not edit. -->

            Group `veneer.dev`, version `v1alpha1`. The same objects, defaults and validation serve YAML from files and Kubernetes;
            `kubectl apply -f crds/` installs the definitions, `kubectl explain` shows what stands here. How files are read, and what
            it means when something is missing or wrong, is in [desired-state.md](desired-state.md).

            Durations are whole numbers with `h`, `m`, `s` (`24h`, `1h30m`). Quantities are numbers with a unit (`512Mi`, `2G`). Names are
            DNS labels of at most 63 characters. Bold fields are required.
            """;

    private final TypeDocs docs;
    private final StringBuilder out = new StringBuilder(HEAD);

    private ApiReference(TypeDocs docs) {
        this.docs = docs;
    }

    static String write(List<? extends JsonNode> crds, TypeDocs docs) throws ReflectiveOperationException {
        ApiReference reference = new ApiReference(docs);
        for (JsonNode crd : crds) {
            reference.kind(crd);
        }
        reference.constants();
        return reference.out.toString();
    }

    private void kind(JsonNode crd) {
        JsonNode names = crd.at("/spec/names");
        JsonNode schema = crd.at("/spec/versions/0/schema/openAPIV3Schema");
        out.append("\n## ").append(names.path("kind").asText()).append("\n\n");
        out.append(schema.path("description").asText()).append("\n\n");
        boolean namespaced = crd.at("/spec/scope").asText().equals("Namespaced");
        out.append(namespaced ? "Namespaced" : "Cluster-scoped")
                .append(", short name `")
                .append(names.at("/shortNames/0").asText())
                .append("`, category `veneer`.\n");
        table("spec", schema.at("/properties/spec"));
        List<String> rules = new ArrayList<>();
        rules("", schema, rules);
        out.append("\nBesides:\n\n");
        rules.forEach(rule -> out.append("- ").append(rule).append('\n'));
        table("status", schema.at("/properties/status"));
    }

    private void table(String name, JsonNode schema) {
        out.append("\n### ").append(name).append("\n\n| field | type | default | meaning |\n|---|---|---|---|\n");
        fields("", schema);
    }

    private void fields(String prefix, JsonNode schema) {
        Set<String> required = new TreeSet<>();
        schema.path("required").forEach(field -> required.add(field.asText()));
        schema.path("properties").properties().forEach(property -> {
            JsonNode field = property.getValue();
            JsonNode item = field.path("items");
            String path = prefix + property.getKey() + (item.isMissingNode() ? "" : "[]");
            boolean must = required.contains(property.getKey());
            JsonNode standard = field.path("default");
            out.append("| ")
                    .append(must ? "**`" + path + "`**" : "`" + path + "`")
                    .append(" | ")
                    .append(type(field))
                    .append(" | ")
                    .append(standard.isMissingNode() || standard.isObject() ? "" : "`" + plain(standard) + "`")
                    .append(" | ")
                    .append(field.path("description").asText().replace("|", "\\|"))
                    .append(" |\n");
            fields(path + ".", item.isMissingNode() ? field : item);
        });
    }

    private static String plain(JsonNode value) {
        return value.isTextual() ? value.asText() : value.toString();
    }

    private static String type(JsonNode field) {
        JsonNode items = field.path("items");
        if (!items.isMissingNode()) {
            return "list of " + type(items) + ", at most "
                    + field.path("maxItems").asText();
        }
        if (field.has("enum")) {
            List<String> values = new ArrayList<>();
            field.path("enum").forEach(value -> values.add("`" + value.asText() + "`"));
            return String.join(", ", values);
        }
        if (field.path("x-kubernetes-int-or-string").asBoolean()) {
            return "quantity";
        }
        return switch (field.path("type").asText()) {
            case "string" -> "text, at most " + field.path("maxLength").asText();
            case "integer" ->
                "whole number"
                        + (field.has("minimum")
                                ? ", from " + field.path("minimum").asText()
                                : "")
                        + (field.has("maximum") ? " to " + field.path("maximum").asText() : "");
            case "boolean" -> "`true`, `false`";
            default -> "map";
        };
    }

    private static void rules(String path, JsonNode schema, List<String> into) {
        schema.path("x-kubernetes-validations")
                .forEach(rule -> into.add((path.isEmpty() ? "" : "`" + path + "`: ")
                        + rule.path("message").asText() + "."));
        schema.path("properties")
                .properties()
                .forEach(property -> rules(
                        path.isEmpty() ? property.getKey() : path + "." + property.getKey(),
                        property.getValue(),
                        into));
    }

    private void constants() throws ReflectiveOperationException {
        constants("Conditions", "type", Conditions.class);
        constants("Annotations", "annotation", Annotations.class);
        constants("Labels", "label", Labels.class);
        constants("Finalizers", "finalizer", Finalizers.class);
        constants("Field managers", "name", FieldManagers.class);
        reasons();
    }

    private void constants(String title, String column, Class<?> type) throws ReflectiveOperationException {
        out.append("\n## ").append(title).append("\n\n| ").append(column).append(" | meaning |\n|---|---|\n");
        for (Field field : type.getDeclaredFields()) {
            out.append("| `")
                    .append(field.get(null))
                    .append("` | ")
                    .append(docs.ofConstant(type.getSimpleName(), field.getName()))
                    .append(" |\n");
        }
    }

    private void reasons() {
        out.append("\n## Reasons\n\n| reason | when |\n|---|---|\n");
        for (Reason reason : Reason.values()) {
            out.append("| `")
                    .append(reason)
                    .append("` | ")
                    .append(docs.ofConstant("Reason", reason.name()))
                    .append(" |\n");
        }
    }
}
