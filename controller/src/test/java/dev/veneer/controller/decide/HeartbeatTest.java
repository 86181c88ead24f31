package dev.veneer.controller.decide;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class HeartbeatTest {
    private static final long SECOND = 1_000_000_000L;

    @Test
    void itExpiresWhenNothingChangesForAsLongAsItLasts() {
        Heartbeat first = Heartbeat.after(null, "a", 90, Heartbeat.LEAST, 0);
        Heartbeat same = Heartbeat.after(first, "a", 90, Heartbeat.LEAST, 80 * SECOND);
        assertFalse(same.expired(89 * SECOND));
        assertTrue(same.expired(90 * SECOND));
        assertEquals(Duration.ofSeconds(1), same.left(89 * SECOND));
        Heartbeat renewed = Heartbeat.after(same, "b", 90, Heartbeat.LEAST, 91 * SECOND);
        assertFalse(renewed.expired(180 * SECOND));
    }

    /** An agent that ends lets its Lease go, for another to take it at once. */
    @Test
    void anAgentThatIsReplacedIsGivenAMinute() {
        Heartbeat released = Heartbeat.after(null, "a", 1, Heartbeat.LEAST, 0);
        assertFalse(released.expired(59 * SECOND));
        assertTrue(released.expired(60 * SECOND));
    }

    @Test
    void whatALeaseSaysIsBounded() {
        assertTrue(Heartbeat.after(null, "a", Integer.MAX_VALUE, Heartbeat.LEAST, 0)
                .expired(3600 * SECOND));
        assertFalse(Heartbeat.after(null, "a", -5, Heartbeat.LEAST, 0).expired(59 * SECOND));
        assertFalse(Heartbeat.after(null, "a", null, Heartbeat.LEAST, 0).expired(59 * SECOND));
        assertTrue(Heartbeat.after(null, null, null, Heartbeat.LEAST, 0).expired(60 * SECOND));
    }

    /** The clock of this process counts from anywhere, also across the end of the numbers. */
    @Test
    void theClockMayOverflow() {
        Heartbeat heartbeat = Heartbeat.after(null, "a", 60, Heartbeat.LEAST, Long.MAX_VALUE - SECOND);
        assertFalse(heartbeat.expired(Long.MAX_VALUE + 10 * SECOND));
        assertTrue(heartbeat.expired(Long.MAX_VALUE + 60 * SECOND));
    }

    @Test
    void aWriteThatOnlyCountsWaits() {
        assertEquals(Duration.ZERO, Pace.wait(true, 0, 1, Pace.COUNTS));
        assertEquals(Duration.ofSeconds(7), Pace.wait(false, 0, 3 * SECOND, Pace.COUNTS));
        assertEquals(Duration.ZERO, Pace.wait(false, 0, 11 * SECOND, Pace.COUNTS));
    }

    private static Heartbeat heartbeat(String renewed) {
        return Heartbeat.after(null, renewed, 60, Heartbeat.LEAST, 0);
    }

    private static Duration wait(LostMark before, String renewed, long now) {
        return LostMark.wait(before, heartbeat(renewed), Heartbeat.LEAST, now);
    }

    /** It is said again and taken back again, and nothing is seen of the Lease. */
    @Test
    void whatIsContradictedIsSaidEverMoreSeldom() {
        assertEquals(Duration.ZERO, wait(null, null, 0));
        LostMark first = LostMark.after(null, heartbeat(null), 0);
        assertFalse(first.isTakenBack());
        assertEquals(Duration.ofSeconds(59), wait(first, null, SECOND));
        assertEquals(Duration.ZERO, wait(first, null, 61 * SECOND));
        LostMark second = LostMark.after(first, heartbeat(null), 61 * SECOND);
        assertTrue(second.isTakenBack());
        assertEquals(Duration.ofMinutes(2), wait(second, null, 61 * SECOND));
        LostMark many = second;
        for (int i = 0; i < 100; i++) {
            many = LostMark.after(many, heartbeat(null), 0);
        }
        assertEquals(Duration.ofHours(1), wait(many, null, 0));
    }

    /** Whoever renews its Lease once and is silent again is lost anew. */
    @Test
    void aLeaseThatWasRenewedBeginsAnew() {
        LostMark mark = LostMark.after(LostMark.after(null, heartbeat("a"), 0), heartbeat("a"), 0);
        assertEquals(Duration.ZERO, wait(mark, "b", 1));
        assertFalse(LostMark.after(mark, heartbeat("b"), 1).isTakenBack());
    }
}
