package dev.veneer.node.execute;

import dev.veneer.api.Reason;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.Fd;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.plan.Rewrite;
import dev.veneer.node.store.StoreLayout;
import dev.veneer.node.tree.LongWork;
import dev.veneer.node.tree.SafeOpen;
import dev.veneer.node.tree.rewrite.BaseRecords;
import dev.veneer.node.tree.rewrite.Change;
import dev.veneer.node.tree.rewrite.Compaction;
import dev.veneer.node.tree.rewrite.EqualContents;
import dev.veneer.node.tree.rewrite.ForeignLayerException;
import dev.veneer.node.tree.rewrite.RevisionWriter;
import dev.veneer.node.tree.rewrite.Source;
import dev.veneer.node.tree.rewrite.Tally;
import dev.veneer.node.tree.rewrite.TreeReader;
import dev.veneer.node.tree.rewrite.ViewComparison;
import dev.veneer.node.tree.rewrite.ViewDifference;
import dev.veneer.node.tree.rewrite.Written;
import java.util.List;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compacts the writable store of a sliver that is not in use into a new revision, and makes sure that the view is the
 * same before anybody sees it.
 */
final class CompactionWork {
    private static final Logger LOG = LoggerFactory.getLogger(CompactionWork.class);
    private static final int SHOWN = 3;

    private final NodeTools tools;
    private final LinuxCalls calls;
    private final LongWork work = LongWork.current();

    /** One of them, with what it needs open. */
    private record Job(
            Rewrite.Compact action,
            Revision old,
            Revision made,
            OpenBase base,
            Predicate<byte[]> pins,
            EqualContents known,
            int scratch) {
        BaseRecords records() {
            return base.records();
        }
    }

    CompactionWork(NodeTools tools) {
        this.tools = tools;
        this.calls = tools.calls();
    }

    /** What is done, for who hears that it does not fit. */
    static String what(Rewrite.Compact action) {
        return "compacting sliver " + action.record().id();
    }

    /**
     * Fills a staged revision.
     *
     * @param action what is done
     * @param old the revision in force
     * @param made the staged one
     * @param known what need not be compared again
     * @return for people: what was kept and what is no longer held
     * @throws NodeException {@code Damaged} when it cannot be read for what it is; {@code VerifyFailed} when the new view
     *     is not the same
     */
    String fill(Rewrite.Compact action, Revision old, Revision made, EqualContents known)
            throws LinuxException, NodeException {
        made.driver().create(made.store(), made.base());
        StoreLayout layout = tools.store().layout();
        try (Fd scratch = new Fd(calls, new SafeOpen(calls).ownDirectory(layout.absoluteScratch()));
                OpenBase base = OpenBase.open(
                        calls,
                        layout,
                        tools.bases(),
                        made.base().digest(),
                        made.base().form())) {
            Job job = new Job(action, old, made, base, Patterns.pins(action.pins()), known, scratch.number());
            return made.isLayer() ? layer(job) : wholeTree(job);
        } catch (ForeignLayerException e) {
            throw new NodeException(
                    Reason.Damaged,
                    Follow.STALLED,
                    "sliver " + made.store().sliver() + " cannot be compacted: " + e.getMessage()
                            + ", as an overlay with other options made it",
                    e);
        }
    }

    private String layer(Job job) throws LinuxException, NodeException, ForeignLayerException {
        try (RevisionReading from = RevisionReading.stored(calls, job.old())) {
            return layer(job, from);
        } catch (ForeignLayerException e) {
            LOG.debug("the view of sliver {} is read: {}", job.old().store().sliver(), e.getMessage());
        }
        // Nothing was written yet.
        try (RevisionReading from = RevisionReading.mounted(calls, tools.mounts(), job.old())) {
            return layer(job, from);
        }
    }

    private String layer(Job job, RevisionReading from) throws LinuxException, NodeException, ForeignLayerException {
        try (Fd to = job.made().open(calls);
                Change change = Compaction.of(
                        calls, from.dropping(job.base(), job.known()), job.records(), job.pins(), job.scratch())) {
            if (!from.isLayer()) {
                // What only a mount shows cannot be linked.
                new Room(tools).require(what(job.action()), change.tally().heldBytes());
            }
            // What is linked has no bytes to be copied.
            work.begin(
                    LongWork.Stage.WRITING,
                    change.steps().count(),
                    from.isLayer() ? 0 : change.tally().heldBytes());
            new RevisionWriter(calls, job.records()).writeUpper(change, from.source(true), to.number());
            work.begin(LongWork.Stage.CHECKING, 0, 0);
            compare(job, from, change);
            Tally tally = change.tally();
            return "no longer held: " + tally.droppedPaths() + " copies of the base's, "
                    + mebibytes(tally.droppedBytes()) + "; kept: " + tally.heldPaths() + " paths, "
                    + mebibytes(tally.heldBytes());
        }
    }

    /** Compares the views, both mounted. */
    private void compare(Job job, RevisionReading from, Change change) throws LinuxException, NodeException {
        Revision made = job.made();
        boolean full = job.action().full();
        try (RevisionReading before =
                        from.isLayer() ? RevisionReading.mounted(calls, tools.mounts(), job.old()) : null;
                Fd after = tools.mounts().unseen(made.store(), made.base(), made.driver());
                Fd afterRoot = Revision.root(calls, after)) {
            int view = before == null ? from.root() : before.root();
            try (ViewComparison views =
                    new ViewComparison(calls, job.records(), view, afterRoot.number(), full, job.scratch())) {
                refuse(
                        made,
                        full || before == null
                                ? views.whole(view, change.steps())
                                : views.touchedBy(from.root(), change.steps()));
            }
        }
    }

    private String wholeTree(Job job) throws LinuxException, NodeException, ForeignLayerException {
        BaseRecords records = job.records();
        Revision made = job.made();
        boolean full = job.action().full();
        try (Fd from = job.old().open(calls);
                Fd target = made.open(calls);
                Change change = Compaction.of(
                        calls,
                        TreeReader.dropping(
                                calls, records, from.number(), job.base().tree(), job.known()),
                        records,
                        job.pins(),
                        job.scratch())) {
            work.begin(
                    LongWork.Stage.WRITING,
                    change.steps().count(),
                    change.tally().heldBytes());
            Written written = new RevisionWriter(calls, records)
                    .writeTree(change, Source.of(from.number(), false, false), target.number(), made.tree());
            work.begin(LongWork.Stage.CHECKING, full ? 0 : change.steps().count(), 0);
            try (ViewComparison views =
                    new ViewComparison(calls, records, from.number(), target.number(), full, job.scratch())) {
                refuse(made, full ? views.whole(from.number(), change.steps()) : views.touchedBy(change.steps()));
            }
            return "shared with the base again: all but " + written.files() + " files, "
                    + mebibytes(written.copiedBytes());
        }
    }

    /** A difference is a fault of Veneer: the old revision stays. */
    private static void refuse(Revision made, List<ViewDifference> differences) throws NodeException {
        if (!differences.isEmpty()) {
            List<ViewDifference> first = differences.subList(0, Math.min(SHOWN, differences.size()));
            throw new NodeException(
                    Reason.VerifyFailed,
                    Follow.STALLED,
                    "sliver " + made.store().sliver()
                            + " stays as it was: compacted, it would not look the same, which is a"
                            + " fault of Veneer; please report it: " + first);
        }
    }

    private static String mebibytes(long bytes) {
        return String.format("%.1f MiB", bytes / 1048576.0);
    }
}
