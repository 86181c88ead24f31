package dev.veneer.node.model;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a sliver's container without asking any process.
 *
 * @param running whether its init lives
 * @param pid process id of its init in the host's namespace, 0 when it does not run
 * @param configHash hash of the configuration that it was started with, empty when it never was
 * @param restarts how often it was started again after it had ended by itself
 * @param startedAt when it was started last, or null
 * @param retryAt when it may be started again after it ended by itself, or null for now
 * @param why how it ended, for people; empty when it runs or never did
 */
public record ContainerFacts(
        boolean running,
        int pid,
        String configHash,
        int restarts,
        @Nullable Instant startedAt,
        @Nullable Instant retryAt,
        String why) {
    /** There is no container, and there was none. */
    public static final ContainerFacts NONE = new ContainerFacts(false, 0, "", 0, null, null, "");
}
