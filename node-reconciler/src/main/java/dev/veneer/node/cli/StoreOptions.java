package dev.veneer.node.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which store a command is about. */
public final class StoreOptions {
    /** What Java makes of bytes of an argument that are not UTF-8: it would name another directory. */
    private static final char UNREADABLE = '\ufffd';

    @Option(
            names = "--store",
            paramLabel = "DIR",
            defaultValue = "${env:VENEER_STORE:-/var/lib/veneer}",
            showDefaultValue = picocli.CommandLine.Help.Visibility.NEVER,
            description = "The node store (default: $$VENEER_STORE, else /var/lib/veneer).")
    private Path store = Path.of("/var/lib/veneer");

    /** Why no directory can be meant, or null. An empty name, as of a variable that is not set, would be the working directory. */
    @Nullable
    String trouble() {
        String name = store.toString();
        if (name.isEmpty()) {
            return "--store (or $VENEER_STORE) is empty; a directory is expected";
        }
        return name.indexOf(UNREADABLE) < 0 ? null : "--store is not UTF-8; name a directory that is";
    }

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
