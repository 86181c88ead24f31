package dev.veneer.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.veneer.node.failure.NodeException;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code veneer describe}. */
@Command(
        name = "describe",
        description = "Tell about one object: what is declared, its conditions, usage, revisions and events.",
        footerHeading = "%nExamples:%n",
        footer = {"  veneer describe sliver web", "  veneer describe baseimage debian-12"})
public final class DescribeCommand extends VeneerCommand {
    private final ObjectReader reader;

    @Parameters(
            index = "0",
            paramLabel = "KIND",
            converter = KindConverter.class,
            completionCandidates = KindConverter.Names.class,
            description = "sliver (slv), baseimage (bimg) or nodestore (nst).")
    private Kind kind = Kind.SLIVER;

    @Parameters(index = "1", paramLabel = "NAME", description = "The object's name.")
    private String name = "";

    @Mixin
    private NamespaceOption namespace = new NamespaceOption();

    public DescribeCommand(ObjectReader reader) {
        this.reader = reader;
    }

    @Override
    int run() throws NodeException, CommandException {
        List<String> known = new ArrayList<>();
        for (ObjectNode object : reader.list(store(), kind)) {
            boolean here = !kind.namespaced() || namespace.is(object);
            if (here) {
                known.add(object.at("/metadata/name").asText());
            }
            if (here && name.equals(object.at("/metadata/name").asText())) {
                describe(object);
                return Outcome.DONE.status();
            }
        }
        throw new CommandException(Outcome.SOME_FAILED, GetCommand.notFound(kind, namespace, name, known));
    }

    private void describe(ObjectNode object) throws NodeException, CommandException {
        PrintStream out = terminal().out();
        Instant now = Instant.now();
        List<List<String>> head = new ArrayList<>();
        head.add(List.of("Name:", Terminal.printable(name)));
        if (kind.namespaced()) {
            head.add(List.of("Namespace:", namespace.name()));
        }
        head.add(List.of("Kind:", kind.kind()));
        head.add(List.of("Created:", object.at("/metadata/creationTimestamp").asText(Column.NONE)));
        Table.print(out, head);
        out.println("Spec:");
        tree(out, object.path("spec"), 1);
        out.println("Status:");
        ObjectNode status = object.path("status").deepCopy() instanceof ObjectNode copy ? copy : object.objectNode();
        // The history is what the events are.
        status.remove(List.of("conditions", "history"));
        tree(out, status, 1);
        conditions(out, object.at("/status/conditions"), now);
        events(out, now);
    }

    private void conditions(PrintStream out, JsonNode conditions, Instant now) {
        if (conditions.isEmpty()) {
            out.println("Conditions:  " + Column.NONE);
            return;
        }
        out.println("Conditions:");
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("  TYPE", "STATUS", "REASON", "SINCE", "MESSAGE"));
        for (JsonNode condition : conditions) {
            rows.add(List.of(
                    "  " + condition.path("type").asText(),
                    condition.path("status").asText(),
                    condition.path("reason").asText(),
                    Column.age(condition.path("lastTransitionTime").asText(), now),
                    Terminal.printable(condition.path("message").asText())));
        }
        Table.print(out, rows);
    }

    private void events(PrintStream out, Instant now) throws NodeException, CommandException {
        List<ObjectReader.Event> events = reader.events(store(), kind, kind.namespaced() ? namespace.name() : "", name);
        if (events.isEmpty()) {
            out.println("Events:  " + Column.NONE);
            return;
        }
        out.println("Events:");
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("  TYPE", "REASON", "AGE", "MESSAGE"));
        for (ObjectReader.Event event : events) {
            rows.add(List.of(
                    event.warning() ? "  Warning" : "  Normal",
                    event.reason(),
                    age(event, now),
                    Terminal.printable(event.message())));
        }
        Table.print(out, rows);
    }

    /** As kubectl has it: how long ago it happened last, and how often since when. */
    private static String age(ObjectReader.Event event, Instant now) {
        String last = Quantities.age(Duration.between(event.at(), now));
        return event.count() < 2
                ? last
                : last + " (x" + event.count() + " over " + Quantities.age(Duration.between(event.first(), now)) + ")";
    }

    /** An object as indented lines; the names are made into words as kubectl describe does. */
    private static void tree(PrintStream out, JsonNode node, int depth) {
        String indent = "  ".repeat(depth);
        if (node.isArray()) {
            for (JsonNode element : node) {
                if (element.isContainerNode()) {
                    out.println(indent + "-");
                    tree(out, element, depth + 1);
                } else {
                    out.println(indent + "- " + Terminal.printable(element.asText()));
                }
            }
            return;
        }
        for (Map.Entry<String, JsonNode> field : node.properties()) {
            JsonNode value = field.getValue();
            String label = indent + words(field.getKey()) + ":";
            if (!value.isContainerNode()) {
                boolean bytes = field.getKey().endsWith("ytes") && value.isNumber();
                String text = bytes ? Quantities.bytes(value.longValue()) : Terminal.printable(value.asText());
                out.println(label + "  " + text);
            } else if (!value.isEmpty()) {
                out.println(label);
                tree(out, value, depth + 1);
            }
        }
    }

    private static String words(String field) {
        StringBuilder words = new StringBuilder();
        for (int i = 0; i < field.length(); i++) {
            char c = field.charAt(i);
            if (i == 0) {
                words.append(Character.toUpperCase(c));
            } else if (Character.isUpperCase(c)) {
                words.append(' ').append(c);
            } else {
                words.append(c);
            }
        }
        return Terminal.printable(words.toString());
    }
}
