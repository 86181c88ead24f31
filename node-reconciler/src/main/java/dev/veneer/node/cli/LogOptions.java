package dev.veneer.node.cli;

import dev.veneer.node.log.LogFormat;
import dev.veneer.node.log.LogOutput;
import org.slf4j.event.Level;
import picocli.CommandLine.Option;

/** How the log looks; it goes to standard error. */
public final class LogOptions {
    @Option(
            names = "--log-format",
            paramLabel = "FORMAT",
            defaultValue = "text",
            description = "text or json, one line an action (default: text).",
            showDefaultValue = picocli.CommandLine.Help.Visibility.NEVER)
    private LogFormat format = LogFormat.TEXT;

    @Option(
            names = "--log-level",
            paramLabel = "LEVEL",
            description = "error, warn, info or debug.",
            showDefaultValue = picocli.CommandLine.Help.Visibility.NEVER)
    private @org.jspecify.annotations.Nullable Level level;

    /** Makes the log as the options say. */
    public void apply(Level usual) {
        LogOutput.configure(format, level == null ? usual : level);
    }
}
