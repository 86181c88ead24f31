package dev.veneer.node.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.model.WorkProgress;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class DrawnProgressTest {
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final AtomicLong clock = new AtomicLong();

    private Progress on(String terminals) {
        PrintStream stream = new PrintStream(err, true, StandardCharsets.UTF_8);
        return new DrawnProgress(Terminal.of(stream, stream, terminals, Map.of("COLUMNS", "60")), clock::get);
    }

    private void pass(Duration time) {
        clock.addAndGet(time.toNanos());
    }

    @Test
    void aTerminalHasABarThatGoesAway() {
        Progress progress = on("err");
        progress.begin("importing debian", 1 << 20, Progress.Unit.BYTES);
        pass(Duration.ofMillis(200));
        progress.reached(1 << 19);
        String drawn = err.toString(StandardCharsets.UTF_8);
        assertTrue(
                drawn.startsWith(
                        "\r\u001b[Kimporting debian  [############------------] 512Ki of 1.0Mi".substring(0, 60)),
                drawn);
        progress.end();
        assertTrue(err.toString(StandardCharsets.UTF_8).endsWith("\r\u001b[K"));
    }

    @Test
    void elsewhereALineNowAndThen() {
        Progress progress = on("");
        progress.begin("mounting", 1000, Progress.Unit.THINGS);
        for (int i = 0; i < 1000; i++) {
            pass(Duration.ofMillis(25));
            progress.reached(i + 1);
        }
        progress.end();
        assertEquals("mounting: 400 of 1000\nmounting: 800 of 1000\n", err.toString(StandardCharsets.UTF_8));
    }

    @Test
    void namesCannotDriveTheTerminal() {
        Progress progress = on("err");
        progress.begin("importing \u001b]0;x\u0007", 0, Progress.Unit.THINGS);
        pass(Duration.ofSeconds(1));
        progress.reached(1);
        assertFalse(err.toString(StandardCharsets.UTF_8).contains("\u0007"));
    }

    @Test
    void longWorkHasABarAndItsNumbers() {
        PrintStream stream = new PrintStream(err, true, StandardCharsets.UTF_8);
        Progress progress = new DrawnProgress(Terminal.of(stream, stream, "err", Map.of("COLUMNS", "200")), clock::get);
        WorkProgress half = new WorkProgress(50, 100, 0, 0, Duration.ofSeconds(5));
        pass(Duration.ofMillis(200));
        progress.working("sliver default/web: compacting, writing", half);
        progress.working("sliver default/web: compacting, writing", half);
        assertEquals(
                "\r\u001b[Ksliver default/web: compacting, writing  [############------------] 50 of 100 files, 10 files/s,"
                        + " 5 s left",
                err.toString(StandardCharsets.UTF_8));
        progress.end();
        assertTrue(err.toString(StandardCharsets.UTF_8).endsWith("\r\u001b[K"));
    }

    @Test
    void ofLongWorkWithoutATotalThereIsNoBar() {
        Progress progress = on("err");
        pass(Duration.ofMillis(200));
        progress.working("moving\u001b to v2", new WorkProgress(5, 0, 0, 0, Duration.ofMillis(5)));
        assertEquals("\r\u001b[Kmoving\\x1b to v2  5 files", err.toString(StandardCharsets.UTF_8));
    }

    @Test
    void elsewhereLongWorkIsALineNowAndThen() {
        Progress progress = on("");
        for (int i = 1; i <= 100; i++) {
            pass(Duration.ofMillis(250));
            progress.working("moving to v2", new WorkProgress(i, 100, 0, 0, Duration.ofMillis(250L * i)));
        }
        assertEquals(
                "moving to v2: 40 of 100 files, 4 files/s, 15 s left\nmoving to v2: 80 of 100 files, 4 files/s, 5 s left\n",
                err.toString(StandardCharsets.UTF_8));
    }
}
