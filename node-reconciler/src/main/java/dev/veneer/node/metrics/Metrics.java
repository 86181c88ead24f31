package dev.veneer.node.metrics;

import java.time.Duration;
import java.util.Map;

/** What the agent tells of its work. Methods are cheap, never fail, and may be called from any thread. */
public interface Metrics {
    /**
     * A pass is over.
     *
     * @param trigger what woke it: {@code start}, {@code files}, {@code mounts}, {@code tick}, {@code retry}, {@code
     *     command}
     * @param took from observing to reported
     * @param actions how many actions it executed
     * @param failed how many of them failed
     */
    void pass(String trigger, Duration took, int actions, int failed);

    /**
     * An action was executed.
     *
     * @param action its sort, as the log names it
     * @param took how long
     * @param failed whether it failed
     */
    void action(String action, Duration took, boolean failed);

    /**
     * A new revision did not look as it must, and was not taken into use: a fault of Veneer.
     *
     * @param action what made it, as the log names it: {@code Compact} or {@code Rebase}
     */
    void verifyFailed(String action);

    /**
     * A sliver was measured, beside the passes.
     *
     * @param what {@code usage}: what it takes; {@code reclaimable}: what a compaction would give back
     * @param took how long
     */
    void measured(String what, Duration took);

    /**
     * How many objects there are.
     *
     * @param kind {@code Sliver}, {@code BaseImage} or {@code NodeStore}
     * @param byReason how many have each reason in their condition {@code Ready}
     */
    void objects(String kind, Map<String, Integer> byReason);

    /** The space of the store's file system, in bytes. */
    void store(long free, long size);

    /** Whether a source of desired state is held, so that nothing is deleted for it. */
    void held(boolean held);

    /** Counts nothing: for commands, and for an agent without a metrics address. */
    static Metrics none() {
        return new Metrics() {
            @Override
            public void pass(String trigger, Duration took, int actions, int failed) {}

            @Override
            public void action(String action, Duration took, boolean failed) {}

            @Override
            public void verifyFailed(String action) {}

            @Override
            public void measured(String what, Duration took) {}

            @Override
            public void objects(String kind, Map<String, Integer> byReason) {}

            @Override
            public void store(long free, long size) {}

            @Override
            public void held(boolean held) {}
        };
    }
}
