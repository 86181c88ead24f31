package dev.veneer.node.plan;

import dev.veneer.node.model.DeclaredIdentity;
import dev.veneer.node.model.DesiredSliver;
import dev.veneer.node.model.Digest;
import dev.veneer.node.model.IdRange;
import dev.veneer.node.model.PreviousRevision;
import dev.veneer.node.model.Rerun;
import dev.veneer.node.model.RewriteSettings;
import dev.veneer.node.model.RollbackState;
import dev.veneer.node.model.SliverRecord;
import dev.veneer.node.model.Snapshot;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The changes that a plan makes to one sliver's record, collected so that each action writes the whole of it so far. */
final class RecordEdit {
    private final SliverRecord before;
    private final List<String> why = new ArrayList<>();
    private String uid;
    private long generation;
    private String sourceId;
    private String canonicalSpec;
    private String rootfs;
    private int revision;
    private int instanceSerial;
    private @Nullable IdRange idRange;
    private List<PreviousRevision> previous;
    private List<Snapshot> snapshots;
    private String baseName;
    private Digest baseDigest;
    private RollbackState rollback;
    private List<Rerun> reruns;
    private @Nullable Instant compactedAt;
    private @Nullable Instant retainedAt;
    private boolean dataDeleted;
    private @Nullable String namespace;

    RecordEdit(SliverRecord before) {
        this.before = before;
        this.uid = before.uid();
        this.generation = before.generation();
        this.sourceId = before.sourceId();
        this.canonicalSpec = before.canonicalSpec();
        this.rootfs = before.rootfs();
        this.revision = before.revision();
        this.instanceSerial = before.instanceSerial();
        this.idRange = before.idRange();
        this.previous = before.previous();
        this.snapshots = before.snapshots();
        this.baseName = before.baseName();
        this.baseDigest = before.baseDigest();
        this.rollback = before.rollback();
        this.reruns = before.reruns();
        this.compactedAt = before.compactedAt();
        this.retainedAt = before.retainedAt();
        this.dataDeleted = before.dataDeleted();
        this.namespace = before.namespace();
    }

    void declare(DesiredSliver sliver, String source) {
        if (!sourceId.equals(source)) {
            sourceId = source;
            why.add("taken over from another source");
        }
        if (retainedAt != null) {
            retainedAt = null;
            why.add("declared again: its kept data are taken up");
        }
        boolean edited = !canonicalSpec.equals(sliver.canonicalSpec());
        DeclaredIdentity identity = sliver.identity();
        if (edited) {
            canonicalSpec = sliver.canonicalSpec();
            generation += identity == null ? 1 : 0;
            why.add("its spec changed");
        }
        if (identity != null
                && identity.namespace() != null
                && !identity.namespace().equals(namespace)) {
            namespace = identity.namespace();
            why.add("its namespace has uid " + namespace);
        }
        if (identity != null && !identity.uid().equals(uid)) {
            uid = identity.uid();
            generation = identity.generation();
            why.add("taken up by another object of its name");
        } else if (identity != null && identity.generation() != generation) {
            generation = identity.generation();
            if (!edited) {
                why.add("its generation is " + generation);
            }
        }
    }

    void rootfs(String path) {
        rootfs = path;
        why.add("its rootfs is now " + path);
    }

    void idRange(IdRange range) {
        idRange = range;
        why.add("it got the id range " + range);
    }

    void retain(Instant now) {
        retainedAt = now;
        why.add("kept though no longer declared");
    }

    void newInstance(int next, DesiredSliver sliver, Instant now) {
        keep("NewInstance", sliver, now);
        revision = next;
        instanceSerial = sliver.instanceSerial();
        reruns = List.of();
        why.add("new instance");
    }

    private void keep(String replacedBy, DesiredSliver sliver, Instant now) {
        List<PreviousRevision> list = new ArrayList<>();
        list.add(new PreviousRevision(
                revision,
                replacedBy,
                before.driver(),
                baseName,
                baseDigest,
                now,
                now.plus(sliver.keepPrevious()),
                reruns));
        list.addAll(previous);
        previous = list;
    }

    /** Stands on another base, in a new revision. */
    void rebased(int next, DesiredSliver sliver, Digest digest, Instant now) {
        keep("Rebase", sliver, now);
        revision = next;
        baseName = sliver.baseImage();
        baseDigest = digest;
        why.add("moved to " + sliver.baseImage());
    }

    /** The same content under another BaseImage's name. */
    void renamedBase(String name) {
        baseName = name;
        why.add("its base image is now called " + name);
    }

    /** Goes back to a kept revision, which becomes the current one. */
    void backTo(PreviousRevision kept, DesiredSliver sliver, Instant now) {
        keep("Rollback", sliver, now);
        previous =
                previous.stream().filter(p -> p.revision() != kept.revision()).toList();
        revision = kept.revision();
        baseName = kept.baseName();
        baseDigest = kept.baseDigest();
        reruns = kept.reruns();
        why.add("back to revision " + kept.revision());
    }

    /** Goes back to a snapshot, of which a copy becomes the current revision. */
    void backTo(Snapshot snapshot, int next, DesiredSliver sliver, Instant now) {
        keep("Rollback", sliver, now);
        revision = next;
        baseName = snapshot.baseName();
        baseDigest = snapshot.baseDigest();
        reruns = snapshot.reruns();
        why.add("back to snapshot " + snapshot.revision());
    }

    /** The order to go back is answered; what is declared now is held against. */
    void answered(int serial, int to, DesiredSliver sliver, Instant now) {
        rollback = new RollbackState(serial, to, now, sliver.standpoint(), null);
        why.add("rollback " + serial + " is answered");
    }

    /** The order to go back cannot be carried out, and is not tried again. */
    void refused(RewriteSettings.Rollback order) {
        rollback = rollback.refusing(order);
        why.add("rollback " + order.serial() + " is refused");
    }

    /** What it is held against was edited. */
    void release() {
        rollback = rollback.released();
        why.add("baseImage, driver or instanceSerial was edited after it went back");
    }

    void snapshotTaken(int number, Instant now) {
        List<Snapshot> list = new ArrayList<>();
        list.add(new Snapshot(number, revision, now, before.driver(), baseName, baseDigest, reruns));
        list.addAll(snapshots);
        snapshots = list;
        why.add("snapshot " + number);
    }

    void dropSnapshot(int number) {
        snapshots = snapshots.stream().filter(s -> s.revision() != number).toList();
        why.add("snapshot " + number + " is dropped");
    }

    void reran() {
        reruns = List.of();
        why.add("what had to be run inside was run");
    }

    void compacted(int next, Instant now) {
        revision = next;
        compactedAt = now;
        why.add("compacted");
    }

    void dropPrevious(int number) {
        previous = previous.stream().filter(p -> p.revision() != number).toList();
        why.add("revision " + number + " is dropped");
    }

    void dataDeleted() {
        dataDeleted = true;
        previous = List.of();
        snapshots = List.of();
        why.add("its data are removed");
    }

    boolean changed() {
        return !why.isEmpty();
    }

    String why() {
        return String.join(", ", why);
    }

    SliverRecord toRecord() {
        return new SliverRecord(
                before.id(),
                uid,
                generation,
                sourceId,
                before.createdAt(),
                canonicalSpec,
                before.driver(),
                before.driverReason(),
                before.store(),
                rootfs,
                baseName,
                baseDigest,
                revision,
                instanceSerial,
                idRange,
                previous,
                snapshots,
                rollback,
                reruns,
                compactedAt,
                retainedAt,
                dataDeleted,
                namespace);
    }
}
