package dev.veneer.node.app;

import dev.veneer.api.Reason;
import dev.veneer.node.desired.FileSource;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.loop.ContainerWatcher;
import dev.veneer.node.loop.FileWatcher;
import dev.veneer.node.loop.MountTableWatcher;
import dev.veneer.node.loop.ReconcileLoop;
import dev.veneer.node.loop.Ticker;
import dev.veneer.node.model.ActualSliver;
import dev.veneer.node.model.ActualState;
import dev.veneer.node.model.DesiredStore;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What wakes the agent's loop. */
final class Triggers implements AutoCloseable {
    /** A file of the source was changed. */
    static final String FILES = "files";

    /** Something of the cluster has changed. */
    static final String CLUSTER = "cluster";

    /** Somebody asked for a look at everything, by a sliver in the cluster. */
    static final String LOOK = "look";

    /** Somebody who may edit what is no tenant's asked for it, and that all that failed is tried again. */
    static final String REQUEST = "request";

    /** Something was mounted or unmounted. */
    static final String MOUNTS = "mounts";

    /** Measuring walks, so it is done seldom, and not while a node that has just started has better things to do. */
    private static final Duration MEASURE = Duration.ofHours(1);

    /** What wakes the loop although nothing happened. */
    static final String TICK = "tick";

    /** What wakes the loop to try the drivers and LXC again. */
    static final String PROBE = "probe";

    private static final Duration FIRST_MEASURE = Duration.ofMinutes(2);

    /** New slivers are measured when what made them is over. */
    private static final Duration NEW_MEASURE = Duration.ofSeconds(2);

    private final Ticker ticker;
    private final FileWatcher files;
    private final MountTableWatcher mounts;
    private final ContainerWatcher containers;

    private final boolean fixed;
    private final Measuring measuring;
    private Duration resync;

    private Triggers(
            Ticker ticker,
            FileWatcher files,
            MountTableWatcher mounts,
            ContainerWatcher containers,
            boolean fixed,
            Duration resync,
            Measuring measuring) {
        this.fixed = fixed;
        this.resync = resync;
        this.measuring = measuring;
        this.ticker = ticker;
        this.files = files;
        this.mounts = mounts;
        this.containers = containers;
    }

    /**
     * Starts them.
     *
     * @param paths the source's paths, which are watched
     * @param resync how often to look at everything although nothing happened, or null for what the NodeStore says
     */
    static Triggers start(
            LinuxCalls calls, List<String> paths, @Nullable Duration resync, ReconcileLoop loop, Measuring measuring)
            throws NodeException {
        List<String> watched = new ArrayList<>();
        for (String path : paths) {
            if (!path.equals(FileSource.STANDARD_INPUT)) {
                watched.add(Path.of(path).toAbsolutePath().normalize().toString());
            }
        }
        Duration every = resync == null ? DesiredStore.defaults("").resync() : resync;
        try {
            Ticker ticker = new Ticker();
            ticker.every("resync", every, every, () -> loop.wake(TICK));
            // What was made since the start was measured then.
            ticker.once("measure-first", FIRST_MEASURE, () -> {
                measuring.runNew();
                loop.wake(PROBE);
            });
            ticker.every("measure", MEASURE, MEASURE, () -> {
                measuring.run();
                loop.wake(PROBE);
            });
            return new Triggers(
                    ticker,
                    new FileWatcher(calls, watched, () -> loop.wake(FILES)),
                    new MountTableWatcher(calls, () -> loop.wake(MOUNTS)),
                    new ContainerWatcher(calls, () -> loop.wake("container")),
                    resync != null,
                    every,
                    measuring);
        } catch (LinuxException e) {
            throw new NodeException(
                    Reason.Failed, Follow.STALLED, "what wakes the agent cannot be watched: " + e.getMessage(), e);
        }
    }

    /** Compares everything at the distance that the NodeStore in force says, unless the command said another. */
    void resync(Duration declared) throws NodeException {
        if (!fixed && !declared.equals(resync)) {
            ticker.change("resync", declared);
            resync = declared;
        }
    }

    /** Has what was made just now measured soon. */
    void measureNew() throws NodeException {
        ticker.once("measure-new", NEW_MEASURE, measuring::runNew);
    }

    /** Watches the containers that run now. */
    void follow(ActualState actual) {
        List<Integer> running = new ArrayList<>();
        for (ActualSliver sliver : actual.slivers().values()) {
            if (sliver.container().running()) {
                running.add(sliver.container().initPid());
            }
        }
        containers.follow(running);
    }

    @Override
    public void close() {
        ticker.close();
        files.close();
        mounts.close();
        containers.close();
    }
}
