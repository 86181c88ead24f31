package dev.veneer.node.app;

import dev.veneer.api.v1alpha1.SliverUsage;
import dev.veneer.node.driver.StorageDriver;
import dev.veneer.node.driver.Usage;
import dev.veneer.node.execute.CompactionEstimate;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.failure.StopRequested;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.loop.ReconcileLoop;
import dev.veneer.node.metrics.Metrics;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.model.SliverRecord;
import dev.veneer.node.store.StoredSliver;
import dev.veneer.node.tree.LongWork;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Measures what each sliver takes, one after the other; never in a pass. */
final class Measuring implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(Measuring.class);

    private final NodeParts node;
    private final ReconcileLoop loop;
    private final Metrics metrics;

    /** What was measured here, which is everything: who asks for a sliver has its usage alone measured. */
    private final Map<SliverId, SliverUsage> whole = new HashMap<>();

    Measuring(NodeParts node, ReconcileLoop loop, Metrics metrics) {
        this.node = node;
        this.loop = loop;
        this.metrics = metrics;
    }

    @Override
    public void run() {
        run(false);
    }

    /** Measures those that were not measured yet, soon after they were made. */
    void runNew() {
        run(true);
    }

    private synchronized void run(boolean onlyNew) {
        try {
            Map<SliverId, StoredSliver> slivers = node.store().scan().slivers();
            whole.keySet().retainAll(slivers.keySet());
            for (StoredSliver stored : slivers.values()) {
                if (loop.isStopped()) {
                    return;
                }
                if (!stored.record().dataDeleted()
                        && (!onlyNew || isNew(stored.record().id()))) {
                    measure(stored.record());
                }
            }
            loop.wake("measured");
        } catch (NodeException e) {
            LOG.warn("slivers cannot be measured: {}", e.getMessage());
        }
    }

    private boolean isNew(SliverId id) {
        SliverUsage known = node.usage().of(id);
        return known == null || !known.equals(whole.get(id));
    }

    private void measure(SliverRecord record) {
        try {
            new LongWork(loop::isStopped).during(() -> {
                all(node, record, metrics);
                return true;
            });
            SliverUsage measured = node.usage().of(record.id());
            if (measured != null) {
                whole.put(record.id(), measured);
            }
        } catch (StopRequested e) {
            LOG.debug("sliver {} is not measured: {}", record.id(), e.getMessage());
        } catch (LinuxException | NodeException e) {
            // Its owner moved directories about, or it has just gone: the next time will tell.
            LOG.debug("sliver {} cannot be measured: {}", record.id(), e.getMessage());
        }
    }

    /** Measures now what one sliver takes, and what a compaction would give back. */
    static void all(NodeParts node, SliverRecord record, Metrics metrics) throws LinuxException, NodeException {
        long begun = System.nanoTime();
        Usage usage = measured(node, record);
        long then = System.nanoTime();
        metrics.measured("usage", Duration.ofNanos(then - begun));
        Long reclaimable = reclaimable(node, record, usage);
        metrics.measured("reclaimable", Duration.ofNanos(System.nanoTime() - then));
        put(node, record, usage, reclaimable);
    }

    /** Measures now what one sliver takes, without what a compaction would give back, which takes longer. */
    static void usage(NodeParts node, SliverRecord record) throws LinuxException, NodeException {
        put(node, record, measured(node, record), null);
    }

    private static Usage measured(NodeParts node, SliverRecord record) throws LinuxException, NodeException {
        StorageDriver driver = node.expected().driver(record);
        return driver.usage(
                node.expected().store(record, record.revision()),
                node.expected().base(record, driver));
    }

    private static void put(NodeParts node, SliverRecord record, Usage usage, @Nullable Long reclaimable) {
        node.usage()
                .put(
                        record.id(),
                        new SliverUsage(
                                usage.exclusiveBytes(),
                                usage.sharedBytes(),
                                reclaimable,
                                usage.inodes(),
                                Instant.now().truncatedTo(ChronoUnit.SECONDS).toString()));
    }

    /** What a compaction would give back, or null when that cannot be told. */
    private static @Nullable Long reclaimable(NodeParts node, SliverRecord record, Usage usage) {
        try {
            return CompactionEstimate.of(node.calls(), node.store().layout(), node.bases(), node.mounts(), record)
                    .reclaimableBytes(usage);
        } catch (NodeException e) {
            LOG.debug("{}", e.getMessage());
            return null;
        }
    }
}
