package dev.veneer.node.kubernetes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

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

    /** Until nothing is left to do but to wait for the watch, or not even that: so long. */
    private static Duration write(StatusWriter writer, JsonNode told, int revision) throws Exception {
        while (true) {
            Duration wait = writer.write(WEB, told, JSON.createObjectNode().put("revision", revision));
            if (wait == null || wait.toSeconds() > 1) {
                return wait == null ? Duration.ZERO : wait;
            }
            Thread.sleep(wait.toMillis() + 1);
        }
    }

    private PlayedServer played() throws Exception {
        return new PlayedServer(exchange -> {
            JsonNode sent = JSON.readTree(exchange.getRequestBody().readAllBytes());
            versions.add(sent.at("/metadata/resourceVersion").asText());
            ((ObjectNode) sent.get("metadata")).put("resourceVersion", String.valueOf(++version));
            PlayedServer.reply(exchange, 200, sent.toString());
        });
    }

    @Test
    void ownVersionsBetweenAreKnown() throws Exception {
        try (PlayedServer played = played()) {
            ApiServer server = played.client();
            StatusWriter writer =
                    new StatusWriter(server, new Events(server, "n", Clock.systemUTC()), new RateLimit(100, 100));
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

    /** etcd was restored from what was there before the write: no event ever tells of what was written. */
    @Test
    void whatTheWatchNeverTellsIsWrittenAgain() throws Exception {
        try (PlayedServer played = played()) {
            ApiServer server = played.client();
            Duration lag = Duration.ofSeconds(6);
            StatusWriter writer =
                    new StatusWriter(server, new Events(server, "n", Clock.systemUTC()), new RateLimit(100, 100), lag);
            assertEquals(lag, write(writer, sliver(7, 0), 1), "until then it is waited for");
            Duration left = write(writer, sliver(7, 0), 1);
            assertTrue(left.compareTo(lag) < 0 && !left.isZero(), left.toString());
            assertEquals(List.of("7"), versions);
            Thread.sleep(lag.toMillis());
            write(writer, sliver(7, 0), 1);
            assertEquals(List.of("7", "7"), versions);
            // It was told: nothing is waited for any more.
            assertEquals(Duration.ZERO, write(writer, sliver(9, 1), 1));
            Thread.sleep(lag.toMillis());
            assertEquals(Duration.ZERO, write(writer, sliver(9, 1), 1));
            assertEquals(List.of("7", "7"), versions);
            server.client().close();
        }
    }
}
