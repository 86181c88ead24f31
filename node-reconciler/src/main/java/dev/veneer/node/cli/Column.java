package dev.veneer.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;

/**
 * A column of {@code get}'s table; the same as the printer columns of the custom resource definitions, which a test
 * compares.
 *
 * @param header as in the definition; printed in capitals
 * @param wide whether only {@code -o wide} shows it
 * @param cell what stands in it
 */
record Column(String header, boolean wide, Cell cell) {
    /** Makes a cell's text. */
    interface Cell {
        String of(JsonNode object, Instant now);
    }

    static final String NONE = "<none>";

    static List<Column> of(Kind kind) {
        List<Column> columns = new ArrayList<>();
        columns.add(text("Name", "/metadata/name"));
        switch (kind) {
            case SLIVER -> {
                columns.add(text("Base", "/spec/baseImage"));
                columns.add(text("Driver", "/status/driver"));
                columns.add(text("State", "/spec/desiredState"));
                columns.add(condition("Ready"));
                columns.add(reason("Ready"));
                columns.add(bytes("Used", "/status/usage/exclusiveBytes"));
                columns.add(age());
                columns.add(text("Rootfs", "/status/rootfs").onlyWide());
                columns.add(text("Revision", "/status/revision").onlyWide());
                columns.add(text("Container", "/status/container/state").onlyWide());
            }
            case BASE_IMAGE -> {
                columns.add(condition("Ready"));
                columns.add(reason("Ready"));
                columns.add(bytes("Size", "/status/bytes"));
                columns.add(text("Files", "/status/files"));
                columns.add(text("Used by", "/status/blockedBy/count"));
                columns.add(age());
                columns.add(text("Digest", "/status/digest").onlyWide());
            }
            case NODE_STORE -> {
                columns.add(text("Path", "/spec/path"));
                columns.add(condition("Ready"));
                columns.add(reason("Ready"));
                columns.add(bytes("Capacity", "/status/capacity/bytes"));
                columns.add(bytes("Available", "/status/capacity/availableBytes"));
                columns.add(age());
            }
        }
        return columns;
    }

    private Column onlyWide() {
        return new Column(header, true, cell);
    }

    private static Column text(String header, String pointer) {
        return new Column(header, false, (object, now) -> orNone(object.at(pointer)));
    }

    private static Column bytes(String header, String pointer) {
        return new Column(header, false, (object, now) -> {
            JsonNode value = object.at(pointer);
            return value.isNumber() ? Quantities.bytes(value.longValue()) : orNone(value);
        });
    }

    private static Column condition(String type) {
        return new Column(
                type, false, (object, now) -> orNone(find(object, type).path("status")));
    }

    private static Column reason(String type) {
        return new Column(
                "Reason", false, (object, now) -> orNone(find(object, type).path("reason")));
    }

    private static Column age() {
        return new Column("Age", false, (object, now) -> {
            String created = object.at("/metadata/creationTimestamp").asText();
            try {
                return Quantities.age(Duration.between(Instant.parse(created), now));
            } catch (DateTimeParseException e) {
                return "<unknown>";
            }
        });
    }

    static JsonNode find(JsonNode object, String conditionType) {
        for (JsonNode condition : object.at("/status/conditions")) {
            if (conditionType.equals(condition.path("type").asText())) {
                return condition;
            }
        }
        return com.fasterxml.jackson.databind.node.MissingNode.getInstance();
    }

    private static String orNone(JsonNode value) {
        String text = value.asText();
        return value.isMissingNode() || value.isNull() || text.isEmpty() ? NONE : Terminal.printable(text);
    }
}
