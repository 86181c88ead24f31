package dev.veneer.node.kubernetes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which namespace a sliver is of, and how often that is asked. */
class NamespaceIdsTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final AtomicInteger asked = new AtomicInteger();
    private final List<JsonNode> heard = new ArrayList<>();
    private PlayedServer played;
    private ApiServer server;
    private NamespaceIds ids;
    private int code = 200;
    private String uid = "n1";

    @BeforeEach
    void start() throws Exception {
        played = new PlayedServer(exchange -> {
            asked.incrementAndGet();
            PlayedServer.reply(
                    exchange,
                    code,
                    "{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"default\",\"uid\":\"%s\"}}"
                            .formatted(uid));
        });
        server = played.client();
        ids = new NamespaceIds(server, Map.of(), new Namespaces(server, Map.of(), () -> {}));
    }

    @AfterEach
    void stop() throws Exception {
        server.client().close();
        played.close();
    }

    private JsonNode hear(String name) throws Exception {
        JsonNode sliver = JSON.readTree(
                """
                {"kind":"Sliver","metadata":{"name":"%s","namespace":"default","uid":"u-%s"}}
                """
                        .formatted(name, name));
        heard.add(sliver);
        return sliver;
    }

    @Test
    void theFirstDoesNotWaitAndThoseThatFollowAreAskedForTogether() throws Exception {
        JsonNode first = hear("first");
        assertEquals(Duration.ZERO, ids.pause(first));
        assertTrue(ids.ask(first, heard));

        JsonNode second = hear("second");
        JsonNode third = hear("third");
        Duration pause = ids.pause(second);
        assertFalse(pause.isZero());
        assertTrue(pause.compareTo(Duration.ofSeconds(1)) < 0, pause::toString);
        while (!ids.pause(third).isZero()) {
            Thread.sleep(pause.toMillis() + 1);
        }
        assertTrue(ids.ask(third, heard));
        assertEquals("n1", ids.of(second));
        assertEquals(Duration.ZERO, ids.pause(second));
        assertEquals(2, asked.get());
    }

    @Test
    void whoIsHeardOfLaterMayBeOfALaterNamespace() throws Exception {
        JsonNode first = hear("first");
        assertTrue(ids.ask(first, heard));
        uid = "n2";
        JsonNode second = hear("second");
        while (!ids.pause(second).isZero()) {
            Thread.sleep(10);
        }
        assertTrue(ids.ask(second, heard));
        assertEquals("n1", ids.of(first));
        assertEquals("n2", ids.of(second));
    }

    @Test
    void nobodyWaitsForAnAnswerThatDoesNotCome() throws Exception {
        code = 403;
        JsonNode first = hear("first");
        assertFalse(ids.ask(first, heard));
        assertEquals(Duration.ZERO, ids.pause(hear("second")));
        assertEquals(Duration.ZERO, ids.pause(first));
    }
}
