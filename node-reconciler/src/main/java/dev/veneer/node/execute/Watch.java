package dev.veneer.node.execute;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.ThreadEnd;
import dev.veneer.node.plan.Rewrite;
import dev.veneer.node.tree.LongWork;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells now and then how far the slivers are that are being rewritten: by a thread of its own, which only reads what the
 * work counts, so that none of it waits for who listens. Closing it ends that.
 */
final class Watch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Watch.class);

    /** Some times a second: as often as an eye can follow. */
    static final Duration PERIOD = Duration.ofMillis(200);

    private record Watched(LongWork work, boolean begun) {}

    private final Run run;
    private final BooleanSupplier stop;
    private final Map<Rewrite, Watched> all = new ConcurrentHashMap<>();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread thread;

    Watch(Run run, BooleanSupplier stop, Duration period) {
        this.run = run;
        this.stop = stop;
        this.thread = new Thread(() -> tell(period), "progress");
        thread.setDaemon(true);
        thread.start();
    }

    /**
     * Does something of a rewriting while it is told of.
     *
     * @param begun whether it is being done, rather than looked at
     */
    <T> T during(Rewrite action, boolean begun, LongWork.Body<T> body) throws LinuxException, NodeException {
        LongWork work = new LongWork(stop);
        all.put(action, new Watched(work, begun));
        try {
            return work.during(body);
        } finally {
            all.remove(action);
        }
    }

    private void tell(Duration period) {
        try {
            while (!ended.await(period.toMillis(), TimeUnit.MILLISECONDS)) {
                tellOnce();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void tellOnce() {
        List<Working> now = new ArrayList<>();
        all.forEach((action, watched) -> now.add(new Working(
                action,
                watched.begun(),
                watched.work().stage(),
                watched.work().reached(),
                watched.work().elapsed(),
                run.now())));
        if (now.isEmpty()) {
            return;
        }
        try {
            run.listener().working(now);
        } catch (RuntimeException e) {
            // Who cannot be told of the work must not keep it from being done.
            LOG.debug("that work goes on cannot be told", e);
        }
    }

    /** Nothing is told afterwards. */
    @Override
    public void close() {
        // Not by an interrupt, which would close the channel or the file that is just being written to.
        ended.countDown();
        ThreadEnd.await(thread);
    }
}
