package dev.veneer.node.kubernetes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Somebody asks again and again. */
class RequestRateTest {
    private long now = 1L << 40;
    private final RequestRate rate = new RequestRate(() -> now);

    private static JsonNode asking(String uid, @Nullable Object request) {
        ObjectNode object = JsonNodeFactory.instance.objectNode();
        ObjectNode metadata = object.putObject("metadata").put("uid", uid);
        if (request instanceof String text) {
            metadata.putObject("annotations").put("veneer.dev/requestedAt", text);
        } else if (request != null) {
            metadata.putObject("annotations").put("veneer.dev/requestedAt", 3);
        }
        return object;
    }

    private static String request(JsonNode object) {
        return object.at("/metadata/annotations").path("veneer.dev/requestedAt").asText();
    }

    private void pass(Duration time) {
        now += time.toNanos();
    }

    @Test
    void theFirstCountsAtOnceAndTheNextInItsTime() {
        rate.counting(asking("u", null));
        JsonNode first = asking("u", "1");
        assertEquals(Duration.ZERO, rate.wait(first));
        assertSame(first, rate.counting(first));
        JsonNode second = asking("u", "2");
        assertEquals("1", request(rate.counting(second)));
        assertEquals(RequestRate.APART, rate.wait(second));
        pass(RequestRate.APART.minusMillis(1));
        assertEquals("1", request(rate.counting(second)));
        pass(Duration.ofMillis(1));
        assertEquals(Duration.ZERO, rate.wait(second));
        assertSame(second, rate.counting(second));
        assertEquals("2", request(rate.counting(asking("u", "3"))));
    }

    @Test
    void oneObjectDoesNotHoldAnotherUp() {
        rate.counting(asking("u", null));
        rate.counting(asking("v", null));
        rate.counting(asking("u", "1"));
        assertEquals("1", request(rate.counting(asking("v", "1"))));
    }

    @Test
    void whatStandsThereAtFirstCounts() {
        JsonNode old = asking("u", "1");
        assertSame(old, rate.counting(old));
        assertEquals("2", request(rate.counting(asking("u", "2"))));
    }

    @Test
    void whatIsTakenAwayOrNoTextIsNoRequest() {
        rate.counting(asking("u", "1"));
        for (JsonNode object : new JsonNode[] {asking("u", null), asking("u", 3)}) {
            assertSame(object, rate.counting(object));
        }
        assertEquals("2", request(rate.counting(asking("u", "2"))));
        rate.forget(asking("u", "2"));
        assertTrue(rate.wait(asking("u", "3")).isZero());
    }
}
