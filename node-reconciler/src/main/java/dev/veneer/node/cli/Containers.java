package dev.veneer.node.cli;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.model.SliverId;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reaches into running slivers for {@code exec}, {@code console} and {@code logs}; on the process's own streams. */
public interface Containers {
    /** Runs a command in a running sliver, on this process's standard streams, and returns its exit status. */
    int exec(StoreOptions store, SliverId sliver, List<String> command)
            throws NodeException, CommandException, IOException, InterruptedException;

    /** Connects this process's terminal with the sliver's console until the person leaves it. */
    int console(StoreOptions store, SliverId sliver)
            throws NodeException, CommandException, IOException, InterruptedException;

    /**
     * Copies what the sliver's console printed.
     *
     * @param lines only the last so many; null: all that is kept
     * @param follow go on until the person stops it, or nobody reads any more
     * @param out where it is copied to
     */
    int logs(StoreOptions store, SliverId sliver, @Nullable Integer lines, boolean follow, PrintStream out)
            throws NodeException, CommandException, IOException, InterruptedException;
}
