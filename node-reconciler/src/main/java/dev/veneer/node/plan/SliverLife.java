package dev.veneer.node.plan;

import dev.veneer.api.Reason;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.model.ActualSliver;
import dev.veneer.node.model.ContainerSpec;
import dev.veneer.node.model.DesiredSliver;
import dev.veneer.node.model.FireTimes;
import dev.veneer.node.model.IdRange;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.model.PowerState;
import dev.veneer.node.model.PreviousRevision;
import dev.veneer.node.model.RangePromise;
import dev.veneer.node.model.RewriteSettings;
import dev.veneer.node.model.RootfsFacts;
import dev.veneer.node.model.SliverRecord;
import dev.veneer.node.model.Snapshot;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Plans a sliver whose data are there: stop, unmount, another revision, mount, start, whatever of it is needed. */
final class SliverLife {
    /** Gives id ranges out. */
    interface Ranges {
        IdRange next() throws NodeException;
    }

    private final PlanInput input;
    private final Draft draft;
    private final Renewals renewals;
    private final Containers containers;
    private final Ranges ranges;

    SliverLife(PlanInput input, Draft draft, ImagePlanner images, Ranges ranges) {
        this.input = input;
        this.draft = draft;
        this.renewals = new Renewals(input, draft, images);
        this.containers = new Containers(input, draft);
        this.ranges = ranges;
    }

    void plan(DesiredSliver sliver, ActualSliver actual, RecordEdit edit, List<Action> actions) throws NodeException {
        SliverRecord record = actual.record();
        ObjectRef ref = ObjectRef.of(sliver.id());
        boolean expired = Expiry.isExpired(sliver, input.now());
        PowerState power = expired ? PowerState.Registered : sliver.power();
        boolean mapped = sliver.userNamespace().maps(power);
        if (expired) {
            draft.find(ref, Reason.Expired, Follow.STALLED, Expiry.text(sliver));
        }
        if (mapped && record.idRange() == null) {
            edit.idRange(ranges.next());
        }
        boolean running = actual.container().running();
        boolean wantMount = power.atLeast(PowerState.Deployed);
        boolean wantRun = power == PowerState.Started;
        Renewal renewal = renewals.choose(sliver, actual, edit, actions);
        String wrongMount = wrongMount(actual, mapped);
        boolean drift = running
                && wantRun
                && !actual.container()
                        .fingerprint()
                        .equals(ContainerSpec.of(sliver, edit.toRecord(), input.store())
                                .fingerprint());
        String waiting = waitsWhileRunning(sliver);
        if (running && wantRun && (renewal != null || drift) && waiting != null) {
            if (drift || (renewal != null && !renewal.optional())) {
                draft.find(ref, Reason.InUse, Follow.WAIT, waiting);
            }
            renewal = null;
            drift = false;
        }
        if (actual.rootfs() instanceof RootfsFacts.Foreign foreign) {
            draft.find(
                    ref,
                    Reason.ForeignObject,
                    Follow.WAIT,
                    record.rootfs() + " carries a mount that is not Veneer's (" + foreign.what()
                            + "); it is not touched. Unmount it, or give the sliver another rootfs");
            if (running && !wantRun) {
                actions.add(Containers.stop(sliver, "desiredState is " + power));
            }
            updateRecord(edit, actions);
            return;
        }
        String whyPower = expired ? "it has expired" : "desiredState is " + power;
        boolean mountedNow = actual.rootfs() instanceof RootfsFacts.Ours;
        String whyUnmount = null;
        if (mountedNow) {
            whyUnmount = renewal != null ? renewal.why() : wantMount ? wrongMount : whyPower;
        }
        String whyStop = null;
        if (running) {
            whyStop = !wantRun
                    ? whyPower
                    : renewal != null ? renewal.why() : drift ? "its lxc settings changed" : whyUnmount;
        }
        if (mapped) {
            keepIdsApart(actual, whyUnmount != null || (!mountedNow && whyStop != null), edit);
        }
        if (whyStop != null) {
            actions.add(Containers.stop(sliver, whyStop));
        }
        if (whyUnmount != null) {
            actions.add(new Action.Unmount(sliver.id(), record.rootfs(), whyUnmount));
        }
        if (renewal != null) {
            actions.add(renewal.make().apply(edit));
        } else {
            updateRecord(edit, actions);
        }
        if (wantMount && (!mountedNow || whyUnmount != null)) {
            if (running && whyStop == null) {
                actions.add(new Action.Reattach(
                        sliver.id(),
                        actual.container().initPid(),
                        "its mount is gone, and the container still holds it"));
            } else {
                String why = renewal != null
                        ? "mounted again: " + renewal.why()
                        : mountedNow ? "mounted otherwise" : "not mounted, and desiredState is " + power;
                actions.add(new Action.Mount(sliver.id(), mapped, why));
            }
        }
        if (wantRun && (!running || whyStop != null)) {
            containers.restart(sliver, actual, actions);
        }
        if (renewal == null) {
            planInside(sliver, actual, running && whyStop == null, edit, actions);
            planData(sliver, actual, edit, actions);
        }
    }

    /**
     * Ids that another store gave out as well are given up while nothing has them, which costs nothing: in the store they
     * are unshifted. What is mounted with them or runs is not torn down for it.
     *
     * @param freed whether this plan takes it out of use
     */
    private void keepIdsApart(ActualSliver actual, boolean freed, RecordEdit edit) throws NodeException {
        IdRange own = actual.record().idRange();
        RangePromise other = own == null ? null : input.actual().node().promiseOf(own);
        if (other == null) {
            return;
        }
        if (freed || !actual.holdsIds()) {
            edit.idRange(ranges.next());
            return;
        }
        draft.find(
                ObjectRef.of(actual.record().id()),
                Reason.NotAllowed,
                Follow.WAIT,
                "its ids on the host, " + own + ", are also given out by the store " + other.store()
                        + ". It gets others when it is mounted next: set desiredState: Registered and back, here or there."
                        + " If that store is no more, remove " + other.file());
    }

    /** What a rebase left to be run in the container, once that runs. */
    private void planInside(
            DesiredSliver sliver, ActualSliver actual, boolean stays, RecordEdit edit, List<Action> actions) {
        var reruns = actual.record().reruns();
        if (stays && actual.container().busy()) {
            draft.find(
                    ObjectRef.of(sliver.id()),
                    Reason.Progressing,
                    Follow.WAIT,
                    "what its move to another base left to be run inside is being run");
            return;
        }
        if (stays
                && !reruns.isEmpty()
                && sliver.power() == PowerState.Started
                && !draft.isHeldBack(sliver.id(), Phase.RUN_INSIDE)) {
            edit.reran();
            actions.add(new Action.RunInside(edit.toRecord(), reruns, "it moved to another base"));
        }
    }

    /** Snapshots that are due, and data that have had their time: kept revisions, and what an expired sliver leaves. */
    private void planData(DesiredSliver sliver, ActualSliver actual, RecordEdit edit, List<Action> actions) {
        if (Expiry.isOver(sliver, input.now())) {
            edit.dataDeleted();
            actions.add(new Action.DeleteData(
                    edit.toRecord(), Expiry.text(sliver) + " and deleteAfter " + sliver.deleteAfter() + " has passed"));
            return;
        }
        planSnapshots(sliver, actual, edit, actions);
        for (PreviousRevision previous : actual.record().previous()) {
            if (!previous.keepUntil().isAfter(input.now())) {
                edit.dropPrevious(previous.revision());
                actions.add(new Action.DropRevision(
                        edit.toRecord(), previous.revision(), "kept until " + previous.keepUntil()));
            }
        }
    }

    private void planSnapshots(DesiredSliver sliver, ActualSliver actual, RecordEdit edit, List<Action> actions) {
        RewriteSettings.Snapshots policy = sliver.rewriting().snapshots();
        if (policy == null) {
            return;
        }
        List<Snapshot> there = actual.record().snapshots();
        Instant last =
                there.isEmpty() ? actual.record().createdAt() : there.get(0).takenAt();
        FireTimes times = input.occasions().of(policy.schedule());
        boolean takes = times.isDueSince(last) && !Expiry.isExpired(sliver, input.now());
        if (takes && LowSpace.holds(input)) {
            draft.find(
                    ObjectRef.of(sliver.id()),
                    Reason.LowSpace,
                    Follow.WAIT,
                    "no snapshot is taken: " + LowSpace.text(input));
            takes = false;
        }
        // Records written after it would name a snapshot that is not there.
        takes = takes && !draft.isHeldBack(sliver.id(), Phase.SNAPSHOT);
        if (takes) {
            int number = NextRevision.after(actual.revisions());
            edit.snapshotTaken(number, input.now());
            actions.add(new Action.TakeSnapshot(edit.toRecord(), number, "spec.snapshots.schedule"));
        }
        for (int i = policy.keep() - (takes ? 1 : 0); i < there.size(); i++) {
            int number = there.get(i).revision();
            edit.dropSnapshot(number);
            actions.add(new Action.DropRevision(
                    edit.toRecord(), number, "spec.snapshots.keep is " + policy.keep() + ", and it is the oldest"));
        }
    }

    /** Why a running sliver may not be changed now, or null. */
    private @Nullable String waitsWhileRunning(DesiredSliver sliver) {
        if (!sliver.restartToUpdate()) {
            return "spec.update.policy is WhenStopped: the change waits until the container is stopped";
        }
        return sliver.mayChangeRunning(input.now())
                ? null
                : "the change waits for one of spec.update.windows, or until the container is stopped";
    }

    private static void updateRecord(RecordEdit edit, List<Action> actions) {
        if (edit.changed()) {
            actions.add(new Action.UpdateSliver(edit.toRecord(), edit.why()));
        }
    }

    private static @Nullable String wrongMount(ActualSliver actual, boolean mapped) {
        if (!(actual.rootfs() instanceof RootfsFacts.Ours ours)) {
            return null;
        }
        if (!ours.sound()) {
            return "mounted otherwise: " + ours.what();
        }
        if (ours.revision() != actual.record().revision()) {
            return "revision " + ours.revision() + " is mounted";
        }
        if (ours.mapped() != mapped) {
            return mapped ? "its ids are to be mapped" : "its ids are not to be mapped any more";
        }
        return null;
    }
}
