package dev.veneer.node.kubernetes;

import java.io.IOException;
import java.time.Duration;

/** The API server could not be asked, or did not answer: nobody knows whether it did what was asked. */
public final class ClusterException extends IOException {
    private static final long serialVersionUID = 1L;

    /** How long the API server asks to be left alone. */
    private final Duration retryAfter;

    ClusterException(String message, Throwable cause) {
        super(message, cause);
        this.retryAfter = Duration.ZERO;
    }

    /** It answered, but not with what was asked for. */
    ClusterException(String message, Answer answer) {
        super(message, new IllegalStateException(answer.words()));
        this.retryAfter = answer.retryAfter();
    }

    Duration retryAfter() {
        return retryAfter;
    }
}
