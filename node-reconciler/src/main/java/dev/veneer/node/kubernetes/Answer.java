package dev.veneer.node.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;

/**
 * What the API server answered.
 *
 * @param status HTTP status
 * @param body the object, or a Status that says what is wrong
 * @param retryAfter how long it asks to be left alone; zero when it does not
 */
record Answer(int status, JsonNode body, Duration retryAfter) {
    boolean isGood() {
        return status >= 200 && status < 300;
    }

    /** Whether it may be good another time without anybody's doing. */
    boolean isTransient() {
        return status == 429 || status >= 500;
    }

    /** Whether it is an object of this kind, and not something that somebody between has made up. */
    boolean isA(String kind) {
        return isGood() && body.path("kind").asText().equals(kind);
    }

    /** Whether the API server itself says that there is no such object. */
    boolean isNotFound() {
        return status == 404
                && body.path("kind").asText().equals("Status")
                && body.path("reason").asText().equals("NotFound");
    }

    /** What is wrong, for people. */
    String words() {
        String message = body.path("message").asText();
        return message.isEmpty() ? "HTTP status " + status : message;
    }
}
