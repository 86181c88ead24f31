package dev.veneer.node.runtime;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.model.ContainerSpec;
import dev.veneer.node.model.ContainerState;
import dev.veneer.node.model.SliverId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Runs slivers as containers. Containers belong to the node and not to this process: they live on when it ends, and
 * another instance of this class on the same store finds them again. Changing methods for one sliver must not overlap
 * (the store's lock sees to that); all others may be called from any thread at any time.
 */
public interface ContainerRuntime {

    /** Whether containers can be run here, tried afresh at each call (it runs a program). */
    RuntimeAvailability availability();

    /**
     * What is wrong with this specification, for people, without touching anything; empty when {@link #start} would
     * accept it.
     */
    List<String> check(ContainerSpec spec);

    /**
     * What a sliver's container does. In the steady state (it runs, or it was stopped) this reads two small files and
     * starts no process; only when the container was rebooted from inside, or a start was cut short, LXC is asked.
     */
    ContainerState state(SliverId sliver) throws NodeException;

    /** Slivers that have a container directory, running or not, in order. */
    List<SliverId> known() throws NodeException;

    /**
     * Starts the container on its mounted rootfs, personalising the instance first when that was not done yet. One that
     * runs already is left as it is. Returns when its init runs.
     */
    void start(ContainerSpec spec) throws NodeException;

    /**
     * Has the container's init asked to halt and, after {@code grace}, all of it killed; nothing happens where none runs.
     *
     * @return whether it is gone; else it is being stopped, and {@link #state} tells when it is gone
     */
    boolean stop(SliverId sliver, Duration grace) throws NodeException;

    /** Forgets a container that does not run: its directory with configuration and logs goes. */
    void remove(SliverId sliver) throws NodeException;

    /**
     * Runs a command in the container with this process's standard streams (and with a terminal of its own there, when
     * ours is one).
     *
     * @param command the program and its arguments; a login shell of root when empty
     * @return the command's exit status; 128 and the signal's number when a signal ended it
     */
    int exec(SliverId sliver, List<String> command) throws NodeException;

    /**
     * Runs a command in the container, as root there, with nothing to read and its output thrown away.
     *
     * @param limit after so long it is given up
     * @return its exit status; 124 when it was given up
     */
    int runInside(SliverId sliver, List<String> command, Duration limit) throws NodeException;

    /**
     * Runs several like that, one after the other. A runtime may do so while everything else goes on; {@link #state} is
     * {@link ContainerState#busy} then, and the same call tells later what they came to.
     *
     * @param limit of each
     * @return their exit statuses, in order; null when they have only begun
     * @throws NodeException also when the container ended meanwhile: then nothing is known of them
     */
    default @Nullable List<Integer> runAllInside(SliverId sliver, List<List<String>> commands, Duration limit)
            throws NodeException {
        List<Integer> exits = new ArrayList<>();
        for (List<String> command : commands) {
            exits.add(runInside(sliver, command, limit));
        }
        return exits;
    }

    /**
     * Holds all processes of the running container still. A mark is durable before, so that, should this process be
     * killed, {@link #thawLeftOvers} of the next one lets them go on.
     */
    void freeze(SliverId sliver) throws NodeException;

    /** Lets the processes of a container go on that {@link #freeze} holds; nothing happens to one that has ended. */
    void thaw(SliverId sliver) throws NodeException;

    /** Lets go on what a killed process held still. Costs nothing when it is known that there is none. */
    void thawLeftOvers() throws NodeException;

    /** How many containers are being stopped. */
    default int stopping() {
        return 0;
    }

    /** When the sliver's container was last asked to stop by this process and has not been started since, or null. */
    default @Nullable Instant downSince(SliverId sliver) {
        return null;
    }

    /** Connects this process's terminal to the container's console until the person leaves it (Ctrl-a q). */
    int console(SliverId sliver) throws NodeException;

    /**
     * What a log holds after a position.
     *
     * @param log which
     * @param after {@link LogPosition#START}, or how far the log was read the last time: asking again and again follows
     *     it, also into the next run of the container
     * @param maxBytes at most so many bytes, of the newest
     */
    LogText logs(SliverId sliver, ContainerLog log, LogPosition after, int maxBytes) throws NodeException;
}
