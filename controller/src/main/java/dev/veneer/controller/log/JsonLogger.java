package dev.veneer.controller.log;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Marker;
import org.slf4j.event.KeyValuePair;
import org.slf4j.event.Level;
import org.slf4j.event.LoggingEvent;
import org.slf4j.helpers.LegacyAbstractLogger;
import org.slf4j.helpers.MessageFormatter;
import org.slf4j.spi.LoggingEventAware;
import org.slf4j.spi.MDCAdapter;

/** A logger of one name. Each line is one object of JSON, whatever stands in a message or a name. */
final class JsonLogger extends LegacyAbstractLogger implements LoggingEventAware {
    private static final long serialVersionUID = 1L;
    private static final ObjectMapper JSON = new ObjectMapper();

    /** What the operator framework says of the object at hand, and what it is called here. */
    private static final Map<String, String> CONTEXT = Map.of(
            "resource.kind", "kind",
            "resource.namespace", "namespace",
            "resource.name", "object",
            "resource.uid", "uid");

    private static final String NO_NAMESPACE = "no namespace";

    /** Tells of each kind that its version is not stable, which is so. */
    private static final String CHATTER = "io.fabric8.kubernetes.client.dsl.internal.VersionUsageUtils";

    private final transient MDCAdapter context;
    private final Level least;

    JsonLogger(String name, MDCAdapter context) {
        this.name = name;
        this.context = context;
        boolean ours = name.startsWith("dev.veneer");
        this.least = ours ? Level.INFO : name.equals(CHATTER) ? Level.ERROR : Level.WARN;
    }

    private boolean isEnabled(Level level) {
        return level.toInt() >= least.toInt();
    }

    @Override
    public boolean isTraceEnabled() {
        return isEnabled(Level.TRACE);
    }

    @Override
    public boolean isDebugEnabled() {
        return isEnabled(Level.DEBUG);
    }

    @Override
    public boolean isInfoEnabled() {
        return isEnabled(Level.INFO);
    }

    @Override
    public boolean isWarnEnabled() {
        return isEnabled(Level.WARN);
    }

    @Override
    public boolean isErrorEnabled() {
        return isEnabled(Level.ERROR);
    }

    @Override
    public void log(LoggingEvent event) {
        if (isEnabled(event.getLevel())) {
            List<KeyValuePair> pairs = event.getKeyValuePairs();
            write(
                    event.getLevel(),
                    format(event.getMessage(), event.getArgumentArray()),
                    pairs == null ? List.of() : pairs,
                    event.getThrowable());
        }
    }

    @Override
    protected @Nullable String getFullyQualifiedCallerName() {
        return null;
    }

    @Override
    protected void handleNormalizedLoggingCall(
            Level level,
            @Nullable Marker marker,
            String message,
            Object @Nullable [] arguments,
            @Nullable Throwable error) {
        write(level, format(message, arguments), List.of(), error);
    }

    private static String format(@Nullable String message, Object @Nullable [] arguments) {
        String formatted = MessageFormatter.basicArrayFormat(message, arguments);
        return formatted == null ? "" : formatted;
    }

    private void write(Level level, String message, List<KeyValuePair> pairs, @Nullable Throwable error) {
        System.err.println(line(level, message, pairs, error));
    }

    String line(Level level, String message, List<KeyValuePair> pairs, @Nullable Throwable error) {
        ObjectNode line = JSON.createObjectNode();
        line.put("time", Instant.now().truncatedTo(ChronoUnit.MILLIS).toString());
        line.put("level", level.toString().toLowerCase(Locale.ROOT));
        line.put("logger", name);
        line.put("message", message);
        Map<String, String> known = context.getCopyOfContextMap();
        if (known != null) {
            CONTEXT.forEach((theirs, ours) -> {
                String value = known.get(theirs);
                if (value != null && !value.equals(NO_NAMESPACE)) {
                    line.put(ours, value);
                }
            });
        }
        for (KeyValuePair pair : pairs) {
            line.put(pair.key, String.valueOf(pair.value));
        }
        if (error != null) {
            StringWriter trace = new StringWriter();
            error.printStackTrace(new PrintWriter(trace));
            line.put("error", trace.toString().stripTrailing());
        }
        try {
            return JSON.writeValueAsString(line);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("text is plain data", e);
        }
    }
}
