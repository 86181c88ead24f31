package dev.veneer.node.plan;

import dev.veneer.api.Annotations;
import dev.veneer.api.Reason;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.model.ActualSliver;
import dev.veneer.node.model.Claim;
import dev.veneer.node.model.ContainerState;
import dev.veneer.node.model.DeclaredIdentity;
import dev.veneer.node.model.DeletionPolicy;
import dev.veneer.node.model.DesiredSliver;
import dev.veneer.node.model.IdRange;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.model.PowerState;
import dev.veneer.node.model.RootfsFacts;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.model.SliverRecord;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Plans one sliver after the other; each on its own, but for the rootfs directories and id ranges they may not share. */
final class SliverPlanner {
    private final PlanInput input;
    private final Draft draft;
    private final ImagePlanner images;
    private @Nullable IdRangeChoice ranges;
    private @Nullable Map<String, SliverId> rootfsOwners;

    SliverPlanner(PlanInput input, Draft draft, ImagePlanner images) {
        this.input = input;
        this.draft = draft;
        this.images = images;
    }

    private IdRangeChoice ranges() {
        IdRangeChoice known = ranges;
        if (known == null) {
            known = new IdRangeChoice(
                    input.store().idRanges(),
                    input.actual().slivers().values(),
                    input.actual().node().promises());
            ranges = known;
        }
        return known;
    }

    private Map<String, SliverId> rootfsOwners() {
        Map<String, SliverId> known = rootfsOwners;
        if (known == null) {
            known = new HashMap<>();
            for (ActualSliver sliver : input.actual().slivers().values()) {
                known.put(sliver.record().rootfs(), sliver.record().id());
            }
            rootfsOwners = known;
        }
        return known;
    }

    /** Plans a declared sliver, which may or may not be there. */
    void plan(DesiredSliver declared, @Nullable ActualSliver actual) {
        ObjectRef ref = ObjectRef.of(declared.id());
        if (declared.suspend()) {
            draft.find(ref, Reason.Suspended, Follow.WAIT, "suspended by spec.suspend: nothing at all is done to it");
            if (actual != null) {
                recordSuspension(declared, actual);
            }
            return;
        }
        if (isStopping(actual)) {
            return;
        }
        try {
            if (actual == null) {
                planNew(declared);
            } else {
                planExisting(declared, actual);
            }
        } catch (NodeException e) {
            draft.find(ref, e.reason(), e.follow(), String.valueOf(e.getMessage()));
        }
    }

    /** A sliver whose container has its grace is left alone until it is gone; what is to be done then, is planned then. */
    private boolean isStopping(@Nullable ActualSliver actual) {
        if (actual == null || actual.container().phase() != ContainerState.Phase.STOPPING) {
            return false;
        }
        draft.find(
                ObjectRef.of(actual.record().id()),
                Reason.Progressing,
                Follow.WAIT,
                actual.container().message());
        return true;
    }

    /** Only written down, so that it also holds once the sliver is no longer declared. */
    private void recordSuspension(DesiredSliver declared, ActualSliver actual) {
        SliverRecord record = actual.record();
        boolean ours = record.sourceId().equals(input.desired().source().id());
        boolean edited = !declared.canonicalSpec().equals(record.canonicalSpec());
        if (!ours
                || !edited
                || record.retainedAt() != null
                || Ownership.refusal(
                                record, declared.identity(), input.desired().source())
                        != null
                || SliverRules.refusedEdit(declared, actual, input) != null
                || forbidden(declared) != null) {
            return;
        }
        RecordEdit edit = new RecordEdit(record);
        edit.declare(declared, record.sourceId());
        draft.addAll(
                ObjectRef.of(declared.id()),
                declared.attempt(),
                List.of(new Action.UpdateSliver(edit.toRecord(), edit.why())));
    }

    /** One that was made before is not made again, empty, without a word: its data are somewhere, or somebody lost them. */
    private void refuseMade(DesiredSliver sliver) throws NodeException {
        String barred = input.desired().source().barred();
        DeclaredIdentity identity = sliver.identity();
        if (barred != null) {
            throw new NodeException(Reason.DataMissing, Follow.STALLED, barred);
        }
        if (identity != null && identity.made() && !identity.adopts()) {
            throw new NodeException(
                    Reason.DataMissing,
                    Follow.STALLED,
                    "this Sliver was made on this node before, and is not in its store "
                            + input.actual().node().storePath()
                            + ". If the store's disk is not mounted, mount it and start the agent again; if its data are"
                            + " lost, annotate it with " + Annotations.ADOPT
                            + ": \"true\" to have it made anew, from its base");
        }
    }

    private void planNew(DesiredSliver sliver) throws NodeException {
        refuseMade(sliver);
        ObjectRef ref = ObjectRef.of(sliver.id());
        if (Expiry.isExpired(sliver, input.now())) {
            draft.find(ref, Reason.Expired, Follow.STALLED, Expiry.text(sliver) + "; it is not made any more");
            return;
        }
        boolean mapped = sliver.userNamespace().maps(sliver.power());
        String rootfs = SliverRules.rootfs(sliver, input);
        SliverRules.check(sliver, input);
        claimRootfs(rootfs, sliver);
        DriverChoice choice = DriverChoice.choose(
                sliver, input.actual().node().drivers(), input.store().drivers(), mapped);
        if (input.desired().baseImages().get(sliver.baseImage()) == null
                && input.actual().images().get(sliver.baseImage()) == null) {
            throw new NodeException(
                    Reason.BaseImageNotFound,
                    Follow.WAIT,
                    input.desired().source().broken().contains("BaseImage " + sliver.baseImage())
                            ? "BaseImage " + sliver.baseImage() + " is declared wrongly; correct it"
                            : "BaseImage " + sliver.baseImage() + " is not declared"
                                    + images.nearest(sliver.baseImage()));
        }
        String closed = images.closed(sliver);
        if (closed != null) {
            throw new NodeException(Reason.NotAllowed, Follow.STALLED, closed);
        }
        ImagePlanner.Availability base = images.availability(sliver.baseImage());
        if (base.missing() != null) {
            throw new NodeException(Reason.BaseImageNotReady, Follow.WAIT, base.missing());
        }
        if (LowSpace.holds(input)) {
            throw new NodeException(Reason.LowSpace, Follow.WAIT, LowSpace.text(input));
        }
        List<Action> actions = new ArrayList<>();
        images.needForm(sliver.baseImage(), base.digest(), choice.driver().form(), actions);
        actions.add(new Action.CreateSliver(
                sliver,
                input.desired().source().id(),
                input.store().name(),
                choice.driver().name(),
                choice.reason(),
                choice.driver().form(),
                rootfs,
                base.digest(),
                mapped ? nextRange() : null,
                "declared and not there: " + choice.driver().name() + " on " + sliver.baseImage()));
        if (sliver.power().atLeast(PowerState.Deployed)) {
            actions.add(new Action.Mount(sliver.id(), mapped, "desiredState is " + sliver.power()));
        }
        if (sliver.power() == PowerState.Started) {
            new Containers(input, draft).start(sliver, actions);
        }
        draft.addAll(ref, sliver.attempt(), actions);
    }

    private void planExisting(DesiredSliver declared, ActualSliver actual) throws NodeException {
        SliverRecord record = actual.record();
        ObjectRef ref = ObjectRef.of(declared.id());
        NodeException foreign =
                Ownership.refusal(record, declared.identity(), input.desired().source());
        // What is kept is not in force for anybody.
        if (foreign != null && (declared.identity() == null || record.retainedAt() != null)) {
            throw foreign;
        }
        if (foreign == null && takesUp(declared, record)) {
            // As new as one that is made: what is not allowed gets nothing.
            NodeException forbidden = forbidden(declared);
            if (forbidden != null && record.retainedAt() != null) {
                throw forbidden;
            }
            foreign = forbidden;
        }
        DesiredSliver sliver = declared;
        NodeException refused = foreign != null ? foreign : SliverRules.refusedEdit(declared, actual, input);
        if (refused == null && !declared.canonicalSpec().equals(record.canonicalSpec())) {
            refused = forbidden(declared);
        }
        if (refused != null) {
            draft.find(ref, refused.reason(), refused.follow(), String.valueOf(refused.getMessage()));
            sliver = actual.inForce();
        }
        RecordEdit edit = new RecordEdit(record);
        if (foreign == null) {
            edit.declare(sliver, input.desired().source().id());
        }
        String rootfs = SliverRules.rootfs(sliver, input);
        if (!rootfs.equals(record.rootfs())) {
            claimRootfs(rootfs, sliver);
            edit.rootfs(rootfs);
        }
        List<Action> actions = new ArrayList<>();
        if (record.dataDeleted()) {
            draft.find(ref, Reason.Expired, Follow.STALLED, Expiry.text(sliver) + "; its data were removed");
            if (edit.changed()) {
                actions.add(new Action.UpdateSliver(edit.toRecord(), edit.why()));
            }
        } else if (!actual.revisions().contains(record.revision())) {
            draft.find(
                    ref,
                    Reason.Damaged,
                    Follow.STALLED,
                    "revision " + record.revision()
                            + " is missing in the store; restore it, raise instanceSerial after removing the sliver, or"
                            + " run veneer store check");
        } else {
            new SliverLife(input, draft, images, this::nextRange).plan(sliver, actual, edit, actions);
        }
        draft.addAll(ref, declared.attempt(), actions);
    }

    /**
     * Plans a sliver that the store has and the source no longer declares, or of which it says that it was deleted, or that a
     * person wants to be gone as nobody declares it.
     */
    void planAbsent(ActualSliver actual) {
        SliverRecord record = actual.record();
        ObjectRef ref = ObjectRef.of(record.id());
        DesiredSliver deleted = deletion(record);
        DesiredSliver last = deleted == null ? actual.inForce() : deleted;
        boolean asked = input.requests().remove().contains(record.id());
        boolean absenceCounts = input.desired().source().prunes()
                && record.sourceId().equals(input.desired().source().id());
        boolean ours = record.retainedAt() == null && (deleted != null || absenceCounts);
        if (!ours && !asked) {
            return;
        }
        String hold = input.desired().source().hold();
        if (deleted == null
                && hold != null
                && !input.desired().source().removals().contains(ref)) {
            draft.find(ref, Reason.SourceHeld, Follow.WAIT, hold);
            return;
        }
        if (last.suspend()) {
            draft.find(ref, Reason.Suspended, Follow.WAIT, "no longer declared, but suspended: not removed");
            return;
        }
        if (isStopping(actual)) {
            return;
        }
        String why = asked ? "nobody declares it" : deleted == null ? "no longer declared" : "deleted";
        List<Action> actions = new ArrayList<>();
        if (actual.container().running()) {
            actions.add(Containers.stop(last, why));
        }
        if (actual.rootfs() instanceof RootfsFacts.Foreign foreign) {
            draft.find(
                    ref,
                    Reason.ForeignObject,
                    Follow.WAIT,
                    why + ", but " + record.rootfs() + " carries a mount that is not Veneer's (" + foreign.what()
                            + "); unmount it first");
        } else {
            if (actual.rootfs() instanceof RootfsFacts.Ours) {
                actions.add(new Action.Unmount(record.id(), record.rootfs(), why));
            }
            if (last.deletionPolicy() == DeletionPolicy.Retain && !asked) {
                RecordEdit edit = new RecordEdit(record);
                edit.retain(input.now());
                actions.add(new Action.UpdateSliver(edit.toRecord(), why + "; deletionPolicy Retain keeps its data"));
            } else {
                actions.add(new Action.RemoveSliver(record.id(), why));
            }
        }
        draft.addAll(ref, actual.inForce().attempt(), actions);
    }

    /** As which it was declared last, when an object was deleted that would be followed if it were not; else null. */
    private @Nullable DesiredSliver deletion(SliverRecord record) {
        DesiredSliver deleted = input.desired().deletions().get(record.id());
        String source = input.desired().source().id();
        return deleted != null && Claim.isOrder(record, deleted.identity(), source) ? deleted : null;
    }

    /** Whether another object than the one that made them takes the data up that lie here. */
    private static boolean takesUp(DesiredSliver declared, SliverRecord record) {
        DeclaredIdentity identity = declared.identity();
        return record.retainedAt() != null
                || (identity != null && !identity.uid().equals(record.uid()));
    }

    private @Nullable NodeException forbidden(DesiredSliver sliver) {
        try {
            SliverRules.check(sliver, input);
            return null;
        } catch (NodeException e) {
            return e;
        }
    }

    private void claimRootfs(String rootfs, DesiredSliver sliver) throws NodeException {
        SliverId owner = rootfsOwners().putIfAbsent(rootfs, sliver.id());
        if (owner != null && !owner.equals(sliver.id())) {
            throw new NodeException(
                    Reason.NotAllowed,
                    Follow.STALLED,
                    sliver.origin() + ": rootfs " + rootfs + " is that of sliver " + owner);
        }
    }

    private IdRange nextRange() throws NodeException {
        IdRange range = ranges().next();
        if (range == null) {
            throw new NodeException(
                    Reason.NotAllowed,
                    Follow.WAIT,
                    "all id ranges of NodeStore.spec.idRanges " + input.store().idRanges() + " are taken"
                            + (input.actual().node().promises().isEmpty() ? "" : ", some of them by other stores")
                            + "; add one");
        }
        return range;
    }
}
