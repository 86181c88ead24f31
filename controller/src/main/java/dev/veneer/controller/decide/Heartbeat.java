package dev.veneer.controller.decide;

import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A Lease as this process has seen it change. Times are this process's own, of a clock that never jumps: what a node writes
 * into its Lease is only compared with what it wrote before, so that a wrong clock there makes nothing of it.
 *
 * @param renewed what the Lease says of its last renewal; null when there is none
 * @param lasts how long it says that it lasts
 * @param seenNanos when that was first seen
 */
public record Heartbeat(@Nullable String renewed, Duration lasts, long seenNanos) {
    /**
     * The least time that is given where nothing else is said, also to an agent that has let its Lease go: one that is started again or replaced is no
     * news.
     */
    public static final Duration LEAST = Duration.ofSeconds(60);

    private static final Duration LONGEST = Duration.ofHours(1);

    /**
     * What is known after a look.
     *
     * @param before what was known before
     * @param renewed what the Lease says of its last renewal; null when there is none
     * @param seconds how long it says that it lasts
     * @param least the least time that is given
     * @param nowNanos when it was looked at
     */
    public static Heartbeat after(
            @Nullable Heartbeat before,
            @Nullable String renewed,
            @Nullable Integer seconds,
            Duration least,
            long nowNanos) {
        Duration lasts = least;
        if (renewed != null && seconds != null) {
            lasts = Duration.ofSeconds(Math.max(least.toSeconds(), Math.min(seconds, LONGEST.toSeconds())));
        }
        if (before != null && Objects.equals(before.renewed, renewed)) {
            return new Heartbeat(renewed, lasts, before.seenNanos);
        }
        return new Heartbeat(renewed, lasts, nowNanos);
    }

    /** How long it lasts yet; zero or less when it has expired. */
    public Duration left(long nowNanos) {
        return lasts.minusNanos(nowNanos - seenNanos);
    }

    /** Whether it has expired. */
    public boolean expired(long nowNanos) {
        return left(nowNanos).compareTo(Duration.ZERO) <= 0;
    }
}
