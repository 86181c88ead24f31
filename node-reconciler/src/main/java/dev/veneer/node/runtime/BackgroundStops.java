package dev.veneer.node.runtime;

import dev.veneer.api.Reason;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.model.ContainerSpec;
import dev.veneer.node.model.ContainerState;
import dev.veneer.node.model.SliverId;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A runtime whose {@link #stop} and {@link #runAllInside} only begin. The container gets its grace while everything else
 * goes on, and its state is {@link ContainerState.Phase#STOPPING} meanwhile, for which the planner leaves the sliver
 * alone. Nothing of this is recorded: when this process dies, the next one finds a container that runs or does not, and
 * plans from that.
 *
 * <p>Waiting costs little, so many containers are stopped at once; further ones are in the queue.
 */
public final class BackgroundStops implements ContainerRuntime, AutoCloseable {
    private static final int PARALLEL = 16;

    private final ContainerRuntime runtime;
    private final Clock clock;
    private final ThreadPoolExecutor threads;
    private final BackgroundRuns runs;

    /** Guarded by itself, which is notified whenever a stop ends. */
    private final Map<SliverId, Stop> stops = new HashMap<>();

    /** When each was asked to stop that has not been started since; guarded by {@link #stops}. */
    private final Map<SliverId, Instant> asked = new HashMap<>();

    private volatile Runnable ended = () -> {};

    /** One that is under way, or that failed and has not been told yet. */
    private record Stop(Instant killedAt, @Nullable NodeException failure) {}

    /**
     * Around a runtime that stops by waiting.
     *
     * @param runtime does all the work
     */
    public BackgroundStops(ContainerRuntime runtime, Clock clock) {
        this.runtime = runtime;
        this.clock = clock;
        this.threads =
                new ThreadPoolExecutor(PARALLEL, PARALLEL, 1, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), work -> {
                    Thread thread = new Thread(work, "stop");
                    thread.setDaemon(true);
                    return thread;
                });
        threads.allowCoreThreadTimeOut(true);
        this.runs = new BackgroundRuns(runtime, this::tellEnd);
    }

    private void tellEnd() {
        synchronized (stops) {
            stops.notifyAll();
        }
        ended.run();
    }

    /** Has something told each time that a stop, or what runs inside, has ended, well or not. */
    public void whenEnded(Runnable told) {
        ended = told;
    }

    /**
     * Waits until one of these containers is no longer being stopped, or nothing runs in it any more.
     *
     * @return false when that is so of all
     */
    public boolean awaitOne(Collection<SliverId> slivers) throws InterruptedException {
        synchronized (stops) {
            if (slivers.stream().noneMatch(this::isAwaited)) {
                return false;
            }
            while (slivers.stream().allMatch(this::isAwaited)) {
                stops.wait();
            }
            return true;
        }
    }

    private boolean isAwaited(SliverId sliver) {
        return isUnderWay(sliver) || runs.isUnderWay(sliver);
    }

    private boolean isUnderWay(SliverId sliver) {
        synchronized (stops) {
            Stop stop = stops.get(sliver);
            return stop != null && stop.failure() == null;
        }
    }

    /**
     * Begins to stop a container. Why an earlier try failed is thrown by the next call, so that it is known before the
     * next try is made.
     *
     * @return false: {@link #state} tells when it is gone
     */
    @Override
    public boolean stop(SliverId sliver, Duration grace) throws NodeException {
        synchronized (stops) {
            if (isUnderWay(sliver)) {
                return false;
            }
            Stop before = stops.remove(sliver);
            if (before != null && before.failure() != null) {
                throw before.failure();
            }
            Instant now = clock.instant();
            runs.forget(sliver);
            asked.put(sliver, now);
            stops.put(sliver, new Stop(now.plus(grace), null));
        }
        threads.execute(() -> run(sliver, grace));
        return false;
    }

    private void run(SliverId sliver, Duration grace) {
        NodeException failure = null;
        try {
            runtime.stop(sliver, grace);
        } catch (NodeException e) {
            failure = e;
        } catch (RuntimeException e) {
            failure = new NodeException(Reason.Failed, Follow.RETRY, "internal error: " + e, e);
        }
        synchronized (stops) {
            if (failure == null) {
                stops.remove(sliver);
            } else {
                stops.put(sliver, new Stop(clock.instant(), failure));
            }
        }
        tellEnd();
    }

    @Override
    public ContainerState state(SliverId sliver) throws NodeException {
        Stop stop;
        synchronized (stops) {
            stop = stops.get(sliver);
        }
        ContainerState state = runtime.state(sliver);
        if (stop == null || stop.failure() != null) {
            return runs.isUnderWay(sliver) ? state.asBusy() : state;
        }
        return new ContainerState(
                ContainerState.Phase.STOPPING,
                state.initPid(),
                state.starts(),
                state.fingerprint(),
                "its container was asked to end; what is left of it is killed at "
                        + stop.killedAt().truncatedTo(ChronoUnit.SECONDS));
    }

    @Override
    public void start(ContainerSpec spec) throws NodeException {
        requireNotStopping(spec.sliver());
        runs.forget(spec.sliver());
        runtime.start(spec);
        synchronized (stops) {
            asked.remove(spec.sliver());
        }
    }

    @Override
    public void remove(SliverId sliver) throws NodeException {
        requireNotStopping(sliver);
        runs.forget(sliver);
        runtime.remove(sliver);
        synchronized (stops) {
            asked.remove(sliver);
        }
    }

    private void requireNotStopping(SliverId sliver) throws NodeException {
        if (isUnderWay(sliver)) {
            throw new NodeException(Reason.InUse, Follow.WAIT, "the container of " + sliver + " is being stopped");
        }
    }

    @Override
    public RuntimeAvailability availability() {
        return runtime.availability();
    }

    @Override
    public List<String> check(ContainerSpec spec) {
        return runtime.check(spec);
    }

    @Override
    public List<SliverId> known() throws NodeException {
        return runtime.known();
    }

    @Override
    public int exec(SliverId sliver, List<String> command) throws NodeException {
        return runtime.exec(sliver, command);
    }

    @Override
    public int runInside(SliverId sliver, List<String> command, Duration limit) throws NodeException {
        return runtime.runInside(sliver, command, limit);
    }

    @Override
    public @Nullable List<Integer> runAllInside(SliverId sliver, List<List<String>> commands, Duration limit)
            throws NodeException {
        requireNotStopping(sliver);
        return runs.ask(sliver, commands, limit);
    }

    @Override
    public void freeze(SliverId sliver) throws NodeException {
        requireNotStopping(sliver);
        runtime.freeze(sliver);
    }

    @Override
    public void thaw(SliverId sliver) throws NodeException {
        runtime.thaw(sliver);
    }

    @Override
    public void thawLeftOvers() throws NodeException {
        runtime.thawLeftOvers();
    }

    @Override
    public int stopping() {
        synchronized (stops) {
            return (int) stops.keySet().stream().filter(this::isUnderWay).count();
        }
    }

    @Override
    public @Nullable Instant downSince(SliverId sliver) {
        synchronized (stops) {
            return asked.get(sliver);
        }
    }

    @Override
    public int console(SliverId sliver) throws NodeException {
        return runtime.console(sliver);
    }

    @Override
    public LogText logs(SliverId sliver, ContainerLog log, LogPosition after, int maxBytes) throws NodeException {
        return runtime.logs(sliver, log, after, maxBytes);
    }

    /** Lets the stops that have begun come to their end, since each is a step at hand, and begins none of the queue. */
    @Override
    public void close() {
        runs.close();
        threads.getQueue().clear();
        threads.shutdown();
        boolean interrupted = false;
        while (!threads.isTerminated()) {
            try {
                threads.awaitTermination(1, TimeUnit.MINUTES);
            } catch (InterruptedException e) {
                // Its record is written when the container is gone; leaving now would leave it wrong.
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
