package dev.veneer.controller.decide;

import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * That an object was said to be of a lost node. An agent that reports and does not renew its Lease takes it back each time, so
 * that saying it again at once would never end: as long as nothing is seen of the Lease, each time is twice as far from the one
 * before.
 *
 * @param renewed what the node's Lease said of its last renewal then; null when there was none
 * @param times how often in a row it was said since anything was seen of the Lease, from 1
 * @param nanos when it was said last
 */
public record LostMark(@Nullable String renewed, int times, long nanos) {
    private static final Duration LONGEST = Duration.ofHours(1);
    private static final int DOUBLINGS = 16;

    /**
     * It is said now.
     *
     * @param before when it was said before, or null
     */
    public static LostMark after(@Nullable LostMark before, Heartbeat heartbeat, long nowNanos) {
        boolean again = before != null && Objects.equals(before.renewed, heartbeat.renewed());
        return new LostMark(heartbeat.renewed(), again && before != null ? before.times + 1 : 1, nowNanos);
    }

    /**
     * How long saying it has to wait; zero when it may be said now.
     *
     * @param before when it was said before, or null
     * @param least the first distance
     */
    public static Duration wait(@Nullable LostMark before, Heartbeat heartbeat, Duration least, long nowNanos) {
        if (before == null || !Objects.equals(before.renewed, heartbeat.renewed())) {
            return Duration.ZERO;
        }
        Duration apart = least.multipliedBy(1L << Math.min(before.times - 1, DOUBLINGS));
        Duration left = (apart.compareTo(LONGEST) > 0 ? LONGEST : apart).minusNanos(nowNanos - before.nanos);
        return left.isNegative() ? Duration.ZERO : left;
    }

    /** Whether the agent is there after all, and only its Lease is not renewed. */
    public boolean isTakenBack() {
        return times > 1;
    }
}
