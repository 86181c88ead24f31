package dev.veneer.node.kubernetes;

import java.io.IOException;

/** The API server could not be asked, or did not answer: nobody knows whether it did what was asked. */
public final class ClusterException extends IOException {
    private static final long serialVersionUID = 1L;

    ClusterException(String message, Throwable cause) {
        super(message, cause);
    }
}
