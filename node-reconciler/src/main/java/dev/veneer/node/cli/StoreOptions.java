package dev.veneer.node.cli;

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

    /** The store's directory: absolute, without {@code .} and {@code ..}. */
    public String directory() {
        return store.toAbsolutePath().normalize().toString();
    }
}
