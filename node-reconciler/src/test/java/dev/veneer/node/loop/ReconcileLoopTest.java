package dev.veneer.node.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ReconcileLoopTest {
    /** Wakes the loop while it passes, the first time; ends it at the second. */
    private static final class Passes implements ReconcileLoop.Pass {
        final List<String> triggers = new ArrayList<>();
        final Runnable during;
        final ReconcileLoop loop = new ReconcileLoop(this, Clock.systemUTC());

        Passes(Runnable during) {
            this.during = during;
        }

        @Override
        public Optional<Instant> run(String why) {
            triggers.add(why);
            if (triggers.size() == 1) {
                during.run();
            } else {
                loop.stop();
            }
            return Optional.empty();
        }
    }

    private static List<String> triggers(Consumer<ReconcileLoop> during) throws Exception {
        ReconcileLoop[] loop = new ReconcileLoop[1];
        Passes passes = new Passes(() -> during.accept(loop[0]));
        loop[0] = passes.loop;
        passes.loop.run(() -> {}, () -> {}, Duration.ofSeconds(10));
        return passes.triggers;
    }

    @Test
    void whatWakesItDuringAPassIsPassedOnceMore() throws Exception {
        assertEquals(List.of("start", "files+mounts"), triggers(loop -> {
            loop.wake("mounts");
            loop.wake("files");
            loop.wake("mounts");
        }));
    }

    @Test
    void whatWasAnsweredWakesItNoMoreAndWhatComesAfterDoes() throws Exception {
        assertEquals(List.of("start", "files"), triggers(loop -> {
            loop.wake("files");
            loop.wake("mounts");
            loop.answered("mounts");
        }));
        assertEquals(List.of("start", "mounts"), triggers(loop -> {
            loop.wake("mounts");
            loop.answered("mounts");
            loop.wake("mounts");
        }));
    }
}
