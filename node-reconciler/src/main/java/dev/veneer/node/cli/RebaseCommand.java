package dev.veneer.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.model.SliverId;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code veneer rebase}. */
@Command(
        name = "rebase",
        description = {
            "Tell what moving a sliver to another base image would come to, path by path.",
            "A sliver is moved by editing spec.baseImage; this command changes nothing. Conflicts are settled by"
                    + " spec.rebase of the sliver, or here by --on-conflict, to see what that would do."
        },
        footerHeading = "%nExit status: 0 it can be moved, 1 conflicts are left.%n%nExamples:%n",
        footer = {
            "  veneer rebase sliver web --to debian-12.7 --dry-run",
            "  veneer rebase sliver web --to debian-12.7 --dry-run -o json"
        })
public final class RebaseCommand extends VeneerCommand {
    /** Thinks moves through. */
    public interface Rebasing {
        /**
         * What it would come to, as JSON.
         *
         * @param to name of a BaseImage that is imported
         * @param onConflict what is to hold where no rule does, or null for what the sliver says
         */
        ObjectNode preview(StoreOptions store, SliverId sliver, String to, @Nullable String onConflict)
                throws NodeException, CommandException, IOException;
    }

    /** Values of {@code --on-conflict}. */
    enum Choice {
        Fail,
        KeepSliver,
        TakeBase
    }

    private final Rebasing rebasing;

    @Mixin
    private SliverArgument sliver = new SliverArgument();

    @Option(names = "--to", paramLabel = "BASE", required = true, description = "The base image to move to.")
    private String to = "";

    @Option(names = "--dry-run", description = "Required: this command only tells.")
    private boolean dryRun;

    @Option(
            names = "--on-conflict",
            paramLabel = "CHOICE",
            description = "Fail, KeepSliver or TakeBase, instead of what the sliver's spec says.")
    private @Nullable Choice onConflict;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            defaultValue = "text",
            description = "text or json (default: text).")
    private TextFormat output = TextFormat.TEXT;

    public RebaseCommand(Rebasing rebasing) {
        this.rebasing = rebasing;
    }

    @Override
    int run() throws NodeException, CommandException, IOException {
        if (!dryRun) {
            throw usage("a sliver is moved by editing its spec.baseImage; with --dry-run this command tells what that"
                    + " would do");
        }
        ObjectNode told = rebasing.preview(store(), sliver.id(), to, onConflict == null ? null : onConflict.name());
        if (output == TextFormat.JSON) {
            Json.print(terminal().out(), told);
        } else {
            tell(told);
        }
        return (told.path("possible").asBoolean() ? Outcome.DONE : Outcome.SOME_FAILED).status();
    }

    private void tell(JsonNode told) {
        PrintStream out = terminal().out();
        List<List<String>> rows = new ArrayList<>();
        for (JsonNode path : told.path("paths")) {
            String settled = path.path("settled").asText("");
            String how = settled.isEmpty() ? "" : settled.equals("not") ? "NOT SETTLED" : settled;
            rows.add(List.of(
                    path.path("verdict").asText(),
                    Terminal.printable(path.path("path").asText()),
                    how,
                    Terminal.printable(path.path("by").asText("")),
                    Terminal.printable(path.path("detail").asText(""))));
        }
        if (!rows.isEmpty()) {
            rows.add(0, List.of("VERDICT", "PATH", "SETTLED", "BY", "DETAIL"));
            Table.print(out, rows);
        }
        List<String> counts = new ArrayList<>();
        for (Map.Entry<String, JsonNode> count : told.path("counts").properties()) {
            if (count.getValue().asLong() > 0) {
                counts.add(count.getValue().asLong() + " " + count.getKey());
            }
        }
        out.println(told.path("from").asText() + " to " + told.path("to").asText() + ": "
                + (counts.isEmpty() ? "nothing differs" : String.join(", ", counts)) + ".");
        out.println("The new revision holds files of "
                + Quantities.bytes(told.path("bytesWritten").asLong()) + "; the one before is kept for a while.");
        if (!told.path("toRun").isEmpty()) {
            List<String> commands = new ArrayList<>();
            told.path("toRun").forEach(command -> commands.add(Terminal.printable(command.asText())));
            out.println("To be run inside at the next start: " + String.join("; ", commands));
        }
        if (!told.path("possible").asBoolean()) {
            out.println("It cannot be moved so: settle the conflicts by spec.rebase.rules or spec.rebase.onConflict.");
        }
    }
}
