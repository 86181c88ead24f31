package dev.veneer.node.cli;

import dev.veneer.node.failure.NodeException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code veneer logs}. */
@Command(
        name = "logs",
        description = "Print what a sliver's console printed.",
        footerHeading = "%nExamples:%n",
        footer = {"  veneer logs web --tail 50", "  veneer logs web --follow"})
public final class LogsCommand extends VeneerCommand {
    private final Containers containers;

    @Parameters(index = "0", paramLabel = "NAME", description = "The sliver's name.")
    private String name = "";

    @Mixin
    private NamespaceOption namespace = new NamespaceOption();

    @Option(names = "--tail", paramLabel = "LINES", description = "Only the last lines.")
    private @Nullable Integer tail;

    @Option(
            names = {"-f", "--follow"},
            description = "Go on printing what comes.")
    private boolean follow;

    public LogsCommand(Containers containers) {
        this.containers = containers;
    }

    @Override
    int run() throws NodeException, CommandException, IOException, InterruptedException {
        if (tail != null && tail < 0) {
            throw usage("--tail is " + tail + ", but must be 0 or more");
        }
        return containers.logs(
                store(), namespace.sliver(name), tail, follow, terminal().out());
    }
}
