package dev.veneer.node.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RestartBackoffTest {
    private static final Instant T = Instant.parse("2026-01-01T00:00:00Z");

    private static Instant at(long seconds) {
        return T.plusSeconds(seconds);
    }

    @Test
    void neverStartedIsStartedAtOnce() {
        assertEquals(T, RestartBackoff.next(List.of(), T));
    }

    @Test
    void distanceDoublesUpToTheLongest() {
        List<Instant> starts = new ArrayList<>();
        Instant now = T;
        long[] seconds = {1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300};
        for (long expected : seconds) {
            starts.add(now);
            assertEquals(now.plusSeconds(expected), RestartBackoff.next(starts, now));
            now = now.plusSeconds(expected);
        }
    }

    @Test
    void oneThatRanLongerThanTheDistanceIsStartedAtOnce() {
        assertEquals(at(5), RestartBackoff.next(List.of(at(0), at(1)), at(5)));
    }

    @Test
    void oneThatSettledHasItsHistoryForgotten() {
        List<Instant> many = List.of(at(0), at(1), at(3), at(7), at(15), at(615));
        assertEquals(at(616), RestartBackoff.next(many, at(615)));
        assertEquals(List.of(at(700)), RestartBackoff.remember(List.of(at(0), at(1)), at(700)));
        assertEquals(List.of(at(0), at(1), at(3)), RestartBackoff.remember(List.of(at(0), at(1)), at(3)));
    }

    @Test
    void clockSetBackDelaysByTheLongestAtMost() {
        assertEquals(T.plus(RestartBackoff.LONGEST), RestartBackoff.next(List.of(at(1_000_000)), T));
    }

    @Test
    void historyIsBoundedWhateverHappens() {
        Random random = new Random(7);
        List<Instant> starts = List.of();
        Instant now = T;
        for (int i = 0; i < 10_000; i++) {
            now = now.plusSeconds(random.nextInt(1200) - 100);
            Instant next = RestartBackoff.next(starts, now);
            assertFalse(next.isBefore(now));
            assertTrue(Duration.between(now, next).compareTo(RestartBackoff.LONGEST) <= 0);
            starts = RestartBackoff.remember(starts, next);
            assertTrue(starts.size() <= RestartBackoff.REMEMBERED);
            assertEquals(next, starts.get(starts.size() - 1));
        }
    }
}
