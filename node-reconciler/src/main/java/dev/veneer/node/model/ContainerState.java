package dev.veneer.node.model;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a sliver's container.
 *
 * @param phase what it does
 * @param initPid the host's process id of its init while it runs, else 0; this process holds the container's mount
 *     namespace
 * @param starts when it was started lately without our having stopped it between, oldest first; the last one is the
 *     present run's (or the one that ended)
 * @param fingerprint {@link ContainerSpec#fingerprint} of what was started last; empty when nothing was
 * @param message for people, why it is not running; may be empty
 * @param busy whether commands run in it that Veneer has begun
 */
public record ContainerState(
        Phase phase, int initPid, List<Instant> starts, String fingerprint, String message, boolean busy) {
    /** What a container does. */
    public enum Phase {
        /** It was never started here. */
        NONE,
        /** It runs. */
        RUNNING,
        /** It runs, was asked to end, and is killed when its grace is over: nothing is done to its sliver meanwhile. */
        STOPPING,
        /** It was stopped by us or by the end of the machine's uptime; starting it again owes no backoff. */
        STOPPED,
        /** It ended by itself or did not start: to be started again when {@link RestartBackoff} says so. */
        CRASHED
    }

    /** Never started. */
    public static final ContainerState NONE = new ContainerState(Phase.NONE, 0, List.of(), "", "");

    /** One in which nothing runs that Veneer has begun. */
    public ContainerState(Phase phase, int initPid, List<Instant> starts, String fingerprint, String message) {
        this(phase, initPid, starts, fingerprint, message, false);
    }

    public ContainerState {
        starts = List.copyOf(starts);
    }

    /** The same with commands in it that Veneer has begun. */
    public ContainerState asBusy() {
        return new ContainerState(phase, initPid, starts, fingerprint, message, true);
    }

    /** Whether it runs, be it on its way to the end. */
    public boolean running() {
        return phase == Phase.RUNNING || phase == Phase.STOPPING;
    }

    /** How often it was started again by itself since we last stopped it. */
    public int restarts() {
        return Math.max(0, starts.size() - 1);
    }

    /** Since when it runs, or when the run that ended began. */
    public @Nullable Instant lastStart() {
        return starts.isEmpty() ? null : starts.get(starts.size() - 1);
    }
}
