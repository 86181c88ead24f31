package dev.veneer.node.execute;

import dev.veneer.api.Reason;
import dev.veneer.node.driver.StorageDriver;
import dev.veneer.node.driver.WritableStore;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.failure.StopRequested;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.model.CompactionSummary;
import dev.veneer.node.model.Digest;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.model.RebaseSummary;
import dev.veneer.node.model.Rerun;
import dev.veneer.node.model.RootfsMount;
import dev.veneer.node.model.SliverRecord;
import dev.veneer.node.plan.Rewrite;
import dev.veneer.node.store.Batch;
import dev.veneer.node.store.StoreLayout;
import dev.veneer.node.store.StoredSliver;
import dev.veneer.node.tree.rewrite.BaseLinks;
import dev.veneer.node.tree.rewrite.EqualContents;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts another revision in the place of the one in force: staged, verified, made durable, then switched by the record. */
final class RewriteWork {
    private static final Logger LOG = LoggerFactory.getLogger(RewriteWork.class);

    private final NodeTools tools;
    private final StoreLayout layout;

    RewriteWork(NodeTools tools) {
        this.tools = tools;
        this.layout = tools.store().layout();
    }

    /**
     * Looks whether it can be done, before the sliver is stopped for it.
     *
     * @param still whether nothing in the sliver runs
     * @param before the look from before it was stopped for this, or null
     * @return what need not be found out again if the sliver is as it was, or null
     * @throws NodeException why not
     */
    @Nullable
    Foresight prepare(Rewrite action, boolean still, Looks.@Nullable Look before) throws LinuxException, NodeException {
        StoredSliver stored =
                tools.store().scanOwnChanges().slivers().get(action.record().id());
        if (stored != null) {
            tools.mounts().requireNowhereElse(stored.record(), action.from());
        }
        if (before != null && isEnough(action)) {
            return before.foresight();
        }
        if (action instanceof Rewrite.Rebase rebase) {
            return new RebaseWork(tools).prepare(rebase, still, current(action, rebase.oldBase()));
        }
        if (action instanceof Rewrite.Compact compact) {
            return new CompactionLook(tools)
                    .at(compact, current(action, compact.record().baseDigest()));
        }
        if (action instanceof Rewrite.Restore restore) {
            Revision wanted =
                    revision(action.record(), restore.to(), action.record().baseDigest());
            RevisionReading.there(tools.calls(), wanted).close();
            wanted.driver().inspect(wanted.store());
            if (wanted.isLayer()) {
                try (OpenBase base = OpenBase.open(
                        tools.calls(),
                        layout,
                        tools.bases(),
                        wanted.base().digest(),
                        wanted.base().form())) {
                    // All of it, now: what is known of it may have been read long ago.
                    BaseLinks.of(base.records().manifest());
                }
            }
            if (restore.copied()) {
                new SpaceForCopy(tools).require(wanted);
            }
        }
        return null;
    }

    /** Whether an earlier look will do: where files are linked. Where they are copied the room that it found may be gone. */
    private boolean isEnough(Rewrite action) throws NodeException {
        return !(action instanceof Rewrite.Restore)
                && current(action, action.record().baseDigest()).isLayer();
    }

    /**
     * Does it; the sliver is stopped and unmounted.
     *
     * @param foreseen what was found out before it was, or null
     */
    ActionResult.Effect perform(Rewrite action, @Nullable Foresight foreseen) throws LinuxException, NodeException {
        SliverRecord record = action.record();
        if (action instanceof Rewrite.Restore restore && !restore.copied()) {
            return switchTo(restore);
        }
        try (Batch batch = tools.store().begin()) {
            WritableStore staged = new WritableStore(record.id(), record.revision(), batch.stageRevision(record));
            Revision made = Revision.of(layout, staged, driver(record), record.baseDigest());
            Long before = action instanceof Rewrite.Compact ? bytes(current(action, record.baseDigest())) : null;
            ActionResult.Effect effect = filled(action, foreseen, made, batch);
            Commits.commit(batch, ObjectRef.of(record.id()));
            return before == null
                    ? effect
                    : compared(effect, before, bytes(revision(record, record.revision(), record.baseDigest())));
        }
    }

    private static ActionResult.Effect compared(ActionResult.Effect effect, long before, @Nullable Long after) {
        return after == null ? effect : new ActionResult.Effect(effect.told(), new CompactionSummary(before, after));
    }

    /** What a revision takes alone, or null when it cannot be measured: that is no reason not to compact it. */
    private static @Nullable Long bytes(Revision revision) {
        try {
            return revision.driver().usage(revision.store(), revision.base()).exclusiveBytes();
        } catch (LinuxException | NodeException | StopRequested e) {
            return null;
        }
    }

    /** What fails gives its room back at once: the sliver needs some of it to be brought up again. */
    private ActionResult.Effect filled(Rewrite action, @Nullable Foresight foreseen, Revision made, Batch batch)
            throws LinuxException, NodeException {
        try {
            return fill(action, foreseen, made, batch);
        } catch (LinuxException | NodeException | RuntimeException e) {
            giveBack(made);
            throw e;
        }
    }

    private static void giveBack(Revision made) {
        try {
            made.driver().remove(made.store());
        } catch (LinuxException | NodeException e) {
            // It goes with the trash.
            LOG.debug("what was staged of {} stays for now: {}", made.store().sliver(), e.getMessage());
        }
    }

    private ActionResult.Effect fill(Rewrite action, @Nullable Foresight foreseen, Revision made, Batch batch)
            throws LinuxException, NodeException {
        SliverRecord record = action.record();
        if (action instanceof Rewrite.Compact compact) {
            Revision old = current(action, record.baseDigest());
            free(action, old);
            EqualContents known = foreseen instanceof ForeseenContents contents ? contents.equal() : EqualContents.NONE;
            String told = new CompactionWork(tools).fill(compact, old, made, known);
            batch.discardRevision(record.id(), compact.from(), record.driver());
            return ActionResult.Effect.told(told);
        }
        if (action instanceof Rewrite.Rebase rebase) {
            Revision old = current(action, rebase.oldBase());
            free(action, old);
            ForeseenMove decided = foreseen instanceof ForeseenMove move ? move : null;
            RebaseWork.Moved moved = new RebaseWork(tools).fill(rebase, decided, old, made);
            batch.replace(record.withReruns(reruns(record.reruns(), moved.plan().reruns())));
            batch.report(record.id(), RebaseReport.of(rebase, moved));
            return new ActionResult.Effect(told(moved.summary()), moved.summary());
        }
        Rewrite.Restore restore = (Rewrite.Restore) action;
        Revision snapshot = revision(record, restore.to(), record.baseDigest());
        free(action, snapshot);
        requireLeft(restore);
        RevisionCopy copies = new RevisionCopy(tools);
        if (!copies.atOnce(snapshot, made)) {
            copies.byFiles(snapshot, made);
        }
        return ActionResult.Effect.told("back to snapshot " + restore.to() + ", as revision " + record.revision());
    }

    /** What was left to run before is still to be run. */
    private static List<Rerun> reruns(List<Rerun> before, List<Rerun> now) {
        Set<Rerun> all = new LinkedHashSet<>(before);
        all.addAll(now);
        return List.copyOf(all);
    }

    private static String told(RebaseSummary summary) {
        return "on " + summary.to() + ": " + summary.followed() + " paths follow it, " + summary.kept() + " kept, "
                + summary.merged() + " merged, " + summary.converged() + " converged, " + summary.conflicts()
                + " conflicts settled";
    }

    /** Nothing is copied: the record names the kept revision again. */
    private ActionResult.Effect switchTo(Rewrite.Restore restore) throws LinuxException, NodeException {
        SliverRecord record = restore.record();
        Revision target = revision(record, restore.to(), record.baseDigest());
        free(restore, target);
        requireLeft(restore);
        target.driver().inspect(target.store());
        try (Batch batch = tools.store().begin()) {
            batch.replace(record);
            Commits.commit(batch, ObjectRef.of(record.id()));
        }
        return ActionResult.Effect.told("back to revision " + restore.to());
    }

    private Revision current(Rewrite action, Digest base) throws NodeException {
        return revision(action.record(), action.from(), base);
    }

    private Revision revision(SliverRecord record, int number, Digest base) throws NodeException {
        return Revision.of(
                layout,
                new WritableStore(record.id(), number, layout.absoluteRevision(record.id(), number)),
                driver(record),
                base);
    }

    private StorageDriver driver(SliverRecord record) throws NodeException {
        return tools.drivers()
                .find(record.driver())
                .orElseThrow(() -> new NodeException(
                        Reason.DriverUnavailable,
                        Follow.STALLED,
                        "this version has no driver " + record.driver() + ", which made the sliver"));
    }

    /** Makes sure that nothing uses the revision, and that it is fit to be mounted. */
    private void free(Rewrite action, Revision revision) throws LinuxException, NodeException {
        SliverRecord record = action.record();
        RootfsMount mount = tools.mounts()
                .mountOf(
                        record,
                        revision.store().revision(),
                        revision.driver().mount(revision.store(), revision.base()));
        requireUnused(mount);
        revision.driver().inspect(revision.store());
    }

    private void requireUnused(RootfsMount mount) throws NodeException {
        NodeException used = tools.mounts().inUse(List.of(mount)).get(mount);
        if (used != null) {
            throw used;
        }
    }

    /** Who still uses the revision that it goes back from would go on writing to what nobody sees any more. */
    private void requireLeft(Rewrite.Restore restore) throws NodeException {
        StoredSliver stored =
                tools.store().scanOwnChanges().slivers().get(restore.record().id());
        if (stored != null) {
            requireUnused(tools.mounts().describe(stored.record(), restore.from()));
        }
    }
}
