package dev.veneer.node.plan;

import dev.veneer.api.Reason;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.model.ActualSliver;
import dev.veneer.node.model.BaseForm;
import dev.veneer.node.model.DesiredSliver;
import dev.veneer.node.model.Digest;
import dev.veneer.node.model.DriverFacts;
import dev.veneer.node.model.KeptRevision;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.model.PreviousRevision;
import dev.veneer.node.model.RewriteSettings;
import dev.veneer.node.model.SliverRecord;
import dev.veneer.node.model.Snapshot;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Whether a sliver gets another revision: it goes back, starts again, moves to another base or is compacted, in this
 * order and one at a time. One that has expired gets none.
 */
final class Renewals {
    private final PlanInput input;
    private final Draft draft;
    private final ImagePlanner images;

    Renewals(PlanInput input, Draft draft, ImagePlanner images) {
        this.input = input;
        this.draft = draft;
        this.images = images;
    }

    /**
     * What is to be done, or null.
     *
     * @param edit gets what is only written down
     * @param before gets what has to be done first
     */
    @Nullable
    Renewal choose(DesiredSliver sliver, ActualSliver actual, RecordEdit edit, List<Action> before) {
        SliverRecord record = actual.record();
        if (Expiry.isExpired(sliver, input.now())) {
            // Nobody uses it any more, which is told: what waits is done when expiresAt is edited.
            return null;
        }
        boolean held = record.isHeldAgainst(sliver);
        if (!held && record.heldStandpoint() != null) {
            edit.release();
        }
        boolean anew = !held && sliver.instanceSerial() > record.instanceSerial();
        boolean moves = !held && !sliver.baseImage().equals(record.baseName());
        RewriteSettings.Rollback order = sliver.rewriting().rollback();
        boolean ordered = order != null && order.serial() > record.rollbackSerial();
        if (order != null && ordered && order.equals(record.rollback().refused())) {
            refuse(sliver, actual, order.to());
            ordered = false;
        }
        Integer asked = input.requests().rollback().get(sliver.id());
        boolean compacts = input.requests().compact().contains(sliver.id()) || isTimeToCompact(sliver, actual);
        if (!ordered && asked == null && !anew && !moves && !compacts) {
            return null;
        }
        ObjectRef ref = ObjectRef.of(sliver.id());
        if (draft.isHeldBack(sliver.id(), Phase.REWRITE)
                || draft.isHeldBack(sliver.id(), Phase.UNMOUNT)
                || draft.isHeldBack(sliver.id(), Phase.STOP)) {
            // A stranger in its rootfs, say: meanwhile it lives on as it is.
            return null;
        }
        if (order != null && ordered) {
            Renewal back = goBack(sliver, actual, order.to(), order.serial());
            if (back != null) {
                return back;
            }
            // All else goes on, and what is made by it may get this very number.
            edit.refused(order);
            refuse(sliver, actual, order.to());
        }
        if (asked != null) {
            Renewal back = goBack(sliver, actual, asked, record.rollbackSerial());
            if (back == null) {
                refuse(sliver, actual, asked);
            }
            return back;
        }
        if (input.requests().compact().contains(sliver.id())) {
            return compaction(sliver, actual);
        }
        if (LowSpace.holds(input) && (anew || moves)) {
            draft.find(ref, Reason.LowSpace, Follow.WAIT, LowSpace.text(input));
            return null;
        }
        if (anew) {
            return new Renewal("a new instance is made", edited -> {
                edited.newInstance(NextRevision.after(actual.revisions()), sliver, input.now());
                return new Action.NewInstance(
                        edited.toRecord(), sliver, "instanceSerial was raised to " + sliver.instanceSerial());
            });
        }
        if (moves) {
            Renewal rebase = move(sliver, actual, edit, before);
            if (rebase != null) {
                return rebase;
            }
        }
        return compacts ? compaction(sliver, actual) : null;
    }

    private boolean isTimeToCompact(DesiredSliver sliver, ActualSliver actual) {
        if (actual.container().busy()) {
            return false; // what runs in it is not cut off for this; the time stays due for a while
        }
        SliverRecord record = actual.record();
        RewriteSettings.Compaction policy = sliver.rewriting().compaction();
        Long estimate = input.occasions().reclaimable().get(sliver.id());
        if (policy == null || estimate == null || estimate < policy.minReclaimable()) {
            return false;
        }
        Instant done = record.compactedAt() == null ? record.createdAt() : record.compactedAt();
        // The container was stopped for the one that failed: not again before the schedule says so.
        PastFailure failure = input.failures().get(ObjectRef.of(sliver.id()));
        if (failure != null
                && failure.phase().compareTo(Phase.REWRITE) <= 0
                && failure.specSeen().equals(draft.declaredSpec(sliver.id()))
                && failure.retryAt().isAfter(done)) {
            done = failure.retryAt();
        }
        return input.occasions().of(policy.schedule()).isDueSince(done);
    }

    private Renewal compaction(DesiredSliver sliver, ActualSliver actual) {
        Long estimate = input.occasions().reclaimable().get(sliver.id());
        boolean asked = input.requests().compact().contains(sliver.id());
        String why = asked || estimate == null
                ? "asked for"
                : "spec.compaction.schedule, and about " + (estimate >> 20) + " MiB are copies of the base's";
        return new Renewal("it is compacted", !asked, edited -> {
            edited.compacted(NextRevision.after(actual.revisions()), input.now());
            return new Rewrite.Compact(
                    edited.toRecord(),
                    actual.record().revision(),
                    sliver.rewriting().pins(),
                    isFull(sliver),
                    why);
        });
    }

    private static boolean isFull(DesiredSliver sliver) {
        return sliver.rewriting().rebase().verify() == dev.veneer.api.v1alpha1.VerifyScope.Full;
    }

    /** The way back; null when what it leads to is not kept. */
    private @Nullable Renewal goBack(DesiredSliver sliver, ActualSliver actual, int to, int serial) {
        SliverRecord record = actual.record();
        int number = to == Requests.LAST && !record.previous().isEmpty()
                ? record.previous().get(0).revision()
                : to;
        for (PreviousRevision previous : record.previous()) {
            if (previous.revision() == number && actual.revisions().contains(number)) {
                return new Renewal("it goes back to revision " + number, edited -> {
                    edited.backTo(previous, sliver, input.now());
                    edited.answered(serial, number, sliver, input.now());
                    return new Rewrite.Restore(
                            edited.toRecord(), record.revision(), number, false, "back to revision " + number);
                });
            }
        }
        for (Snapshot snapshot : record.snapshots()) {
            if (snapshot.revision() == number && actual.revisions().contains(number)) {
                return new Renewal("it goes back to snapshot " + number, edited -> {
                    edited.backTo(snapshot, NextRevision.after(actual.revisions()), sliver, input.now());
                    edited.answered(serial, number, sliver, input.now());
                    return new Rewrite.Restore(
                            edited.toRecord(), record.revision(), number, true, "back to snapshot " + number);
                });
            }
        }
        return null;
    }

    private void refuse(DesiredSliver sliver, ActualSliver actual, int to) {
        draft.find(
                ObjectRef.of(sliver.id()),
                Reason.InvalidSpec,
                Follow.STALLED,
                impossible(to, actual.record()) + choice(actual));
    }

    private static String impossible(int number, SliverRecord record) {
        if (number == record.revision()) {
            return "it cannot go back to " + number + ", which is the revision in force: ";
        }
        return number == Requests.LAST ? "there is nothing to go back to: " : "it cannot go back to " + number + ": ";
    }

    private static String choice(ActualSliver actual) {
        List<KeptRevision> kept = new ArrayList<>(actual.record().kept());
        kept.removeIf(each -> !actual.revisions().contains(each.revision()));
        if (kept.isEmpty()) {
            return "no previous revision and no snapshot is kept";
        }
        return "kept are "
                + kept.stream()
                        .map(each -> each.revision() + " (" + each.why() + ")")
                        .collect(Collectors.joining(", "));
    }

    private @Nullable Renewal move(DesiredSliver sliver, ActualSliver actual, RecordEdit edit, List<Action> before) {
        SliverRecord record = actual.record();
        ObjectRef ref = ObjectRef.of(sliver.id());
        String name = sliver.baseImage();
        String stays = "; the sliver stays on " + record.baseName() + " until then";
        if (input.desired().baseImages().get(name) == null
                && input.actual().images().get(name) == null) {
            draft.find(
                    ref,
                    Reason.BaseImageNotFound,
                    Follow.WAIT,
                    sliver.origin() + ": BaseImage " + name + " is not declared" + images.nearest(name) + stays);
            return null;
        }
        String closed = images.closed(sliver);
        if (closed != null) {
            draft.find(ref, Reason.NotAllowed, Follow.STALLED, closed + "; the sliver stays on " + record.baseName());
            return null;
        }
        ImagePlanner.Availability base = images.availability(name);
        Digest digest = base.digest();
        if (base.missing() != null || digest == null) {
            String missing = base.missing() == null ? "BaseImage " + name + " is being imported" : base.missing();
            draft.find(ref, Reason.BaseImageNotReady, Follow.WAIT, missing + stays);
            return null;
        }
        if (digest.equals(record.baseDigest())) {
            edit.renamedBase(name);
            return null;
        }
        images.needForm(name, digest, form(record), before);
        return new Renewal("it moves to " + name, edited -> {
            edited.rebased(NextRevision.after(actual.revisions()), sliver, digest, input.now());
            return new Rewrite.Rebase(
                    edited.toRecord(),
                    record.revision(),
                    record.baseName(),
                    record.baseDigest(),
                    sliver.rewriting().rebase(),
                    sliver.rewriting().pins(),
                    "baseImage was edited from " + record.baseName() + " to " + name);
        });
    }

    private BaseForm form(SliverRecord record) {
        for (DriverFacts driver : input.actual().node().drivers()) {
            if (driver.name().equals(record.driver())) {
                return driver.form();
            }
        }
        return BaseForm.DIR;
    }
}
