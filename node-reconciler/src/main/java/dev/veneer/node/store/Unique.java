package dev.veneer.node.store;

import java.util.concurrent.atomic.AtomicLong;

/** Parts of names that no other run of this program uses, without waiting for the system's entropy. */
final class Unique {
    private static final String RUN = Long.toString(System.currentTimeMillis(), 36) + "-"
            + Long.toString(ProcessHandle.current().pid(), 36) + "-";
    private static final AtomicLong COUNT = new AtomicLong();

    private Unique() {}

    static String next() {
        return RUN + Long.toString(COUNT.incrementAndGet(), 36);
    }
}
