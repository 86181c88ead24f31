package dev.veneer.node.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code veneer rules}. */
@Command(
        name = "rules",
        description = {
            "Show the built-in rules of rebases: paths at which two sides that changed the same are no conflict.",
            "A sliver's own spec.rebase.rules come before them."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  veneer rules", "  veneer rules -o json"})
public final class RulesCommand extends VeneerCommand {
    /**
     * A rule.
     *
     * @param path a pattern of paths
     * @param kind why it is no conflict: Derived, Cache, Log, Backup, Transient or Identity
     * @param keeps whose version stays: sliver or base
     * @param runs what is run inside at the next start; may be empty
     * @param reason for people
     */
    public record Rule(String path, String kind, String keeps, String runs, String reason) {}

    /** Tells the rules, in the order in which they are asked. */
    public interface Rules {
        List<Rule> all();
    }

    private final Rules rules;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            defaultValue = "text",
            description = "text or json (default: text).")
    private TextFormat output = TextFormat.TEXT;

    public RulesCommand(Rules rules) {
        this.rules = rules;
    }

    @Override
    int run() throws IOException {
        if (output == TextFormat.JSON) {
            ArrayNode all = Json.MAPPER.createArrayNode();
            for (Rule rule : rules.all()) {
                ObjectNode node = all.addObject();
                node.put("path", rule.path()).put("kind", rule.kind()).put("keeps", rule.keeps());
                node.put("runs", rule.runs()).put("reason", rule.reason());
            }
            Json.print(terminal().out(), all);
            return Outcome.DONE.status();
        }
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("PATH", "KIND", "KEEPS", "RUNS", "REASON"));
        for (Rule rule : rules.all()) {
            rows.add(List.of(rule.path(), rule.kind(), rule.keeps(), rule.runs(), rule.reason()));
        }
        Table.print(terminal().out(), rows);
        return Outcome.DONE.status();
    }
}
