package dev.veneer.node.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

class LogOutputTest {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final Logger log = LoggerFactory.getLogger("dev.veneer.test");

    @AfterEach
    void asItWas() {
        LogOutput.configure(LogFormat.TEXT, Level.WARN);
    }

    private void write(LogFormat format, Level level) {
        LogOutput.configure(format, level, new PrintStream(bytes, true, StandardCharsets.UTF_8));
    }

    private String written() {
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void aLineOfText() {
        write(LogFormat.TEXT, Level.INFO);
        log.atInfo()
                .addKeyValue("sliver", "default/web")
                .addKeyValue("why", "not there")
                .log("mounted {} times", 2);
        assertTrue(
                written()
                        .matches(
                                "\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z INFO  mounted 2 times sliver=default/web why=\"not there\"\n"),
                written());
    }

    @Test
    void aLineOfJson() throws IOException {
        write(LogFormat.JSON, Level.INFO);
        log.atWarn()
                .addKeyValue("ms", 3)
                .addKeyValue("path", "a\"b\\c\n")
                .setCause(new IOException("x\ny"))
                .log("odd\u001b");
        assertEquals(1, written().lines().count());
        JsonNode line = new ObjectMapper().readTree(written());
        assertEquals("warn", line.path("level").asText());
        assertEquals("odd\u001b", line.path("message").asText());
        assertEquals(3, line.path("ms").asInt());
        assertEquals("a\"b\\c\n", line.path("path").asText());
        assertEquals("dev.veneer.test", line.path("logger").asText());
        assertTrue(line.path("error").asText().startsWith("java.io.IOException: x\ny\n\tat "));
    }

    @Test
    void nothingThatIsLoggedEndsTheLine() {
        write(LogFormat.TEXT, Level.INFO);
        log.atInfo().addKeyValue("name", "a\n2026 INFO forged\u001b[2J").log("x\ry");
        assertEquals(1, written().lines().count());
        assertTrue(written().contains("x\\u000dy name=\"a\\u000a2026 INFO forged\\u001b[2J\""), written());
    }

    @Test
    void levelsBelowAreNotWritten() {
        write(LogFormat.TEXT, Level.WARN);
        log.info("quiet");
        log.atDebug().log("quiet");
        log.error("yes", new IllegalStateException("because"));
        assertTrue(written().contains("ERROR yes"), written());
        assertTrue(written().contains("IllegalStateException: because"), written());
        assertFalse(written().contains("quiet"), written());
    }
}
