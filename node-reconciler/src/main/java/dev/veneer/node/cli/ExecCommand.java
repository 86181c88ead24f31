package dev.veneer.node.cli;

import dev.veneer.node.failure.NodeException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code veneer exec}. */
@Command(
        name = "exec",
        description = "Run a command in a running sliver. Ends with the command's own exit status.",
        footerHeading = "%nExamples:%n",
        footer = {"  veneer exec web -- apt-get install -y nginx", "  veneer exec web -n lab -- /bin/bash -l"})
public final class ExecCommand extends VeneerCommand {
    private final Containers containers;

    @Parameters(index = "0", paramLabel = "NAME", description = "The sliver's name.")
    private String name = "";

    @Parameters(
            index = "1..*",
            arity = "1..*",
            paramLabel = "COMMAND",
            description = "The command and its arguments; after -- they may look like options.")
    private List<String> command = new ArrayList<>();

    @Mixin
    private NamespaceOption namespace = new NamespaceOption();

    public ExecCommand(Containers containers) {
        this.containers = containers;
    }

    @Override
    int run() throws NodeException, CommandException, IOException, InterruptedException {
        return containers.exec(store(), namespace.sliver(name), List.copyOf(command));
    }
}
