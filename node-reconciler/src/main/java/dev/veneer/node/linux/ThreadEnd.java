package dev.veneer.node.linux;

import java.util.List;

/** Waits for threads to end that use descriptors, or half-made things, of whoever waits. */
public final class ThreadEnd {
    private ThreadEnd() {}

    /** Waits for one. */
    public static void await(Thread thread) {
        await(List.of(thread));
    }

    /**
     * Waits for all of them, also when this thread is interrupted meanwhile: what they use must not be closed, or left
     * half-made, under them. It is interrupted still afterwards.
     */
    public static void await(List<Thread> threads) {
        boolean interrupted = false;
        for (Thread thread : threads) {
            while (thread.isAlive()) {
                try {
                    thread.join();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
