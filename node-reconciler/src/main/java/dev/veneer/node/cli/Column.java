package dev.veneer.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;

/**
 * A column of {@code get}'s table: the printer columns of the custom resource definitions, which a test compares; only
 * that bytes are printed for a person.
 *
 * @param header as in the definition; printed in capitals
 * @param path as in the definition: fields after dots, and conditions by their type
 * @param form how the value is printed
 * @param wide whether only {@code -o wide} shows it
 */
record Column(String header, String path, Form form, boolean wide) {
    /** How a value is printed. */
    enum Form {
        PLAIN,
        BYTES,
        AGE
    }

    static final String NONE = "<none>";
    static final String UNKNOWN = "<unknown>";

    private static final String CONDITION = ".status.conditions[?(@.type==\"";
    private static final Column NAME = narrow("Name", ".metadata.name");
    private static final Column AGE = new Column("Age", ".metadata.creationTimestamp", Form.AGE, false);
    private static final Column READY = narrow("Ready", CONDITION + "Ready\")].status");
    private static final Column REASON = narrow("Reason", CONDITION + "Ready\")].reason");
    private static final Column MESSAGE = wide("Message", CONDITION + "Ready\")].message");

    static List<Column> of(Kind kind) {
        return switch (kind) {
            case SLIVER ->
                List.of(
                        NAME,
                        narrow("Node", ".spec.nodeName"),
                        narrow("Base", ".spec.baseImage"),
                        narrow("Desired", ".spec.desiredState"),
                        READY,
                        REASON,
                        bytes("Used", ".status.usage.exclusiveBytes"),
                        AGE,
                        wide("Driver", ".status.driver"),
                        wide("Store", ".status.store"),
                        wide("Revision", ".status.revision"),
                        wide("Container", ".status.container.state"),
                        wide("Rootfs", ".status.rootfs"),
                        MESSAGE);
            case BASE_IMAGE ->
                List.of(
                        NAME,
                        READY,
                        REASON,
                        bytes("Bytes", ".status.bytes"),
                        AGE,
                        wide("Files", ".status.files"),
                        wide("Blocked by", ".status.blockedBy.count"),
                        wide("Digest", ".status.digest"),
                        MESSAGE);
            case NODE_STORE ->
                List.of(
                        NAME,
                        narrow("Node", ".spec.nodeName"),
                        READY,
                        REASON,
                        narrow("Slivers", ".status.usage.slivers"),
                        bytes("Free", ".status.capacity.freeBytes"),
                        AGE,
                        wide("Path", ".spec.path"),
                        new Column("Saved", ".status.usage.savedBytes", Form.BYTES, true),
                        wide("Orphans", ".status.orphans"),
                        MESSAGE);
        };
    }

    private static Column narrow(String header, String path) {
        return new Column(header, path, Form.PLAIN, false);
    }

    private static Column wide(String header, String path) {
        return new Column(header, path, Form.PLAIN, true);
    }

    private static Column bytes(String header, String path) {
        return new Column(header, path, Form.BYTES, false);
    }

    /** What stands in the column for an object. */
    String cell(JsonNode object, Instant now) {
        JsonNode value = at(object);
        String text = value.asText();
        if (value.isMissingNode() || value.isNull() || text.isEmpty()) {
            return form == Form.AGE ? UNKNOWN : NONE;
        }
        return switch (form) {
            case PLAIN -> Terminal.printable(text);
            case BYTES -> value.isNumber() ? Quantities.bytes(value.longValue()) : Terminal.printable(text);
            case AGE -> age(text, now);
        };
    }

    private JsonNode at(JsonNode object) {
        if (!path.startsWith(CONDITION)) {
            return object.at(path.replace('.', '/'));
        }
        String type = path.substring(CONDITION.length(), path.indexOf('"', CONDITION.length()));
        String field = path.substring(path.lastIndexOf('.') + 1);
        for (JsonNode condition : object.at("/status/conditions")) {
            if (type.equals(condition.path("type").asText())) {
                return condition.path(field);
            }
        }
        return MissingNode.getInstance();
    }

    /** How long ago a time was, {@code <unknown>} for what is no time. */
    static String age(String time, Instant now) {
        try {
            return Quantities.age(Duration.between(Instant.parse(time), now));
        } catch (DateTimeParseException e) {
            return UNKNOWN;
        }
    }
}
