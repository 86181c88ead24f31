package dev.veneer.node.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Which store a command is about. */
public final class StoreOptions {
    @Option(
            names = "--store",
            paramLabel = "DIR",
            defaultValue = "${env:VENEER_STORE:-/var/lib/veneer}",
            showDefaultValue = picocli.CommandLine.Help.Visibility.NEVER,
            description = "The node store (default: $$VENEER_STORE, else /var/lib/veneer).")
    private Path store = Path.of("/var/lib/veneer");

    /**
     * The store's directory: absolute, without {@code .} and {@code ..}, and behind symbolic links where it really is,
     * since mount tables, names of containers and records know no other.
     */
    public String directory() {
        Path path = store.toAbsolutePath().normalize();
        Path there = path;
        // What is missing is made with its parents when the store is.
        while (there.getParent() != null && !Files.exists(there)) {
            there = there.getParent();
        }
        try {
            return there.toRealPath().resolve(there.relativize(path)).toString();
        } catch (IOException e) {
            return path.toString(); // whoever opens it will say what is wrong
        }
    }
}
