package dev.veneer.node.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Lines on their way to a client that reads, does not read, or has gone. */
@Timeout(60)
class ClientLinesTest {
    /** A link that takes nothing until it is opened. */
    private static final class Stuck extends ByteArrayOutputStream {
        private final CountDownLatch opened = new CountDownLatch(1);

        @Override
        public void write(byte[] bytes) {
            try {
                opened.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            write(bytes, 0, bytes.length);
        }
    }

    private static void say(ClientLines lines, int number) {
        lines.line(AgentSocket.JSON.createObjectNode().put("say", number));
    }

    @Test
    void allOfItArrivesInOrderBeforeTheEnd() throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        StringBuilder expected = new StringBuilder();
        try (ClientLines lines = new ClientLines(out)) {
            for (int i = 0; i < 5000; i++) {
                say(lines, i);
                expected.append("{\"say\":").append(i).append("}\n");
            }
        }
        assertEquals(expected.toString(), out.toString(StandardCharsets.UTF_8));
    }

    /** As one that was suspended: the agent's loop must not wait for it, and what is old when it is read is left out. */
    @Test
    void whoDoesNotReadHoldsNothingUp() throws Exception {
        Stuck out = new Stuck();
        try (ClientLines lines = new ClientLines(out)) {
            for (int i = 0; i < 10_000; i++) {
                lines.passing(AgentSocket.JSON.createObjectNode().put("reached", i));
            }
            say(lines, 1);
            out.opened.countDown();
        }
        String all = out.toString(StandardCharsets.UTF_8);
        assertTrue(all.endsWith("{\"say\":1}\n"), "what is no news of progress arrives");
        assertTrue(
                all.lines().count() <= ClientLines.FRESH + 2, () -> all.lines().count() + " lines");
    }

    @Test
    void whoIsTooFarBehindGetsNoMore() throws Exception {
        Stuck out = new Stuck();
        try (ClientLines lines = new ClientLines(out)) {
            for (int i = 0; i < ClientLines.MOST_WAITING + 10; i++) {
                say(lines, i);
            }
            out.opened.countDown();
        }
        assertFalse(out.toString(StandardCharsets.UTF_8).contains("\"say\":" + (ClientLines.MOST_WAITING + 9)));
    }

    @Test
    void whoHasGoneIsNoError() throws Exception {
        OutputStream out = new OutputStream() {
            @Override
            public void write(int one) throws IOException {
                throw new IOException("Broken pipe");
            }
        };
        try (ClientLines lines = new ClientLines(out)) {
            for (int i = 0; i < 1000; i++) {
                say(lines, i);
            }
        }
    }
}
