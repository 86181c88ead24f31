package dev.veneer.node.kubernetes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.model.SliverId;
import java.time.Clock;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Something between agent and API server answers in its place: nothing counts as written, asked or gone that was not. */
class MadeUpAnswersTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final ObjectRef WEB = ObjectRef.of(SliverId.parse("default/web"));
    private static final String REAL = "{'apiVersion':'veneer.dev/v1alpha1','kind':'Sliver','metadata':"
            + "{'name':'web','namespace':'default','uid':'u1','resourceVersion':'7','finalizers':[%s]}}";
    private static final String GONE = "{'kind':'Status','status':'Failure','reason':'NotFound','code':404}";

    private PlayedServer played;
    private ApiServer server;
    private int code = 200;
    private String body = "";

    @BeforeEach
    void start() throws Exception {
        played = new PlayedServer(exchange -> {
            exchange.getRequestBody().readAllBytes();
            PlayedServer.reply(exchange, code, body.replace('\'', '"'));
        });
        server = played.client();
    }

    @AfterEach
    void stop() throws Exception {
        server.client().close();
        played.close();
    }

    private static ObjectNode sliver(String finalizers) throws Exception {
        return (ObjectNode) JSON.readTree(REAL.formatted(finalizers).replace('\'', '"'));
    }

    private @Nullable Duration write(StatusWriter writer) throws Exception {
        return writer.write(WEB, sliver(""), (ObjectNode) JSON.readTree("{\"revision\": 1}"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "<html>proxy</html>",
                "null",
                "[]",
                "\u0000",
                "{'kind':'Sliver'}",
                "{'items':[{}]}",
                "{'kind':'Status','status':'Success'}",
                "{'kind':'Sliver','metadata':{'name':'web','uid':'u2','resourceVersion':'7'}}",
                "{'kind':'Sliver','metadata':{'name':'web','uid':'u1'}}",
                "{'kind':'Sliver','metadata':{'name':'web','resourceVersion':'7'}}",
            })
    void nothingIsWrittenThatTheServerDoesNotGiveBack(String answer) throws Exception {
        StatusWriter statuses =
                new StatusWriter(server, new Events(server, "n", Clock.systemUTC()), new RateLimit(100, 100));
        Handshake handshake = new Handshake(server, new RateLimit(100, 100));
        body = answer;
        assertThrows(ClusterException.class, () -> write(statuses));
        assertThrows(ClusterException.class, () -> handshake.step(WEB, sliver("")));
        // Not at once: it may have been a write.
        assertNotNull(write(statuses));
        body = REAL.formatted("").replace("'7'", "'8'");
        StatusWriter later =
                new StatusWriter(server, new Events(server, "n", Clock.systemUTC()), new RateLimit(100, 100));
        assertEquals(StatusWriter.LAG, write(later));
        assertFalse(handshake.step(WEB, sliver("")));
        // Only now it is known to stand there.
        code = 500;
        assertTrue(write(later).compareTo(StatusWriter.LAG) < 0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "404 page not found", "{'kind':'Status','reason':'Forbidden'}", "{}"})
    void nothingIsGoneThatTheServerDoesNotSayIsGone(String answer) throws Exception {
        Events events = new Events(server, "n", Clock.systemUTC());
        Handshake handshake = new Handshake(server, new RateLimit(100, 100));
        JsonNode deleted = sliver("'veneer.dev/node-data'");
        ((ObjectNode) deleted.get("metadata")).put("deletionTimestamp", "2026-01-01T00:00:00Z");
        code = 404;
        body = answer;
        assertEquals(Duration.ofMinutes(1), write(new StatusWriter(server, events, new RateLimit(100, 100))));
        assertThrows(ClusterException.class, () -> handshake.step(WEB, sliver("")));
        assertThrows(ClusterException.class, () -> handshake.step(WEB, deleted));
        handshake.done("u1");
        assertThrows(ClusterException.class, () -> handshake.step(WEB, deleted));
        body = GONE;
        assertNull(write(new StatusWriter(server, events, new RateLimit(100, 100))));
        assertFalse(handshake.step(WEB, sliver("")));
        assertFalse(handshake.step(WEB, deleted));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<html>proxy</html>",
                "{'kind':'PartialObjectMetadata','metadata':{'name':'other','resourceVersion':'7'}}",
                "{'kind':'Status','metadata':{'name':'d'}}",
            })
    void whatIsNoMetadataOfWhatWasAskedForIsNoAnswer(String answer) throws Exception {
        body = answer;
        assertThrows(ClusterException.class, () -> server.metadata("/apis/x/d", "Definition"));
        body = "{'kind':'PartialObjectMetadata','metadata':{'name':'d'}}";
        assertTrue(server.metadata("/apis/x/d", "Definition").isGood());
        // One that knows no such form, or does not like to, gives all of it.
        body = "{'kind':'Definition','metadata':{'name':'d'},'spec':{}}";
        assertTrue(server.metadata("/apis/x/d", "Definition").isGood());
    }

    @Test
    void whatIsNoJsonIsShownInItsBeginning() throws Exception {
        code = 502;
        body = "x".repeat(100_000);
        Answer answer = server.get("/api");
        assertTrue(answer.isTransient());
        assertEquals("x".repeat(200), answer.words());
        body = "";
        assertEquals("HTTP status 502", server.get("/api").words());
    }
}
