package dev.veneer.node.kubernetes;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.model.SliverId;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A store of which only the measures are new is told of seldom; all else at once. */
class MeasuresTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final ObjectRef STORE = ObjectRef.store("n1");
    private static final ObjectRef SLIVER = ObjectRef.of(SliverId.parse("default/web"));

    private static JsonNode json(String text) throws Exception {
        return JSON.readTree(text.replace('\'', '"'));
    }

    private static ObjectNode status(long free, long slivers, String ready, int generation) throws Exception {
        return (ObjectNode) json(
                """
                {'observedGeneration':%d,'capacity':{'totalBytes':100,'freeBytes':%d},'usage':{'slivers':%d,'observedAt':'T%d'},
                 'conditions':[{'type':'Ready','status':'%s'}]}"""
                        .formatted(generation, free, slivers, slivers, ready));
    }

    @ParameterizedTest
    @CsvSource({
        "9, 1, True, 1, 10",
        "5, 2, True, 1, 10",
        "9, 2, True, 1, 10",
        "9, 1, False, 1, 1",
        "9, 1, True, 2, 1",
        "5, 2, False, 1, 1",
        "5, 2, True, 2, 1"
    })
    void onlyMeasuresWait(long free, long slivers, String ready, int generation, long seconds) throws Exception {
        JsonNode last = status(5, 1, "True", 1);
        assertEquals(
                Duration.ofSeconds(seconds),
                Measures.apart(STORE, last, last, status(free, slivers, ready, generation)));
    }

    @Test
    void whatIsSaidForTheFirstTimeOrNotAnyMoreDoesNotWait() throws Exception {
        ObjectNode last = status(5, 1, "True", 1);
        JsonNode wanted = status(9, 1, "True", 1);
        assertEquals(
                Measures.APART, Measures.apart(STORE, json("{}"), last, wanted), "what stands there was taken away");
        assertEquals(Measures.APART, Measures.apart(STORE, last, null, wanted), "nothing was written yet");
        last.put("orphans", 3);
        assertEquals(Measures.APART, Measures.apart(STORE, last, last, wanted), "an entry goes");
    }

    @Test
    void ofASliverAllIsTold() throws Exception {
        JsonNode last = status(5, 1, "True", 1);
        assertEquals(Measures.APART, Measures.apart(SLIVER, last, last, status(9, 1, "True", 1)));
    }

    @Test
    void theStoreOfANodeThatMakesSliversIsWrittenOnceInAWhile() throws Exception {
        AtomicInteger writes = new AtomicInteger();
        try (PlayedServer played = new PlayedServer(exchange -> {
            JsonNode sent = JSON.readTree(exchange.getRequestBody().readAllBytes());
            ((ObjectNode) sent.get("metadata")).put("resourceVersion", String.valueOf(7 + writes.incrementAndGet()));
            PlayedServer.reply(exchange, 200, sent.toString());
        })) {
            ApiServer server = played.client();
            StatusWriter writer =
                    new StatusWriter(server, new Events(server, "n", Clock.systemUTC()), new RateLimit(100, 100));
            JsonNode store = json(
                    "{'apiVersion':'veneer.dev/v1alpha1','kind':'NodeStore','metadata':{'name':'n1','uid':'u1','resourceVersion':'7'}}");
            Duration wait = writer.write(STORE, store, status(9, 0, "True", 1));
            Thread.sleep(Measures.APART.toMillis() + 1);
            for (int slivers = 1; slivers < 5; slivers++) {
                wait = writer.write(STORE, store, status(9 - slivers, slivers, "True", 1));
                assertEquals(1, writes.get());
                assertEquals(
                        true, wait != null && wait.compareTo(Measures.OF_STORE) < 0, "it is told of later: " + wait);
            }
            // Something else is.
            assertEquals(StatusWriter.LAG, writer.write(STORE, store, status(1, 5, "False", 1)));
            assertEquals(2, writes.get());
            server.client().close();
        }
    }
}
