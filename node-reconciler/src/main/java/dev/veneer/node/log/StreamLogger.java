package dev.veneer.node.log;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Marker;
import org.slf4j.event.Level;
import org.slf4j.event.LoggingEvent;
import org.slf4j.helpers.LegacyAbstractLogger;
import org.slf4j.helpers.MessageFormatter;
import org.slf4j.spi.LoggingEventAware;

/** A logger whose lines {@link LogOutput} writes. */
final class StreamLogger extends LegacyAbstractLogger implements LoggingEventAware {
    private static final long serialVersionUID = 1L;

    StreamLogger(String name) {
        this.name = name;
    }

    @Override
    public boolean isTraceEnabled() {
        return LogOutput.enabled(getName(), Level.TRACE);
    }

    @Override
    public boolean isDebugEnabled() {
        return LogOutput.enabled(getName(), Level.DEBUG);
    }

    @Override
    public boolean isInfoEnabled() {
        return LogOutput.enabled(getName(), Level.INFO);
    }

    @Override
    public boolean isWarnEnabled() {
        return LogOutput.enabled(getName(), Level.WARN);
    }

    @Override
    public boolean isErrorEnabled() {
        return LogOutput.enabled(getName(), Level.ERROR);
    }

    @Override
    public void log(LoggingEvent event) {
        if (LogOutput.enabled(getName(), event.getLevel())) {
            LogOutput.write(
                    event.getLevel(),
                    name,
                    format(event.getMessage(), event.getArgumentArray()),
                    event.getKeyValuePairs(),
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
        LogOutput.write(level, name, format(message, arguments), List.of(), error);
    }

    private static String format(@Nullable String message, Object @Nullable [] arguments) {
        String formatted = MessageFormatter.basicArrayFormat(message, arguments);
        return formatted == null ? "" : formatted;
    }
}
