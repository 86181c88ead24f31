package dev.veneer.node.execute;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.veneer.node.model.SliverId;
import dev.veneer.node.plan.Rewrite;
import dev.veneer.node.testkit.RecordBuilder;
import dev.veneer.node.testkit.SetClock;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LooksTest {
    private static final Clock NOW = Clock.fixed(Instant.EPOCH, ZoneOffset.UTC);

    private final List<String> closed = new ArrayList<>();

    private Foresight foresight(String name) {
        return new Foresight() {
            @Override
            public void close() {
                closed.add(name);
            }
        };
    }

    private static Rewrite compact(String sliver, int revision) {
        return compact(sliver, revision, Instant.EPOCH);
    }

    private static Rewrite compact(String sliver, int revision, Instant planned) {
        return new Rewrite.Compact(
                RecordBuilder.of(new SliverId("default", sliver))
                        .revision(revision)
                        .retainedAt(planned)
                        .build(),
                revision - 1,
                List.of(),
                false,
                "test");
    }

    @Test
    void whatIsKeptIsTakenOnceAndIsThenTheirs() {
        Foresight foresight = foresight("a");
        try (Looks looks = new Looks(NOW)) {
            looks.keep(compact("a", 2), foresight);
            Looks.Look look = looks.take(compact("a", 2));
            assertNotNull(look);
            assertSame(foresight, look.foresight());
            assertNull(looks.take(compact("a", 2)));
            looks.keep(compact("b", 2), null);
            assertNotNull(looks.take(compact("b", 2)), "that it was looked at counts too");
        }
        assertEquals(List.of(), closed);
    }

    /** The record of a compaction says when that was. */
    @Test
    void theSamePlannedAMomentLaterIsTheSame() {
        try (Looks looks = new Looks(NOW)) {
            looks.keep(compact("a", 2), null);
            assertNotNull(looks.take(compact("a", 2, Instant.EPOCH.plusMillis(300))));
        }
    }

    @Test
    void anotherRewriteOfTheSliverIsAnotherMatter() {
        try (Looks looks = new Looks(NOW)) {
            looks.keep(compact("a", 2), foresight("a"));
            looks.keep(compact("b", 2), foresight("b"));
            assertNull(looks.take(compact("a", 3)));
            assertEquals(List.of("a"), closed);
            looks.keep(compact("b", 3), null);
            assertEquals(List.of("a", "b"), closed);
            looks.keep(compact("c", 2), foresight("c"));
        }
        assertEquals(List.of("a", "b", "c"), closed);
    }

    /** Whatever became of its sliver. */
    @Test
    void noneIsKeptForEver() {
        SetClock clock = new SetClock();
        try (Looks looks = new Looks(clock)) {
            looks.keep(compact("a", 2), foresight("a"));
            clock.advance(Duration.ofMinutes(9));
            looks.keep(compact("b", 2), null);
            assertEquals(List.of(), closed);
            clock.advance(Duration.ofMinutes(2));
            looks.keep(compact("c", 2), null);
            assertEquals(List.of("a"), closed);
            assertNull(looks.take(compact("a", 2)));
            assertNotNull(looks.take(compact("b", 2)));
            looks.keep(compact("d", 2), foresight("d"));
            clock.advance(Duration.ofMinutes(11));
            assertNull(looks.take(compact("d", 2)), "though nothing was kept since");
            assertEquals(List.of("a", "d"), closed);
        }
    }
}
