package dev.veneer.node.cli;

import dev.veneer.node.failure.NodeException;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code veneer console}. */
@Command(
        name = "console",
        description = "Connect the terminal with a running sliver's console. Ctrl-a q leaves it.",
        footerHeading = "%nExamples:%n",
        footer = "  veneer console web")
public final class ConsoleCommand extends VeneerCommand {
    private final Containers containers;

    @Parameters(index = "0", paramLabel = "NAME", description = "The sliver's name.")
    private String name = "";

    @Mixin
    private NamespaceOption namespace = new NamespaceOption();

    public ConsoleCommand(Containers containers) {
        this.containers = containers;
    }

    @Override
    int run() throws NodeException, CommandException, IOException, InterruptedException {
        return containers.console(store(), namespace.sliver(name));
    }
}
