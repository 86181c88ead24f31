package dev.veneer.node.kubernetes;

import java.util.concurrent.TimeUnit;

/** So many at once, and then so many in a second. Thread-safe. */
final class RateLimit {
    private final long interval;
    private final long most;
    private long next;

    RateLimit(int burst, double inSecond) {
        this.interval = (long) (1_000_000_000L / inSecond);
        this.most = burst * interval;
        this.next = System.nanoTime() - most;
    }

    /** Takes one; how many nanoseconds it is to be waited with. */
    synchronized long take() {
        long now = System.nanoTime();
        // What was not used counts for later, up to the burst.
        next = Math.max(next, now - most) + interval;
        return Math.max(0, next - now);
    }

    /** Takes one, and waits with it. */
    void await() throws InterruptedException {
        long nanos = take();
        if (nanos > 0) {
            TimeUnit.NANOSECONDS.sleep(nanos);
        }
    }

    /** Takes one if there is one now. */
    synchronized boolean tryTake() {
        long now = System.nanoTime();
        long then = Math.max(next, now - most) + interval;
        if (then - now > 0) {
            return false;
        }
        next = then;
        return true;
    }
}
