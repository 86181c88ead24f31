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

    CompactionWork(NodeTools tools) {
        this.tools = tools;
        this.calls = tools.calls();
    }

    /**
     * Looks whether it can be done, while the sliver may still run: that what it needs is there and can be read, and that
     * it fits.
     *
     * @return what need not be compared again
     * @throws NodeException {@code LowSpace} when it does not fit; {@code Damaged} when the sliver's revision or its base
     *     is not there
     */
    ForeseenContents prepare(Rewrite.Compact action, Revision old) throws LinuxException, NodeException {
        StoreLayout layout = tools.store().layout();
        ForeseenContents foreseen = null;
        boolean looked = false;
        try (Fd scratch = new Fd(calls, new SafeOpen(calls).ownDirectory(layout.absoluteScratch()));
                OpenBase base = OpenBase.open(
                        calls,
                        layout,
                        tools.bases(),
                        old.base().digest(),
                        old.base().form());
                RevisionReading from = RevisionReading.there(calls, old)) {
            ForeseenContents known = ForeseenContents.none(tools, from.root());
            foreseen = known;
            Beside.read(tools, old, from, reading -> look(action, old, base, reading, known.equal(), scratch.number()));
            looked = true;
            known.equal().complete();
            return known;
        } finally {
            if (!looked && foreseen != null) {
                foreseen.close();
            }
        }
    }

    private void look(
            Rewrite.Compact action,
            Revision old,
            OpenBase base,
            RevisionReading reading,
            EqualContents known,
            int scratch)
            throws LinuxException, NodeException, ForeignLayerException {
        try (LowerForm.Twins twins = new LowerForm.Twins(calls, scratch);
                Change change = Compaction.of(
                        calls,
                        reading.isLayer()
                                ? reading.upperDropping(base, known).telling(twins)
                                : reading.dropping(base, known),
                        base.records(),
                        Patterns.pins(action.pins()),
                        scratch)) {
            if (twins.found()) {
                // Views are compared afterwards, as the kernel shows them.
                RevisionReading.requireShown(calls, tools.mounts(), old);
            }
            // A layer's files are linked, which takes no room; a whole tree is made anew from the base.
            if (!old.isLayer()) {
                new Room(tools)
                        .require(
                                "compacting sliver " + action.record().id(),
                                base.records().manifest().summary().bytes()
                                        + change.tally().heldBytes());
            } else if (!reading.isLayer()) {
                // Nor can what only a mount shows be linked.
                new Room(tools)
                        .require(
                                "compacting sliver " + action.record().id(),
                                change.tally().heldBytes());
            }
        }
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
        Predicate<byte[]> pins = Patterns.pins(action.pins());
        StoreLayout layout = tools.store().layout();
        try (Fd scratch = new Fd(calls, new SafeOpen(calls).ownDirectory(layout.absoluteScratch()));
                OpenBase base = OpenBase.open(
                        calls,
                        layout,
                        tools.bases(),
                        made.base().digest(),
                        made.base().form())) {
            return made.isLayer()
                    ? layer(action, old, made, base, pins, known, scratch.number())
                    : wholeTree(action, old, made, base, pins, known, scratch.number());
        } catch (ForeignLayerException e) {
            throw new NodeException(
                    Reason.Damaged,
                    Follow.STALLED,
                    "sliver " + made.store().sliver() + " cannot be compacted: " + e.getMessage()
                            + ", as an overlay with other options made it",
                    e);
        }
    }

    private String layer(
            Rewrite.Compact action,
            Revision old,
            Revision made,
            OpenBase base,
            Predicate<byte[]> pins,
            EqualContents known,
            int scratch)
            throws LinuxException, NodeException, ForeignLayerException {
        try (RevisionReading from = RevisionReading.stored(calls, old)) {
            return layer(action, old, from, made, base, pins, known, scratch);
        } catch (ForeignLayerException e) {
            LOG.debug("the view of sliver {} is read: {}", old.store().sliver(), e.getMessage());
        }
        // Nothing was written yet.
        try (RevisionReading from = RevisionReading.mounted(calls, tools.mounts(), old)) {
            return layer(action, old, from, made, base, pins, known, scratch);
        }
    }

    private String layer(
            Rewrite.Compact action,
            Revision old,
            RevisionReading from,
            Revision made,
            OpenBase base,
            Predicate<byte[]> pins,
            EqualContents known,
            int scratch)
            throws LinuxException, NodeException, ForeignLayerException {
        BaseRecords records = base.records();
        try (Fd to = made.open(calls);
                Change change = Compaction.of(calls, from.dropping(base, known), records, pins, scratch)) {
            if (!from.isLayer()) {
                // What only a mount shows cannot be linked.
                new Room(tools)
                        .require(
                                "compacting sliver " + action.record().id(),
                                change.tally().heldBytes());
            }
            // What is linked has no bytes to be copied.
            work.begin(
                    LongWork.Stage.WRITING,
                    change.steps().count(),
                    from.isLayer() ? 0 : change.tally().heldBytes());
            new RevisionWriter(calls, records).writeUpper(change, from.source(true), to.number());
            work.begin(LongWork.Stage.CHECKING, 0, 0);
            compare(action, old, from, made, base.records(), change, scratch);
            Tally tally = change.tally();
            return "no longer held: " + tally.droppedPaths() + " copies of the base's, "
                    + mebibytes(tally.droppedBytes()) + "; kept: " + tally.heldPaths() + " paths, "
                    + mebibytes(tally.heldBytes());
        }
    }

    /** Compares the views, both mounted. */
    private void compare(
            Rewrite.Compact action,
            Revision old,
            RevisionReading from,
            Revision made,
            BaseRecords records,
            Change change,
            int scratch)
            throws LinuxException, NodeException {
        try (RevisionReading before = from.isLayer() ? RevisionReading.mounted(calls, tools.mounts(), old) : null;
                Fd after = tools.mounts().unseen(made.store(), made.base(), made.driver());
                Fd afterRoot = Revision.root(calls, after)) {
            int view = before == null ? from.root() : before.root();
            try (ViewComparison views =
                    new ViewComparison(calls, records, view, afterRoot.number(), action.full(), scratch)) {
                refuse(
                        made,
                        action.full() || before == null
                                ? views.whole(view, change.steps())
                                : views.touchedBy(from.root(), change.steps()));
            }
        }
    }

    private String wholeTree(
            Rewrite.Compact action,
            Revision old,
            Revision made,
            OpenBase base,
            Predicate<byte[]> pins,
            EqualContents known,
            int scratch)
            throws LinuxException, NodeException, ForeignLayerException {
        BaseRecords records = base.records();
        try (Fd from = old.open(calls);
                Fd target = made.open(calls);
                Change change = Compaction.of(
                        calls,
                        TreeReader.dropping(calls, records, from.number(), base.tree(), known),
                        records,
                        pins,
                        scratch)) {
            work.begin(
                    LongWork.Stage.WRITING,
                    change.steps().count(),
                    change.tally().heldBytes());
            Written written = new RevisionWriter(calls, records)
                    .writeTree(change, Source.of(from.number(), false, false), target.number(), made.tree());
            work.begin(
                    LongWork.Stage.CHECKING, action.full() ? 0 : change.steps().count(), 0);
            try (ViewComparison views =
                    new ViewComparison(calls, records, from.number(), target.number(), action.full(), scratch)) {
                refuse(
                        made,
                        action.full() ? views.whole(from.number(), change.steps()) : views.touchedBy(change.steps()));
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
