package dev.veneer.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.veneer.api.validation.Nearest;
import dev.veneer.node.failure.NodeException;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code veneer get}. */
@Command(
        name = "get",
        description =
                "Print objects with their status, as kubectl prints them. Tells the truth also when no agent runs.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  veneer get slivers -A -o wide",
            "  veneer get sliver web -n lab -o json | jq .status.usage",
            "  veneer get bimg"
        })
public final class GetCommand extends VeneerCommand {
    /** How objects are printed. */
    enum Format {
        TABLE,
        WIDE,
        JSON,
        YAML,
        NAME
    }

    private final ObjectReader reader;

    @Parameters(
            index = "0",
            paramLabel = "KIND",
            converter = KindConverter.class,
            completionCandidates = KindConverter.Names.class,
            description = "slivers (slv), baseimages (bimg) or nodestores (nst).")
    private Kind kind = Kind.SLIVER;

    @Parameters(index = "1..*", arity = "0..*", paramLabel = "NAME", description = "Only these.")
    private List<String> names = new ArrayList<>();

    @Mixin
    private NamespaceOption namespace = new NamespaceOption();

    @Option(
            names = {"-A", "--all-namespaces"},
            description = "The slivers of all namespaces.")
    private boolean allNamespaces;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            defaultValue = "table",
            description = "table, wide, json, yaml or name (default: table).")
    private Format format = Format.TABLE;

    public GetCommand(ObjectReader reader) {
        this.reader = reader;
    }

    @Override
    int run() throws NodeException, CommandException, IOException {
        if (allNamespaces && !names.isEmpty()) {
            throw usage("a name is of one namespace: give -n NAMESPACE instead of -A");
        }
        List<ObjectNode> found = new ArrayList<>();
        List<String> missing = new ArrayList<>(names);
        Set<String> known = new TreeSet<>();
        for (ObjectNode object : reader.list(store(), kind)) {
            String name = object.at("/metadata/name").asText();
            boolean here = !kind.namespaced() || allNamespaces || namespace.is(object);
            if (here) {
                known.add(name);
            }
            if (here && (names.isEmpty() || names.contains(name))) {
                found.add(object);
                missing.remove(name);
            }
        }
        print(found);
        for (String name : missing) {
            terminal().err().println("veneer: " + notFound(kind, namespace, name, known));
        }
        return missing.isEmpty() ? Outcome.DONE.status() : Outcome.SOME_FAILED.status();
    }

    static String notFound(Kind kind, NamespaceOption namespace, String name, Collection<String> known) {
        String nearest = Nearest.to(name, known);
        String where = kind.namespaced() ? " in namespace " + namespace.name() : "";
        return "there is no " + kind.singular() + " '" + Terminal.printable(name) + "'" + where
                + (nearest == null ? "" : "; did you mean '" + nearest + "'?");
    }

    private void print(List<ObjectNode> objects) throws IOException {
        switch (format) {
            case JSON, YAML -> {
                if (objects.isEmpty() && !names.isEmpty()) {
                    return;
                }
                JsonNode whole = names.size() == 1 ? objects.get(0) : Json.list(objects);
                if (format == Format.JSON) {
                    Json.print(terminal().out(), whole);
                } else {
                    Json.printYaml(terminal().out(), whole);
                }
            }
            case NAME ->
                objects.forEach(object -> terminal()
                        .out()
                        .println(kind.singular() + "." + Kind.GROUP + "/"
                                + object.at("/metadata/name").asText()));
            case TABLE, WIDE -> table(objects);
        }
    }

    private void table(List<ObjectNode> objects) {
        if (objects.isEmpty()) {
            if (names.isEmpty()) {
                boolean one = kind.namespaced() && !allNamespaces;
                terminal()
                        .err()
                        .println("No resources found" + (one ? " in " + namespace.name() + " namespace." : "."));
            }
            return;
        }
        boolean namespaces = kind.namespaced() && allNamespaces;
        List<Column> columns = new ArrayList<>(Column.of(kind));
        columns.removeIf(column -> column.wide() && format != Format.WIDE);
        Instant now = Instant.now();
        List<List<String>> rows = new ArrayList<>(objects.size() + 1);
        List<String> headers = new ArrayList<>();
        if (namespaces) {
            headers.add("NAMESPACE");
        }
        columns.forEach(column -> headers.add(column.header().toUpperCase(Locale.ROOT)));
        rows.add(headers);
        for (ObjectNode object : objects) {
            List<String> row = new ArrayList<>(headers.size());
            if (namespaces) {
                row.add(object.at("/metadata/namespace").asText());
            }
            columns.forEach(column -> row.add(column.cell(object, now)));
            rows.add(row);
        }
        Table.print(terminal().out(), rows);
    }
}
