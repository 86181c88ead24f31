package dev.veneer.node.cli;

import dev.veneer.node.failure.NodeException;
import java.io.IOException;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** What every command has: the store, the terminal, and that its outcome becomes the exit status. */
abstract class VeneerCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private StoreOptions store = new StoreOptions();

    @Override
    public final Integer call() throws NodeException, CommandException, IOException, InterruptedException {
        try {
            return run();
        } finally {
            terminal().out().flush();
        }
    }

    /** Does what the command is for and returns the exit status. */
    abstract int run() throws NodeException, CommandException, IOException, InterruptedException;

    StoreOptions store() {
        String trouble = store.trouble();
        if (trouble != null) {
            throw usage(trouble);
        }
        return store;
    }

    Terminal terminal() {
        return spec().root().userObject() instanceof Veneer veneer ? veneer.terminal() : Terminal.ofProcess();
    }

    /** A complaint about the command line, with the command's usage. */
    picocli.CommandLine.ParameterException usage(String message) {
        return new picocli.CommandLine.ParameterException(spec().commandLine(), message);
    }

    private CommandSpec spec() {
        if (spec == null) {
            throw new IllegalStateException("the command was not made by picocli");
        }
        return spec;
    }
}
