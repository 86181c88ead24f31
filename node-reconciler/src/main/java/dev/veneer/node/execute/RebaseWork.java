package dev.veneer.node.execute;

import dev.veneer.api.Reason;
import dev.veneer.api.v1alpha1.RebaseStrategy;
import dev.veneer.api.v1alpha1.VerifyScope;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.Fd;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.model.RebaseSummary;
import dev.veneer.node.plan.Rewrite;
import dev.veneer.node.store.StoreLayout;
import dev.veneer.node.tree.LongWork;
import dev.veneer.node.tree.SafeOpen;
import dev.veneer.node.tree.rebase.BaseDifference;
import dev.veneer.node.tree.rebase.RebaseCheck;
import dev.veneer.node.tree.rebase.RebasePlan;
import dev.veneer.node.tree.rewrite.Change;
import dev.veneer.node.tree.rewrite.Compaction;
import dev.veneer.node.tree.rewrite.ForeignLayerException;
import dev.veneer.node.tree.rewrite.LinkSets;
import dev.veneer.node.tree.rewrite.ManifestTree;
import dev.veneer.node.tree.rewrite.OpenTree;
import dev.veneer.node.tree.rewrite.RevisionWriter;
import dev.veneer.node.tree.rewrite.Source;
import dev.veneer.node.tree.rewrite.Tally;
import dev.veneer.node.tree.rewrite.TreeReader;
import dev.veneer.node.tree.rewrite.ViewComparison;
import dev.veneer.node.tree.rewrite.ViewDifference;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Moves one sliver to another base: fills a staged revision, and makes sure that it looks as was decided. */
final class RebaseWork {
    private static final Logger LOG = LoggerFactory.getLogger(RebaseWork.class);
    private static final int SHOWN = 3;

    private final NodeTools tools;
    private final LinuxCalls calls;
    private final LongWork work = LongWork.current();
    private final StoreLayout layout;
    private final Room room;

    /** Bytes that the new revision takes, as far as they are known. */
    private long needed;

    RebaseWork(NodeTools tools) {
        this.tools = tools;
        this.calls = tools.calls();
        this.layout = tools.store().layout();
        this.room = new Room(tools);
    }

    /** A move that was carried out in staging. */
    record Moved(RebaseSummary summary, RebasePlan plan) {}

    /**
     * Looks whether it can be done, while the sliver may still run: that what it needs is there and can be read, that
     * nothing is in conflict, and that it fits.
     *
     * @param still whether nothing in the sliver runs
     * @return what was decided, if it can be told later whether that still holds; else null
     * @throws NodeException {@code RebaseConflict} when nothing settles a conflict; {@code LowSpace} when it does not
     *     fit; {@code Damaged} when the sliver's revision or a base is not there
     */
    @Nullable
    ForeseenMove prepare(Rewrite.Rebase action, boolean still, Revision old) throws LinuxException, NodeException {
        try (RevisionReading from = RevisionReading.there(calls, old);
                OpenBase oldBase = open(old);
                OpenBase newBase = OpenBase.open(
                        calls,
                        layout,
                        tools.bases(),
                        action.record().baseDigest(),
                        old.base().form())) {
            BaseDifference difference = difference(action, oldBase, newBase);
            AtomicReference<@Nullable ForeseenMove> decided = new AtomicReference<>();
            ForeseenMove.Before before = still && action.settings().strategy() == RebaseStrategy.Merge
                    ? ForeseenMove.Before.of(calls, from.root(), tools.clock())
                    : ForeseenMove.Before.UNKNOWN;
            Beside.read(tools, old, from, reading -> {
                RebasePlan plan = decision()
                        .decide(
                                reading,
                                oldBase,
                                newBase,
                                difference,
                                action.settings(),
                                action.pins(),
                                action.record().revision());
                refuseConflicts(action, plan);
                room.require(what(action), copied(old, newBase) + plan.bytesWritten());
                // What was decided on a view is carried out from a view only.
                decided.set(reading == from ? before.decided(plan) : null);
            });
            return decided.get();
        }
    }

    private static String what(Rewrite.Rebase action) {
        return "moving sliver " + action.record().id() + " to "
                + action.record().baseName();
    }

    /** What a revision takes before anything is written into it, where files cannot share blocks. */
    private static long copied(Revision revision, OpenBase base) {
        return revision.isLayer() ? 0 : base.records().manifest().summary().bytes();
    }

    private OpenBase open(Revision revision) throws LinuxException, NodeException {
        return OpenBase.open(
                calls,
                layout,
                tools.bases(),
                revision.base().digest(),
                revision.base().form());
    }

    private BaseDifference difference(Rewrite.Rebase action, OpenBase oldBase, OpenBase newBase)
            throws LinuxException, NodeException {
        return tools.bases().between(action.oldBase(), oldBase, action.record().baseDigest(), newBase);
    }

    private RebasePlan decide(Rewrite.Rebase action, RevisionReading from, OpenBase oldBase, OpenBase newBase)
            throws LinuxException, NodeException, ForeignLayerException {
        if (action.settings().strategy() == RebaseStrategy.Discard) {
            return RebaseDecision.pinned(from, oldBase, newBase, action.pins());
        }
        RebasePlan plan = decision()
                .merge(
                        from,
                        oldBase,
                        newBase,
                        difference(action, oldBase, newBase),
                        action.settings(),
                        action.pins(),
                        action.record().revision());
        return refuseConflicts(action, plan);
    }

    private RebaseDecision decision() {
        return new RebaseDecision(calls, layout.absoluteScratch());
    }

    private static RebasePlan refuseConflicts(Rewrite.Rebase action, RebasePlan plan) throws NodeException {
        if (plan.failed()) {
            throw RebaseDecision.conflicts(
                    action.record().id(), action.oldName(), action.record().baseName(), plan);
        }
        return plan;
    }

    /**
     * Fills a staged revision.
     *
     * @param foreseen what was decided before the sliver was taken down, or null
     * @throws NodeException {@code RebaseConflict}; {@code Damaged} when the old revision cannot be read for what it is;
     *     {@code LowSpace} with what is missing; {@code VerifyFailed} when the new view is not as was decided
     */
    Moved fill(Rewrite.Rebase action, @Nullable ForeseenMove foreseen, Revision old, Revision made)
            throws LinuxException, NodeException {
        long free = room.free();
        try (OpenBase oldBase = open(old);
                OpenBase newBase = open(made)) {
            needed = copied(made, newBase);
            made.driver().create(made.store(), made.base());
            try (Fd to = made.open(calls)) {
                return fill(action, foreseen, old, made, to, oldBase, newBase);
            }
        } catch (LinuxException e) {
            if (Room.isFull(e)) {
                throw Room.ranOut(what(action), needed, free, e);
            }
            throw e;
        } catch (ForeignLayerException e) {
            throw RebaseDecision.foreign(old.store().sliver(), e);
        }
    }

    private Moved fill(
            Rewrite.Rebase action,
            @Nullable ForeseenMove foreseen,
            Revision old,
            Revision made,
            Fd to,
            OpenBase oldBase,
            OpenBase newBase)
            throws LinuxException, NodeException, ForeignLayerException {
        boolean preserves = action.settings().strategy() == RebaseStrategy.PreserveView;
        if (!preserves || !old.isLayer()) {
            try (RevisionReading from = RevisionReading.stored(calls, old)) {
                return preserves
                        ? preserve(action, from, made, to, newBase)
                        : fill(action, foreseen, from, made, to, oldBase, newBase);
            } catch (ForeignLayerException e) {
                LOG.debug("the view of sliver {} is read: {}", old.store().sliver(), e.getMessage());
            }
        }
        try (RevisionReading from = RevisionReading.mounted(calls, tools.mounts(), old)) {
            return preserves
                    ? preserve(action, from, made, to, newBase)
                    : fill(action, null, from, made, to, oldBase, newBase);
        }
    }

    private Moved fill(
            Rewrite.Rebase action,
            @Nullable ForeseenMove foreseen,
            RevisionReading from,
            Revision made,
            Fd to,
            OpenBase oldBase,
            OpenBase newBase)
            throws LinuxException, NodeException, ForeignLayerException {
        RebasePlan known = foreseen == null ? null : foreseen.ifStill(calls, from.root());
        RebasePlan plan = known == null ? decide(action, from, oldBase, newBase) : known;
        needed += plan.bytesWritten();
        if (known == null && from.isLayer()) {
            // More may be written than was found before it was stopped, or the room be less. Nothing is written yet.
            room.require(what(action), plan.bytesWritten());
        }
        Source source = new Source(from.root(), from.isLayer(), oldBase.tree(), newBase.tree(), false);
        try (Fd scratch = scratch();
                LinkSets links = new LinkSets(calls, scratch.number())) {
            work.begin(LongWork.Stage.WRITING, plan.steps().count(), plan.bytesWritten());
            write(new Change(plan.steps(), plan.recipes(), links, new Tally()), source, made, to, newBase);
        }
        work.begin(LongWork.Stage.CHECKING, 0, 0);
        check(action, plan, from, made, oldBase, newBase);
        return moved(action, plan);
    }

    private static Moved moved(Rewrite.Rebase action, RebasePlan plan) {
        return new Moved(
                RebaseDecision.summary(
                        action.oldName(),
                        action.record().baseName(),
                        action.settings().strategy().name(),
                        plan),
                plan);
    }

    private void write(Change change, Source source, Revision made, Fd to, OpenBase newBase)
            throws LinuxException, NodeException {
        RevisionWriter writer = new RevisionWriter(calls, newBase.records());
        if (made.isLayer()) {
            writer.writeUpper(change, source, to.number());
        } else {
            writer.writeTree(change, source, to.number(), made.tree());
        }
    }

    private Fd scratch() throws LinuxException {
        return new Fd(calls, new SafeOpen(calls).ownDirectory(layout.absoluteScratch()));
    }

    private Fd unseen(Revision revision) throws LinuxException, NodeException {
        return tools.mounts().unseen(revision.store(), revision.base(), revision.driver());
    }

    private void check(
            Rewrite.Rebase action,
            RebasePlan plan,
            RevisionReading from,
            Revision made,
            OpenBase oldBase,
            OpenBase newBase)
            throws LinuxException, NodeException {
        boolean full = action.settings().verify() == VerifyScope.Full;
        try (Fd mount = unseen(made);
                Fd root = Revision.root(calls, mount);
                OpenTree after = new OpenTree(calls, root.number());
                OpenTree held = new OpenTree(calls, from.root(), from.isLayer());
                ManifestTree olds = new ManifestTree(calls, oldBase.records(), oldBase.tree());
                ManifestTree news = new ManifestTree(calls, newBase.records(), newBase.tree());
                Fd scratch = scratch();
                RebaseCheck check = new RebaseCheck(
                        calls, plan, newBase.records(), held, olds, news, after, full, scratch.number())) {
            if (from.isLayer() && !full) {
                check.dropped(from.root());
            }
            refuse(made, full ? check.whole(root.number()) : check.touched(difference(action, oldBase, newBase)));
        }
    }

    /** The whole view, as it is, over the new base: found by walking it, since what both bases have in common counts too. */
    private Moved preserve(Rewrite.Rebase action, RevisionReading view, Revision made, Fd to, OpenBase newBase)
            throws LinuxException, NodeException, ForeignLayerException {
        try (Fd scratch = scratch();
                Change change = Compaction.of(
                        calls,
                        TreeReader.exact(calls, newBase.records(), view.root()),
                        newBase.records(),
                        Patterns.pins(action.pins()),
                        scratch.number())) {
            needed += change.tally().heldBytes();
            room.require(what(action), change.tally().heldBytes());
            work.begin(
                    LongWork.Stage.WRITING,
                    change.steps().count(),
                    change.tally().heldBytes());
            write(change, view.source(false), made, to, newBase);
            work.begin(LongWork.Stage.CHECKING, 0, 0);
            try (Fd after = unseen(made);
                    Fd root = Revision.root(calls, after);
                    ViewComparison views = new ViewComparison(
                            calls,
                            newBase.records(),
                            view.root(),
                            root.number(),
                            action.settings().verify() == VerifyScope.Full,
                            scratch.number())) {
                refuse(made, views.whole(view.root(), change.steps()));
            }
            return moved(
                    action,
                    RebaseDecision.kept(
                            change.steps(),
                            Map.of(),
                            change.tally().heldPaths(),
                            change.tally().heldBytes()));
        }
    }

    /** A difference is a fault of Veneer: the old revision stays. */
    private static void refuse(Revision made, List<ViewDifference> differences) throws NodeException {
        if (!differences.isEmpty()) {
            throw new NodeException(
                    Reason.VerifyFailed,
                    Follow.STALLED,
                    "sliver " + made.store().sliver()
                            + " stays as it was: moved, it would not look as was decided, which is a fault of Veneer;"
                            + " please report it: "
                            + differences.subList(0, Math.min(SHOWN, differences.size())));
        }
    }
}
