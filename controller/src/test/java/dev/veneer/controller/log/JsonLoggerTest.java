package dev.veneer.controller.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.slf4j.event.KeyValuePair;
import org.slf4j.event.Level;
import org.slf4j.helpers.BasicMDCAdapter;

class JsonLoggerTest {
    private static JsonNode read(String line) throws Exception {
        assertFalse(line.contains("\n"), line);
        return new ObjectMapper().readTree(line);
    }

    @Test
    void aLineSaysWhichObjectAndWhatWasDone() throws Exception {
        BasicMDCAdapter context = new BasicMDCAdapter();
        context.put("resource.kind", "Sliver");
        context.put("resource.namespace", "lab");
        context.put("resource.name", "web");
        context.put("resource.uid", "u-1");
        context.put("resource.resourceVersion", "77");
        JsonNode line = read(new JsonLogger("dev.veneer.x", context)
                .line(Level.INFO, "given up", List.of(new KeyValuePair("action", "Abandoned")), null));
        assertEquals("info", line.path("level").asText());
        assertEquals("given up", line.path("message").asText());
        assertEquals("Sliver", line.path("kind").asText());
        assertEquals("lab", line.path("namespace").asText());
        assertEquals("web", line.path("object").asText());
        assertEquals("u-1", line.path("uid").asText());
        assertEquals("Abandoned", line.path("action").asText());
        assertFalse(line.has("resource.resourceVersion"));
        context.put("resource.namespace", "no namespace");
        assertFalse(read(new JsonLogger("dev.veneer.x", context).line(Level.INFO, "", List.of(), null))
                .has("namespace"));
    }

    @Test
    void whatIsHostileStaysInItsField() throws Exception {
        String hostile = "a\"}\n{\"level\":\"error\"\u001b[2J";
        JsonNode line = read(new JsonLogger("dev.veneer.x", new BasicMDCAdapter())
                .line(Level.WARN, hostile, List.of(), new IllegalStateException(hostile)));
        assertEquals(hostile, line.path("message").asText());
        assertEquals("warn", line.path("level").asText());
        assertTrue(line.path("error").asText().contains("IllegalStateException"));
    }

    @Test
    void ofLibrariesOnlyWarningsAreHeard() {
        assertTrue(LoggerFactory.getLogger("dev.veneer.controller") instanceof JsonLogger);
        assertTrue(LoggerFactory.getLogger("dev.veneer.controller").isInfoEnabled());
        assertFalse(LoggerFactory.getLogger("io.fabric8.kubernetes").isInfoEnabled());
        assertTrue(LoggerFactory.getLogger("io.fabric8.kubernetes").isWarnEnabled());
    }
}
