package dev.veneer.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.veneer.node.failure.NodeException;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code veneer plan}. */
@Command(
        name = "plan",
        description = "Say what apply would do and why, with numbers. Changes nothing.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  veneer plan -f testbed/ --store /srv/veneer",
            "  veneer plan -f testbed/ --exit-code        (2: there is something to do)"
        })
public final class PlanCommand extends VeneerCommand {
    /** Makes the plan. */
    public interface Planning {
        /** Reads the sources and the store and says what would be done; writes nothing anywhere. */
        Planned plan(StoreOptions store, SourceOptions sources)
                throws NodeException, CommandException, IOException, InterruptedException;
    }

    /**
     * A plan that a person can read.
     *
     * @param text what would be done, a line an action with its reason
     * @param json the same for programs
     * @param empty whether there is nothing to do
     * @param outcome {@link Outcome#DONE}, or why some of it cannot be done: wrong entries, holds
     */
    public record Planned(String text, JsonNode json, boolean empty, Outcome outcome) {}

    private final Planning planning;

    @Mixin
    private SourceOptions.Files sources = new SourceOptions.Files();

    @Option(names = "--exit-code", description = "Exit with 2 when there is something to do.")
    private boolean exitCode;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            defaultValue = "text",
            description = "text or json (default: text).")
    private TextFormat output = TextFormat.TEXT;

    public PlanCommand(Planning planning) {
        this.planning = planning;
    }

    @Override
    int run() throws NodeException, CommandException, IOException, InterruptedException {
        Planned planned = planning.plan(store(), sources);
        if (output == TextFormat.JSON) {
            Json.print(terminal().out(), planned.json());
        } else {
            terminal().out().println(planned.text().stripTrailing());
        }
        if (planned.outcome() == Outcome.DONE && exitCode && !planned.empty()) {
            return Outcome.CHANGES_PENDING.status();
        }
        return planned.outcome().status();
    }
}
