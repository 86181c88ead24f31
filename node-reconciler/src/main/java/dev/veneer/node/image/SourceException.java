package dev.veneer.node.image;

import java.io.IOException;

/** The source could not be read, as opposed to: what was read is wrong. Another address may have it. */
final class SourceException extends IOException {
    private static final long serialVersionUID = 1L;

    SourceException(String message) {
        super(message);
    }

    SourceException(String message, Throwable cause) {
        super(message, cause);
    }
}
