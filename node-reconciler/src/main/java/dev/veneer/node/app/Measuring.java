package dev.veneer.node.app;

import dev.veneer.api.v1alpha1.SliverUsage;
import dev.veneer.node.driver.StorageDriver;
import dev.veneer.node.driver.Usage;
import dev.veneer.node.execute.CompactionEstimate;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.failure.StopRequested;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.loop.ReconcileLoop;
import dev.veneer.node.model.SliverRecord;
import dev.veneer.node.store.StoredSliver;
import dev.veneer.node.tree.LongWork;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Measures what each sliver takes, one after the other; never in a pass. */
final class Measuring implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(Measuring.class);

    private final NodeParts node;
    private final ReconcileLoop loop;

    Measuring(NodeParts node, ReconcileLoop loop) {
        this.node = node;
        this.loop = loop;
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
            for (StoredSliver stored : node.store().scan().slivers().values()) {
                if (loop.isStopped()) {
                    return;
                }
                if (!stored.record().dataDeleted()
                        && (!onlyNew || node.usage().of(stored.record().id()) == null)) {
                    measure(stored.record());
                }
            }
            loop.wake("measured");
        } catch (NodeException e) {
            LOG.warn("slivers cannot be measured: {}", e.getMessage());
        }
    }

    private void measure(SliverRecord record) {
        try {
            new LongWork(loop::isStopped).during(() -> {
                measure(node, record, true);
                return true;
            });
        } catch (StopRequested e) {
            LOG.debug("sliver {} is not measured: {}", record.id(), e.getMessage());
        } catch (LinuxException | NodeException e) {
            // Its owner moved directories about, or it has just gone: the next time will tell.
            LOG.debug("sliver {} cannot be measured: {}", record.id(), e.getMessage());
        }
    }

    /**
     * Measures one sliver now.
     *
     * @param estimating whether to look also for what a compaction would give back, which takes longer
     */
    static void measure(NodeParts node, SliverRecord record, boolean estimating) throws LinuxException, NodeException {
        StorageDriver driver = node.expected().driver(record);
        Usage usage = driver.usage(
                node.expected().store(record, record.revision()),
                node.expected().base(record, driver));
        Long reclaimable = estimating ? reclaimable(node, record, usage) : null;
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
