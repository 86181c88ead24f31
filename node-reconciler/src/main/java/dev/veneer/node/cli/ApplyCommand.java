package dev.veneer.node.cli;

import dev.veneer.node.failure.NodeException;
import java.io.IOException;
import org.slf4j.event.Level;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code veneer apply}. */
@Command(
        name = "apply",
        description = "Make the node agree with what is declared. A second run does nothing and says so.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  veneer apply -f testbed/ --store /srv/veneer",
            "  veneer apply -f web.yaml                   (adds and changes; takes away only with --prune)",
            "  generate | veneer apply -f - --prune"
        })
public final class ApplyCommand extends VeneerCommand {
    /** Does what is declared, itself or by the running agent. */
    public interface Applying {
        /** Plans, executes and reports; tells its progress and its summary through {@code progress}. */
        Outcome apply(StoreOptions store, SourceOptions sources, Progress progress)
                throws NodeException, CommandException, IOException, InterruptedException;
    }

    private final Applying applying;

    @Mixin
    private SourceOptions.Files sources = new SourceOptions.Files();

    @Mixin
    private LogOptions log = new LogOptions();

    public ApplyCommand(Applying applying) {
        this.applying = applying;
    }

    @Override
    int run() throws NodeException, CommandException, IOException, InterruptedException {
        // What fails is said anyway, with the rest of the result.
        log.apply(Level.ERROR);
        Progress progress = new DrawnProgress(terminal(), System::nanoTime);
        try {
            return applying.apply(store(), sources, progress).status();
        } finally {
            progress.end();
        }
    }
}
