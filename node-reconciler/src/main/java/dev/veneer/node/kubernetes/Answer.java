package dev.veneer.node.kubernetes;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.time.Duration;
import java.util.List;

/**
 * What the API server answered.
 *
 * @param status HTTP status
 * @param body the object, or a Status that says what is wrong; missing when it is no JSON
 * @param text what was answered, as it came
 * @param retryAfter how long it asks to be left alone; zero when it does not
 */
record Answer(int status, JsonNode body, String text, Duration retryAfter) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** As much of what is no JSON as is shown to people. */
    private static final int SHOWN = 200;

    static Answer of(int status, String text, Duration retryAfter) {
        return new Answer(status, json(text), text, retryAfter);
    }

    private static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            // Something between, which answers in its own words.
            return MissingNode.getInstance();
        }
    }

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

    /**
     * Whether it is the object that was written, as it stands now, and not something that somebody between has made up.
     *
     * @param sent what was written of it
     */
    boolean isOf(JsonNode sent) {
        boolean same =
                isGood() && !body.at("/metadata/resourceVersion").asText().isEmpty();
        for (String field : List.of("/kind", "/metadata/name", "/metadata/uid")) {
            JsonNode said = sent.at(field);
            same &= said.isMissingNode() || said.equals(body.at(field));
        }
        return same;
    }

    /** Whether the API server itself says that there is no such object. */
    boolean isNotFound() {
        return status == 404
                && body.path("kind").asText().equals("Status")
                && body.path("reason").asText().equals("NotFound");
    }

    /** What is wrong, for people. */
    String words() {
        String message = body.isMissingNode()
                ? text.substring(0, Math.min(SHOWN, text.length()))
                : body.path("message").asText();
        return message.isEmpty() ? "HTTP status " + status : message;
    }
}
