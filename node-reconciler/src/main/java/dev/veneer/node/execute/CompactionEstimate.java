package dev.veneer.node.execute;

import dev.veneer.api.Reason;
import dev.veneer.node.driver.BaseTree;
import dev.veneer.node.driver.SnapshotPower;
import dev.veneer.node.driver.StorageDriver;
import dev.veneer.node.driver.Usage;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.Fd;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.model.DeclaredSpecs;
import dev.veneer.node.model.SliverRecord;
import dev.veneer.node.observe.ExpectedMounts;
import dev.veneer.node.store.StoreLayout;
import dev.veneer.node.tree.SafeOpen;
import dev.veneer.node.tree.TreeLimits;
import dev.veneer.node.tree.TreeWalker;
import dev.veneer.node.tree.rewrite.Change;
import dev.veneer.node.tree.rewrite.Compaction;
import dev.veneer.node.tree.rewrite.ForeignLayerException;
import dev.veneer.node.tree.rewrite.Tally;
import dev.veneer.node.tree.rewrite.TreeReader;
import dev.veneer.node.tree.rewrite.UpperReader;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * About what a compaction of a sliver would do. No file of the sliver is opened, and it may be in use: an equal time and
 * size are taken for an equal content. Nothing is mounted, but where only the kernel can tell what is seen.
 *
 * @param layer whether the store holds what was written above a base, rather than a whole tree
 * @param shares whether its file system is known to share blocks between files
 * @param keptPaths paths that the store has to hold
 * @param keptBytes and their bytes on the disk
 * @param droppedPaths copies of what the base has
 * @param droppedBytes and their bytes on the disk
 */
public record CompactionEstimate(
        boolean layer, boolean shares, long keptPaths, long keptBytes, long droppedPaths, long droppedBytes) {
    private static final Logger LOG = LoggerFactory.getLogger(CompactionEstimate.class);

    /**
     * Estimates.
     *
     * @param bases what is known of its base already
     * @param mounts to look at what an overlay with other options left
     * @throws NodeException {@code Damaged} when the store or the base's manifest cannot be read for what they are
     */
    public static CompactionEstimate of(
            LinuxCalls calls, StoreLayout layout, KnownBases bases, RootfsMounts mounts, SliverRecord record)
            throws NodeException {
        ExpectedMounts expected = mounts.expected();
        StorageDriver driver = expected.driver(record);
        BaseTree base = expected.base(record, driver);
        Revision revision = new Revision(expected.store(record, record.revision()), driver, base);
        SafeOpen safe = new SafeOpen(calls);
        try (OpenBase open = OpenBase.open(calls, layout, bases, base.digest(), base.form());
                Fd from = revision.open(calls);
                Fd scratch = new Fd(calls, safe.ownDirectory(layout.absoluteScratch()))) {
            Predicate<byte[]> pins =
                    Patterns.pins(DeclaredSpecs.sliver(record.id(), record.canonicalSpec(), "last known version")
                            .rewriting()
                            .pins());
            boolean shares = driver instanceof SnapshotPower;
            try {
                Tally tally = Beside.again(() -> tally(calls, mounts, revision, open, from.number(), pins, scratch));
                return new CompactionEstimate(
                        revision.isLayer(),
                        shares,
                        tally.heldPaths(),
                        tally.heldBytes(),
                        tally.droppedPaths(),
                        tally.droppedBytes());
            } catch (ForeignLayerException e) {
                LOG.debug("the view of sliver {} is read: {}", record.id(), e.getMessage());
            }
            return Beside.again(() -> shown(calls, mounts, revision, open, from, scratch));
        } catch (LinuxException e) {
            throw new NodeException(
                    Reason.Failed,
                    Follow.RETRY,
                    "sliver " + record.id() + " cannot be compared with its base: " + e.getMessage(),
                    e);
        } catch (ForeignLayerException e) {
            throw new NodeException(
                    Reason.Damaged,
                    Follow.STALLED,
                    "sliver " + record.id() + " cannot be compacted: " + e.getMessage(),
                    e);
        }
    }

    private static Tally tally(
            LinuxCalls calls,
            RootfsMounts mounts,
            Revision revision,
            OpenBase base,
            int from,
            Predicate<byte[]> pins,
            Fd scratch)
            throws LinuxException, NodeException, ForeignLayerException {
        try (LowerForm.Twins twins = new LowerForm.Twins(calls, scratch.number());
                Change change = Compaction.of(
                        calls,
                        revision.isLayer()
                                ? UpperReader.estimating(calls, base.records(), from)
                                        .telling(twins)
                                : TreeReader.estimating(calls, base.records(), from),
                        base.records(),
                        pins,
                        scratch.number())) {
            if (twins.found()) {
                RevisionReading.requireShown(calls, mounts, revision);
            }
            return change.tally();
        }
    }

    /**
     * Of a layer whose view only the kernel can tell: what is in it now, less what the view has otherwise than the base.
     * Pins are left out, since the view does not tell what is in the layer.
     */
    private static CompactionEstimate shown(
            LinuxCalls calls, RootfsMounts mounts, Revision revision, OpenBase base, Fd layer, Fd scratch)
            throws LinuxException, NodeException, ForeignLayerException {
        long[] now = new long[2];
        TreeWalker.beside(calls, TreeLimits.DEFAULT).walk(layer.number(), entry -> {
            now[0]++;
            now[1] += entry.stat().isDirectory() ? 0 : entry.stat().blocks * 512 / Math.max(1, entry.stat().nlink);
            return true;
        });
        try (RevisionReading view = RevisionReading.beside(calls, mounts, revision);
                Change change = Compaction.of(
                        calls,
                        TreeReader.estimatingView(calls, base.records(), view.root()),
                        base.records(),
                        path -> false,
                        scratch.number())) {
            Tally tally = change.tally();
            return new CompactionEstimate(
                    true,
                    false,
                    tally.heldPaths(),
                    tally.heldBytes(),
                    Math.max(0, now[0] - tally.heldPaths()),
                    Math.max(0, now[1] - tally.heldBytes()));
        }
    }

    /**
     * How many bytes a compaction would give back.
     *
     * @param usage what the store takes now
     * @return null when that cannot be told: nothing of a whole tree is shared, so its file system may be one that cannot
     */
    public @Nullable Long reclaimableBytes(Usage usage) {
        if (layer) {
            return droppedBytes;
        }
        // What has to be held is the sliver's alone in any case; the rest of what is its alone could be shared again.
        return !shares && usage.sharedBytes() == 0 ? null : Math.max(0, usage.exclusiveBytes() - keptBytes);
    }
}
