package dev.veneer.api.validation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Judges {@code metadata} as an API server does: names, namespace, labels and annotations. */
final class MetadataCheck {
    private static final Pattern LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?");
    private static final Pattern SUBDOMAIN =
            Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*");
    private static final Pattern KEY_NAME = Pattern.compile("[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?");
    private static final Pattern LABEL_VALUE = Pattern.compile("([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?");
    private static final int ANNOTATIONS_MAX = 256 * 1024;
    private static final Set<String> OURS = Set.of("name", "namespace", "labels", "annotations");
    private static final Set<String> SERVERS = Set.of(
            "uid",
            "resourceVersion",
            "generation",
            "creationTimestamp",
            "deletionTimestamp",
            "deletionGracePeriodSeconds",
            "managedFields",
            "selfLink",
            "finalizers",
            "ownerReferences");
    private static final FieldPath AT = FieldPath.ROOT.field("metadata");

    private final List<Violation> violations;
    private final List<Violation> notices;

    MetadataCheck(List<Violation> violations, List<Violation> notices) {
        this.violations = violations;
        this.notices = notices;
    }

    /** The canonical metadata, as far as it is good. */
    ObjectNode check(JsonNode metadata, boolean namespaced, String defaultNamespace) {
        ObjectNode result = JsonNodeFactory.instance.objectNode();
        if (!metadata.isObject()) {
            say(
                    AT,
                    metadata.isMissingNode() ? "missing" : "is " + Quoted.kind(metadata),
                    "a map with name is expected");
            return result;
        }
        for (Map.Entry<String, JsonNode> field : metadata.properties()) {
            String name = field.getKey();
            if (SERVERS.contains(name)) {
                notices.add(new Violation(AT.field(name), "ignored", "the server or the node keeps it"));
            } else if (name.equals("generateName")) {
                say(AT.field(name), "names cannot be made up here", "give metadata.name");
            } else if (!OURS.contains(name)) {
                say(AT.field(name), "unknown field " + Quoted.of(name), Nearest.hint(name, new TreeSet<>(OURS)));
            }
        }
        texts(metadata, "annotations", result);
        texts(metadata, "labels", result);
        String name = name(metadata);
        if (name != null) {
            result.put("name", name);
        }
        namespace(metadata, namespaced, defaultNamespace, result);
        return result;
    }

    /** Whether a text is a DNS label, as names of objects and namespaces must be. */
    static boolean isLabel(String text) {
        return text.length() <= 63 && LABEL.matcher(text).matches();
    }

    private @Nullable String name(JsonNode metadata) {
        JsonNode name = metadata.path("name");
        FieldPath at = AT.field("name");
        if (metadata.has("generateName") && !metadata.has("name")) {
            return null;
        }
        if (name.isMissingNode() || name.isNull()) {
            say(at, "missing", "it is required");
        } else if (!name.isTextual()) {
            say(at, "is " + Quoted.kind(name), "a text is expected: write it in quotes");
        } else if (name.asText().length() > 253
                || !SUBDOMAIN.matcher(name.asText()).matches()) {
            say(
                    at,
                    Quoted.of(name.asText()) + " is malformed",
                    "at most 63 small letters, digits and '-' are expected, with a letter or digit first and last");
        } else {
            return name.asText();
        }
        return null;
    }

    private void namespace(JsonNode metadata, boolean namespaced, String defaultNamespace, ObjectNode result) {
        JsonNode namespace = metadata.path("namespace");
        FieldPath at = AT.field("namespace");
        boolean given = !namespace.isMissingNode()
                && !namespace.isNull()
                && !namespace.asText("?").isEmpty();
        if (!namespaced) {
            if (given) {
                notices.add(new Violation(at, "ignored", "objects of this kind are in no namespace"));
            }
        } else if (!given) {
            result.put("namespace", defaultNamespace);
        } else if (!namespace.isTextual()) {
            say(at, "is " + Quoted.kind(namespace), "a text is expected: write it in quotes");
        } else if (!isLabel(namespace.asText())) {
            say(
                    at,
                    Quoted.of(namespace.asText()) + " is malformed",
                    "at most 63 small letters, digits and '-' are expected, with a letter or digit first and last");
        } else {
            result.put("namespace", namespace.asText());
        }
    }

    private void texts(JsonNode metadata, String field, ObjectNode result) {
        JsonNode map = metadata.path(field);
        FieldPath at = AT.field(field);
        if (map.isMissingNode() || map.isNull()) {
            return;
        }
        if (!map.isObject()) {
            say(at, "is " + Quoted.kind(map), "a map of texts is expected");
            return;
        }
        long bytes = 0;
        Map<String, String> texts = new TreeMap<>();
        for (Map.Entry<String, JsonNode> entry : map.properties()) {
            String key = entry.getKey();
            JsonNode value = entry.getValue();
            bytes += key.length() + (long) value.asText().getBytes(StandardCharsets.UTF_8).length;
            if (!isQualified(key)) {
                say(
                        at.field(key),
                        "the key is malformed",
                        "NAME or DOMAIN/NAME is expected, NAME of at most 63 characters");
            } else if (value.isNull()) {
                texts.put(key, "");
            } else if (!value.isTextual()) {
                say(at.field(key), "is " + Quoted.kind(value), "a text is expected: write it in quotes");
            } else if (field.equals("labels")
                    && (value.asText().length() > 63
                            || !LABEL_VALUE.matcher(value.asText()).matches())) {
                say(
                        at.field(key),
                        Quoted.of(value.asText()) + " is malformed",
                        "at most 63 letters, digits, '-', '_' and '.' are expected");
            } else {
                texts.put(key, value.asText());
            }
        }
        if (field.equals("annotations") && bytes > ANNOTATIONS_MAX) {
            say(at, "takes " + bytes + " bytes", "at most " + ANNOTATIONS_MAX + " are allowed");
        }
        if (!texts.isEmpty()) {
            texts.forEach(result.putObject(field)::put);
        }
    }

    private static boolean isQualified(String key) {
        int slash = key.indexOf('/');
        String name = key.substring(slash + 1);
        String domain = slash < 0 ? "x" : key.substring(0, slash);
        return name.length() <= 63
                && KEY_NAME.matcher(name).matches()
                && domain.length() <= 253
                && SUBDOMAIN.matcher(domain).matches();
    }

    private void say(FieldPath at, String wrong, String right) {
        violations.add(new Violation(at, wrong, right));
    }
}
