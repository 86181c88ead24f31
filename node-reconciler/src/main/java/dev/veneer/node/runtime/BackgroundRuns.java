package dev.veneer.node.runtime;

import dev.veneer.api.Reason;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.model.ContainerState;
import dev.veneer.node.model.SliverId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Commands that run in containers while everything else goes on: a few containers at once, the others in the queue. What
 * they came to is kept until it is asked for. Nothing of this is recorded: when this process dies, the next one finds
 * that they are still to be run, and runs them again. Thread-safe.
 */
final class BackgroundRuns implements AutoCloseable {
    private static final int PARALLEL = 4;

    private final ContainerRuntime runtime;
    private final Runnable ended;
    private final ThreadPoolExecutor threads;

    /** Guarded by itself. */
    private final Map<SliverId, Entry> entries = new HashMap<>();

    /** What runs in one container, or has run and was not asked for yet. */
    private static final class Entry {
        final List<List<String>> commands;

        @Nullable
        List<Integer> exits;

        @Nullable
        NodeException failure;

        Entry(List<List<String>> commands) {
            this.commands = commands;
        }

        boolean isOver() {
            return exits != null || failure != null;
        }
    }

    /**
     * Around a runtime.
     *
     * @param ended run each time that a container's commands have ended, well or not
     */
    BackgroundRuns(ContainerRuntime runtime, Runnable ended) {
        this.runtime = runtime;
        this.ended = ended;
        this.threads =
                new ThreadPoolExecutor(PARALLEL, PARALLEL, 1, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), work -> {
                    Thread thread = new Thread(work, "inside");
                    thread.setDaemon(true);
                    return thread;
                });
        threads.allowCoreThreadTimeOut(true);
    }

    /** As {@link ContainerRuntime#runAllInside}. */
    @Nullable
    List<Integer> ask(SliverId sliver, List<List<String>> commands, Duration limit) throws NodeException {
        Entry entry;
        synchronized (entries) {
            Entry before = entries.get(sliver);
            if (before != null && !before.isOver()) {
                return null;
            }
            if (before != null && before.commands.equals(commands)) {
                entries.remove(sliver);
                if (before.failure != null) {
                    throw before.failure;
                }
                return before.exits;
            }
            entry = new Entry(List.copyOf(commands));
            entries.put(sliver, entry);
        }
        threads.execute(() -> run(sliver, entry, limit));
        return null;
    }

    boolean isUnderWay(SliverId sliver) {
        synchronized (entries) {
            Entry entry = entries.get(sliver);
            return entry != null && !entry.isOver();
        }
    }

    /** What runs or has run there says nothing any more: the container ends. */
    void forget(SliverId sliver) {
        synchronized (entries) {
            entries.remove(sliver);
        }
    }

    private void run(SliverId sliver, Entry entry, Duration limit) {
        List<Integer> exits = null;
        NodeException failure = null;
        try {
            exits = exits(sliver, entry, limit);
        } catch (NodeException e) {
            failure = e;
        } catch (RuntimeException e) {
            failure = new NodeException(Reason.Failed, Follow.RETRY, "internal error: " + e, e);
        }
        synchronized (entries) {
            entry.exits = exits;
            entry.failure = failure;
        }
        ended.run();
    }

    private List<Integer> exits(SliverId sliver, Entry entry, Duration limit) throws NodeException {
        int init = init(sliver);
        List<Integer> exits = new ArrayList<>();
        for (List<String> command : entry.commands) {
            if (!isCurrent(sliver, entry)) {
                break;
            }
            exits.add(runtime.runInside(sliver, command, limit));
        }
        if (init == 0 || init(sliver) != init || exits.size() < entry.commands.size()) {
            // What a command came to whose container was taken from it is no word on the command.
            throw new NodeException(
                    Reason.Failed,
                    Follow.RETRY,
                    "the container of " + sliver + " ended while commands ran in it; they are run again when it runs");
        }
        return List.copyOf(exits);
    }

    private int init(SliverId sliver) throws NodeException {
        ContainerState state = runtime.state(sliver);
        return state.running() ? state.initPid() : 0;
    }

    private boolean isCurrent(SliverId sliver, Entry entry) {
        synchronized (entries) {
            return entries.get(sliver) == entry;
        }
    }

    /** Begins nothing more. What runs in containers goes on there for its limit at most, and is run again later. */
    @Override
    public void close() {
        threads.getQueue().clear();
        threads.shutdownNow();
    }
}
