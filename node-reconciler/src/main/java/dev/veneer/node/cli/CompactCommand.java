package dev.veneer.node.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.model.SliverId;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code veneer compact}. */
@Command(
        name = "compact",
        description = {
            "Remove from a sliver's writable store what its base image holds already.",
            "What the sliver sees does not change. A running sliver is stopped meanwhile and started again, as"
                    + " spec.update allows."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  veneer compact sliver web --dry-run", "  veneer compact sliver web"})
public final class CompactCommand extends VeneerCommand {
    /** Compacts. */
    public interface Compacting {
        /** Compacts a sliver's store. */
        Outcome compact(StoreOptions store, SliverId sliver, Progress progress)
                throws NodeException, CommandException, IOException, InterruptedException;

        /** What compacting it would do; reads only, and opens no file of the sliver. */
        Estimate estimate(StoreOptions store, SliverId sliver)
                throws NodeException, CommandException, IOException, InterruptedException;
    }

    /**
     * What a compaction would do.
     *
     * @param driver the sliver's driver
     * @param keptPaths paths that the store has to hold
     * @param keptBytes and their bytes on the disk
     * @param droppedPaths copies of what the base has
     * @param droppedBytes and their bytes on the disk
     */
    public record Estimate(String driver, long keptPaths, long keptBytes, long droppedPaths, long droppedBytes) {}

    private final Compacting compacting;

    @Mixin
    private SliverArgument sliver = new SliverArgument();

    @Option(names = "--dry-run", description = "Only say what would be done; changes nothing.")
    private boolean dryRun;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            defaultValue = "text",
            description = "With --dry-run: text or json (default: text).")
    private TextFormat output = TextFormat.TEXT;

    public CompactCommand(Compacting compacting) {
        this.compacting = compacting;
    }

    @Override
    int run() throws NodeException, CommandException, IOException, InterruptedException {
        SliverId id = sliver.id();
        if (!dryRun) {
            if (output != TextFormat.TEXT) {
                throw usage("-o goes with --dry-run");
            }
            Progress progress = new DrawnProgress(terminal().aside(), System::nanoTime);
            return compacting.compact(store(), id, progress).status();
        }
        Estimate estimate = compacting.estimate(store(), id);
        if (output == TextFormat.JSON) {
            ObjectNode node = Json.MAPPER.createObjectNode();
            node.put("driver", estimate.driver());
            node.put("keptPaths", estimate.keptPaths()).put("keptBytes", estimate.keptBytes());
            node.put("droppedPaths", estimate.droppedPaths()).put("droppedBytes", estimate.droppedBytes());
            Json.print(terminal().out(), node);
        } else {
            terminal()
                    .out()
                    .println("About " + estimate.droppedPaths() + " paths, "
                            + Quantities.bytes(estimate.droppedBytes())
                            + ", are copies of what the base image has; " + estimate.keptPaths() + " paths, "
                            + Quantities.bytes(estimate.keptBytes()) + ", stay.");
        }
        return Outcome.DONE.status();
    }
}
