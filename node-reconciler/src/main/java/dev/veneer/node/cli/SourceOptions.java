package dev.veneer.node.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where the desired state is read from, and what may follow from its absence. */
public abstract class SourceOptions {
    /** Of a command that reads files. */
    public static final class Files extends SourceOptions {
        @Option(
                names = {"-f", "--filename"},
                paramLabel = "PATH",
                required = true,
                description = {
                    "A file, a directory (read recursively, *.yaml, *.yml, *.json) or - for standard input.",
                    "May be given several times; all of them together are one source."
                })
        private List<String> paths = new ArrayList<>();

        @Override
        public List<String> paths() {
            return List.copyOf(paths);
        }
    }

    /** Of a command that need not read files. */
    public static final class PerhapsFiles extends SourceOptions {
        @Option(
                names = {"-f", "--filename"},
                paramLabel = "PATH",
                description = {
                    "A file, a directory (read recursively, *.yaml, *.yml, *.json) or - for standard input.",
                    "May be given several times; all of them together are one source."
                })
        private List<String> paths = new ArrayList<>();

        @Override
        public List<String> paths() {
            return List.copyOf(paths);
        }
    }

    @Option(
            names = "--prune",
            description = {
                "Take away what this source declared before and does not any more.",
                "A directory is a whole and prunes without it; files and - do only with it."
            })
    private boolean prune;

    @Option(
            names = "--allow-shrink",
            description = "Go on although the source lost more than half of its objects, or all of them.")
    private boolean allowShrink;

    @Option(names = "--take-over", description = "Take over objects that another source declared.")
    private boolean takeOver;

    @Option(
            names = "--secrets",
            paramLabel = "DIR",
            description = "Where secrets lie that objects refer to: DIR/NAME/KEY, a file for each key.")
    private @Nullable Path secrets;

    /** The paths as given; {@code -} is standard input. */
    public abstract List<String> paths();

    /** Whether {@code --prune} was given. */
    public boolean prune() {
        return prune;
    }

    /** Whether {@code --allow-shrink} was given. */
    public boolean allowShrink() {
        return allowShrink;
    }

    /** Whether {@code --take-over} was given. */
    public boolean takeOver() {
        return takeOver;
    }

    /** The directory of the secrets, or null. */
    public @Nullable Path secrets() {
        return secrets;
    }
}
