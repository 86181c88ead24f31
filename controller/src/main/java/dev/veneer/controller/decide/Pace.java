package dev.veneer.controller.decide;

import java.time.Duration;

/** How soon after a write of an object the next one may be. */
public final class Pace {
    /** Between two writes that only count, where nothing else is said. */
    public static final Duration COUNTS = Duration.ofSeconds(10);

    private Pace() {}

    /**
     * How long a write has to wait; zero when it may be now.
     *
     * @param news whether it says more than numbers
     * @param lastNanos when the object was written last
     * @param nowNanos the time, of the same clock
     * @param apart how far apart two writes are that only count
     */
    public static Duration wait(boolean news, long lastNanos, long nowNanos, Duration apart) {
        if (news) {
            return Duration.ZERO;
        }
        Duration left = apart.minusNanos(nowNanos - lastNanos);
        return left.isNegative() ? Duration.ZERO : left;
    }
}
