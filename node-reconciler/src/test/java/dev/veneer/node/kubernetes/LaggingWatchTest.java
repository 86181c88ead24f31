package dev.veneer.node.kubernetes;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.model.SliverId;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** A watch that tells of versions late: none of the agent's own is taken for news, and none is written to that is old. */
class LaggingWatchTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final ObjectRef WEB = ObjectRef.of(SliverId.parse("default/web"));

    private final List<String> versions = new CopyOnWriteArrayList<>();
    private int version = 7;

    private static ObjectNode sliver(int version, int revision) throws Exception {
        return (ObjectNode) JSON.readTree(
                """
                {"apiVersion": "veneer.dev/v1alpha1", "kind": "Sliver", "metadata": {"name": "web", "namespace": "default",
                 "uid": "u1", "resourceVersion": "%d"}, "status": {"revision": %d}}"""
                        .formatted(version, revision));
    }

    private static void write(StatusWriter writer, JsonNode told, int revision) throws Exception {
        Duration wait = Duration.ZERO;
        while (wait != null) {
            Thread.sleep(wait.toMillis() + 1);
            wait = writer.write(WEB, told, JSON.createObjectNode().put("revision", revision));
        }
    }

    @Test
    void ownVersionsBetweenAreKnown() throws Exception {
        try (PlayedServer played = new PlayedServer(exchange -> {
            JsonNode sent = JSON.readTree(exchange.getRequestBody().readAllBytes());
            versions.add(sent.at("/metadata/resourceVersion").asText());
            ((ObjectNode) sent.get("metadata")).put("resourceVersion", String.valueOf(++version));
            PlayedServer.reply(exchange, 200, sent.toString());
        })) {
            ApiServer server = played.client();
            StatusWriter writer = new StatusWriter(server, new Events(server, "n", Clock.systemUTC()));
            write(writer, sliver(7, 0), 1);
            write(writer, sliver(7, 0), 2);
            assertEquals(List.of("7", "8"), versions);
            // Of the second write it has not told yet.
            write(writer, sliver(8, 1), 2);
            assertEquals(List.of("7", "8"), versions);
            write(writer, sliver(8, 1), 3);
            assertEquals(List.of("7", "8", "9"), versions);
            // Somebody else's.
            write(writer, sliver(20, 9), 3);
            assertEquals(List.of("7", "8", "9", "20"), versions);
            server.client().close();
        }
    }
}
