package dev.veneer.node.execute;

import dev.veneer.api.Reason;
import dev.veneer.node.driver.StorageDriver;
import dev.veneer.node.driver.WritableStore;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.model.SliverRecord;
import dev.veneer.node.plan.Action;
import dev.veneer.node.store.Batch;
import dev.veneer.node.store.StoreLayout;

/** Takes snapshots of writable stores. */
final class SnapshotWork {
    private final NodeTools tools;
    private final StoreLayout layout;

    SnapshotWork(NodeTools tools) {
        this.tools = tools;
        this.layout = tools.store().layout();
    }

    void run(Action action, Run run) {
        if (action instanceof Action.TakeSnapshot snapshot) {
            run.listener().begins(action);
            run.perform(action, () -> take(snapshot));
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

    private void copy(Revision current, Revision snapshot) throws LinuxException, NodeException {
        RevisionCopy copies = new RevisionCopy(tools);
        if (copies.atOnce(current, snapshot)) {
            return;
        }
        new SpaceForCopy(tools).require(current);
        SliverId sliver = current.store().sliver();
        if (!tools.runtime().state(sliver).running()) {
            copies.byFiles(current, snapshot);
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
