package dev.veneer.node.log;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.KeyValuePair;
import org.slf4j.event.Level;

/** Where all loggers write, and from which level on. Standard error, warnings and errors only, until configured. */
public final class LogOutput {
    private static volatile LogOutput current = new LogOutput(LogFormat.TEXT, Level.WARN, null);

    private final LogFormat format;
    private final Level level;
    private final @Nullable PrintStream stream;

    private LogOutput(LogFormat format, Level level, @Nullable PrintStream stream) {
        this.format = format;
        this.level = level;
        this.stream = stream;
    }

    /** From now on all loggers write in this format, from this level on, to standard error. */
    public static void configure(LogFormat format, Level level) {
        current = new LogOutput(format, level, null);
    }

    static void configure(LogFormat format, Level level, PrintStream stream) {
        current = new LogOutput(format, level, stream);
    }

    /**
     * Whether a logger writes at a level; those of libraries never below a warning, which is all that concerns us. The client
     * of a cluster warns, with a stack, of whatever it then tries again, and we tell of what lasts.
     */
    static boolean enabled(String logger, Level level) {
        boolean ours = logger.startsWith("veneer") || logger.startsWith("dev.veneer");
        Level most = logger.startsWith("io.fabric8") ? Level.ERROR : Level.WARN;
        int least = ours ? current.level.toInt() : Math.max(current.level.toInt(), most.toInt());
        return level.toInt() >= least;
    }

    static void write(
            Level level, String logger, String message, @Nullable List<KeyValuePair> pairs, @Nullable Throwable error) {
        LogOutput output = current;
        StringBuilder line = new StringBuilder(160);
        String time = Instant.now().truncatedTo(ChronoUnit.MILLIS).toString();
        if (output.format == LogFormat.JSON) {
            json(line, time, level, logger, message, pairs, error);
        } else {
            text(line, time, level, message, pairs, error);
        }
        PrintStream to = output.stream == null ? System.err : output.stream;
        to.println(line);
    }

    private static void text(
            StringBuilder line,
            String time,
            Level level,
            String message,
            @Nullable List<KeyValuePair> pairs,
            @Nullable Throwable error) {
        line.append(time).append(' ').append(level);
        line.append(level.toString().length() < 5 ? "  " : " ");
        escape(line, message, false);
        if (pairs != null) {
            for (KeyValuePair pair : pairs) {
                String value = String.valueOf(pair.value);
                line.append(' ').append(pair.key).append('=');
                boolean quoted = value.isEmpty() || value.indexOf(' ') >= 0 || value.indexOf('"') >= 0;
                if (quoted) {
                    line.append('"');
                }
                escape(line, value, quoted);
                if (quoted) {
                    line.append('"');
                }
            }
        }
        if (error != null) {
            line.append(System.lineSeparator()).append(trace(error));
        }
    }

    private static void json(
            StringBuilder line,
            String time,
            Level level,
            String logger,
            String message,
            @Nullable List<KeyValuePair> pairs,
            @Nullable Throwable error) {
        line.append("{\"time\":\"").append(time);
        line.append("\",\"level\":\"").append(level.toString().toLowerCase(Locale.ROOT));
        line.append("\",\"logger\":\"");
        escape(line, logger, true);
        line.append("\",\"message\":\"");
        escape(line, message, true);
        line.append('"');
        if (pairs != null) {
            for (KeyValuePair pair : pairs) {
                line.append(",\"");
                escape(line, pair.key, true);
                line.append("\":");
                if (pair.value instanceof Number || pair.value instanceof Boolean) {
                    line.append(pair.value);
                } else {
                    line.append('"');
                    escape(line, String.valueOf(pair.value), true);
                    line.append('"');
                }
            }
        }
        if (error != null) {
            line.append(",\"error\":\"");
            escape(line, trace(error), true);
            line.append('"');
        }
        line.append('}');
    }

    /** Nothing that is logged can end the line or reach the terminal as a command, whoever named it. */
    private static void escape(StringBuilder line, String text, boolean quoted) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029) {
                line.append(String.format("\\u%04x", (int) c));
            } else if (quoted && (c == '"' || c == '\\')) {
                line.append('\\').append(c);
            } else {
                line.append(c);
            }
        }
    }

    private static String trace(Throwable error) {
        StringWriter text = new StringWriter();
        error.printStackTrace(new PrintWriter(text));
        return text.toString().stripTrailing();
    }
}
