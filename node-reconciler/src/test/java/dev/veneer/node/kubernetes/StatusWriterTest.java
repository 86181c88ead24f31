package dev.veneer.node.kubernetes;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What of a sliver's history is told as Events: each occurrence once. */
class StatusWriterTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static JsonNode status(String... entries) throws Exception {
        return JSON.readTree("{\"history\": [" + String.join(", ", entries) + "]}");
    }

    private static String entry(int minute, String what, String more) {
        return "{\"time\": \"2026-01-01T00:0" + minute + ":00Z\", \"what\": \"" + what
                + "\", \"revision\": 1, \"message\": \"why\"" + more + "}";
    }

    private static List<String> fresh(JsonNode before, JsonNode now) {
        return StatusWriter.fresh(before, now).stream()
                .map(entry ->
                        entry.path("what").asText() + " " + entry.path("time").asText())
                .toList();
    }

    @Test
    void whatIsNewIsToldOldestFirst() throws Exception {
        assertEquals(
                List.of("B 2026-01-01T00:02:00Z", "C 2026-01-01T00:03:00Z"),
                fresh(status(entry(1, "A", "")), status(entry(3, "C", ""), entry(2, "B", ""), entry(1, "A", ""))));
        assertEquals(List.of(), fresh(status(entry(1, "A", "")), status(entry(1, "A", ""))));
    }

    @Test
    void whatNobodySawIsNoTransition() throws Exception {
        String status = "{'conditions':[{'type':'Ready','status':'%s','lastTransitionTime':'%s'},"
                + "{'type':'DesiredStateFresh','status':'True','lastTransitionTime':'%s'},{'type':'Other','status':'True'}]}";
        ObjectNode wanted =
                (ObjectNode) JSON.readTree(status.formatted("True", "T9", "T9").replace('\'', '"'));
        StatusWriter.keepTimes(
                JSON.readTree(status.formatted("False", "T0", "T0").replace('\'', '"')), wanted);
        assertEquals(JSON.readTree(status.formatted("True", "T9", "T0").replace('\'', '"')), wanted);
        StatusWriter.keepTimes(JSON.readTree("{}"), wanted);
        assertEquals("T0", wanted.at("/conditions/1/lastTransitionTime").asText());
    }

    @Test
    void whatHappenedAgainIsToldOnceMore() throws Exception {
        String again = entry(4, "A", ", \"count\": 4, \"firstTime\": \"2026-01-01T00:01:00Z\"");
        assertEquals(List.of("A 2026-01-01T00:04:00Z"), fresh(status(entry(1, "A", "")), status(again)));
        assertEquals(List.of(), fresh(status(again), status(again)));
    }

    @Test
    void whatIsOnlyCountedTogetherIsNotToldAgain() throws Exception {
        String together = entry(3, "A", ", \"count\": 2, \"firstTime\": \"2026-01-01T00:01:00Z\"");
        assertEquals(List.of(), fresh(status(entry(3, "A", ""), entry(1, "A", "")), status(together)));
    }
}
