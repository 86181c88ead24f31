package dev.veneer.node.plan;

import dev.veneer.node.model.DesiredSliver;
import dev.veneer.node.model.IdRange;
import dev.veneer.node.model.PreviousRevision;
import dev.veneer.node.model.SliverRecord;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The changes that a plan makes to one sliver's record, collected so that each action writes the whole of it so far. */
final class RecordEdit {
    private final SliverRecord before;
    private final List<String> why = new ArrayList<>();
    private long generation;
    private String sourceId;
    private String canonicalSpec;
    private String rootfs;
    private int revision;
    private int instanceSerial;
    private @Nullable IdRange idRange;
    private List<PreviousRevision> previous;
    private @Nullable Instant retainedAt;
    private boolean dataDeleted;

    RecordEdit(SliverRecord before) {
        this.before = before;
        this.generation = before.generation();
        this.sourceId = before.sourceId();
        this.canonicalSpec = before.canonicalSpec();
        this.rootfs = before.rootfs();
        this.revision = before.revision();
        this.instanceSerial = before.instanceSerial();
        this.idRange = before.idRange();
        this.previous = before.previous();
        this.retainedAt = before.retainedAt();
        this.dataDeleted = before.dataDeleted();
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
        if (!canonicalSpec.equals(sliver.canonicalSpec())) {
            canonicalSpec = sliver.canonicalSpec();
            generation++;
            why.add("its spec changed");
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
        List<PreviousRevision> list = new ArrayList<>();
        list.add(new PreviousRevision(
                revision, "NewInstance", before.driver(), before.baseDigest(), now, now.plus(sliver.keepPrevious())));
        list.addAll(previous);
        previous = list;
        revision = next;
        instanceSerial = sliver.instanceSerial();
        why.add("new instance");
    }

    void compacted(int next) {
        revision = next;
        why.add("compacted");
    }

    void dropPrevious(int number) {
        previous = previous.stream().filter(p -> p.revision() != number).toList();
        why.add("revision " + number + " is dropped");
    }

    void dataDeleted() {
        dataDeleted = true;
        previous = List.of();
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
                before.uid(),
                generation,
                sourceId,
                before.createdAt(),
                canonicalSpec,
                before.driver(),
                before.driverReason(),
                before.store(),
                rootfs,
                before.baseName(),
                before.baseDigest(),
                revision,
                instanceSerial,
                idRange,
                previous,
                retainedAt,
                dataDeleted);
    }
}
