package dev.veneer.node.execute;

import dev.veneer.api.Reason;
import dev.veneer.node.driver.StorageDriver;
import dev.veneer.node.driver.WritableStore;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.Fd;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.model.SliverRecord;
import dev.veneer.node.plan.Action;
import dev.veneer.node.store.Batch;
import dev.veneer.node.store.StoreLayout;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.LongWork;
import dev.veneer.node.tree.TreeStamp;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Takes snapshots of writable stores. */
final class SnapshotWork {
    private static final int ATTEMPTS = 3;

    private final NodeTools tools;
    private final StoreLayout layout;
    private final BooleanSupplier stop;

    /** @param stop whether the run is to end */
    SnapshotWork(NodeTools tools, BooleanSupplier stop) {
        this.stop = stop;
        this.tools = tools;
        this.layout = tools.store().layout();
    }

    void run(Action action, Run run) {
        if (action instanceof Action.TakeSnapshot snapshot) {
            run.listener().begins(action);
            run.perform(action, () -> new LongWork(stop).during(() -> take(snapshot)));
        }
    }

    private String take(Action.TakeSnapshot action) throws LinuxException, NodeException {
        SliverRecord record = action.record();
        StorageDriver driver = tools.drivers()
                .find(record.driver())
                .orElseThrow(() -> new NodeException(
                        Reason.DriverUnavailable,
                        Follow.STALLED,
                        "this version has no driver " + record.driver() + ", which made the sliver"));
        WritableStore now = new WritableStore(
                record.id(), record.revision(), layout.absoluteRevision(record.id(), record.revision()));
        Revision current = Revision.of(layout, now, driver, record.baseDigest());
        try (Batch batch = tools.store().begin()) {
            WritableStore staged =
                    new WritableStore(record.id(), action.number(), batch.stageRevision(record, action.number()));
            copy(current, Revision.of(layout, staged, driver, record.baseDigest()));
            Commits.commit(batch, ObjectRef.of(record.id()));
        }
        return "snapshot " + action.number() + " of revision " + record.revision();
    }

    /**
     * Copies what no container of ours uses. Somebody else's may have the sliver's rootfs: what was written while it was
     * copied makes a copy of no moment, which is thrown away and made anew.
     */
    private void still(Revision current, Revision snapshot) throws LinuxException, NodeException {
        for (int attempt = 1; ; attempt++) {
            if (isCopiedAsItWas(current, snapshot)) {
                return;
            }
            snapshot.driver().remove(snapshot.store());
            if (attempt == ATTEMPTS) {
                throw new NodeException(
                        Reason.InUse,
                        Follow.RETRY,
                        "sliver " + current.store().sliver() + " was written to while it was copied, " + ATTEMPTS
                                + " times; a copy of no one moment is no snapshot. It is tried again: keep what writes"
                                + " there still meanwhile");
            }
        }
    }

    private boolean isCopiedAsItWas(Revision current, Revision snapshot) throws LinuxException, NodeException {
        Bytes before;
        try {
            before = stamp(current);
        } catch (NodeException e) {
            if (e.reason() != Reason.ContentRefused) {
                throw e;
            }
            // Subvolumes of its owner's have no mark in common; they are copied without one.
            new RevisionCopy(tools).byFiles(current, snapshot);
            return true;
        }
        try {
            new RevisionCopy(tools).byFiles(current, snapshot);
        } catch (LinuxException e) {
            if (Room.isFull(e) || isStill(current, before)) {
                throw e;
            }
            return false;
        } catch (NodeException e) {
            if (!Beside.isChange(e)) {
                throw e;
            }
            return false;
        }
        return isStill(current, before);
    }

    private boolean isStill(Revision revision, @Nullable Bytes before) throws LinuxException, NodeException {
        if (before == null) {
            return false;
        }
        Bytes now = stamp(revision);
        return now != null && now.equals(before);
    }

    /** Of all that it holds; null when that changes while it is looked at. */
    private @Nullable Bytes stamp(Revision revision) throws LinuxException, NodeException {
        try (Fd tree = revision.open(tools.calls())) {
            return TreeStamp.of(tools.calls(), tree.number()).digest();
        } catch (LinuxException e) {
            if (!Beside.isChange(e)) {
                throw e;
            }
            return null;
        } catch (NodeException e) {
            if (!Beside.isChange(e)) {
                throw e;
            }
            return null;
        }
    }

    private void copy(Revision current, Revision snapshot) throws LinuxException, NodeException {
        RevisionCopy copies = new RevisionCopy(tools);
        if (copies.atOnce(current, snapshot)) {
            return;
        }
        new SpaceForCopy(tools).require(current);
        SliverId sliver = current.store().sliver();
        if (!tools.runtime().state(sliver).running()) {
            still(current, snapshot);
            return;
        }
        tools.runtime().freeze(sliver);
        try {
            copies.byFiles(current, snapshot);
        } finally {
            tools.runtime().thaw(sliver);
        }
    }
}
