package dev.veneer.node.execute;

import dev.veneer.api.Reason;
import dev.veneer.node.driver.StorageDriver;
import dev.veneer.node.driver.WritableStore;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.model.BaseForm;
import dev.veneer.node.model.BaseRecord;
import dev.veneer.node.model.KeptRevision;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.model.RootfsMount;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.model.SliverRecord;
import dev.veneer.node.plan.Action;
import dev.veneer.node.store.Batch;
import dev.veneer.node.store.BatchResult;
import dev.veneer.node.store.StoreView;
import dev.veneer.node.store.StoredSliver;
import dev.veneer.node.store.TrashEntry;
import dev.veneer.node.store.TrashRemover;
import dev.veneer.node.tree.SafeOpen;
import dev.veneer.node.tree.TreeRemover;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Takes away: records and data leave their place together in one batch and land in the trash, which is emptied last.
 * Before that each store is asked whether anything still uses it.
 */
final class RemovalWork {
    /** How many things of the trash are removed at once: two, since what is small waits less for the disk than for us. */
    private static final int PARALLEL = 2;

    private final NodeTools tools;

    RemovalWork(NodeTools tools) {
        this.tools = tools;
    }

    /** Carries out all removals and marks of a phase as one batch. */
    void run(List<Action> actions, Run run) {
        Map<Action, ObjectRef> items = new LinkedHashMap<>();
        Map<Action, SliverRecord> removed = new LinkedHashMap<>();
        Instant start = run.now();
        try {
            StoreView view = tools.store().scan();
            List<Action> free = unused(actions, view, run);
            try (Batch batch = tools.store().begin()) {
                for (Action action : free) {
                    stage(action, view, batch, items, removed);
                }
                BatchResult result = batch.commit();
                items.forEach((action, item) -> {
                    NodeException failure = result.failed().get(item);
                    if (failure != null) {
                        run.failed(action, start, failure);
                    } else {
                        run.done(action, start, "");
                    }
                });
            }
        } catch (NodeException e) {
            for (Action action : actions) {
                if (run.results().stream().noneMatch(result -> result.action() == action)) {
                    run.failed(action, start, e);
                }
            }
            return;
        }
        removed.forEach((action, record) -> tidy(record.id(), record.rootfs(), run));
    }

    /**
     * Those whose stores nothing uses any more; the others are noted as failed. All are asked about at once: the
     * question costs the same for one as for hundreds.
     */
    private List<Action> unused(List<Action> actions, StoreView view, Run run) {
        Map<Action, List<RootfsMount>> asked = new LinkedHashMap<>();
        List<Action> free = new ArrayList<>();
        for (Action action : actions) {
            NodeException blocked = run.blocked(action.object());
            if (blocked != null) {
                run.skipped(action, blocked);
                continue;
            }
            try {
                asked.put(action, touched(action, view));
                free.add(action);
            } catch (NodeException e) {
                run.failed(action, run.now(), e);
            }
        }
        Map<RootfsMount, NodeException> used = tools.mounts()
                .inUse(asked.values().stream().flatMap(List::stream).toList());
        free.removeIf(action -> {
            // Each record of a sliver's drops also lacks what the ones before it drop: with one refused, all are.
            NodeException before = run.blocked(action.object());
            if (before != null) {
                run.skipped(action, before);
                return true;
            }
            for (RootfsMount mount : asked.getOrDefault(action, List.of())) {
                NodeException why = used.get(mount);
                if (why != null) {
                    run.failed(action, run.now(), why);
                    return true;
                }
            }
            return false;
        });
        return free;
    }

    /** The mounts of the revisions that an action takes away: with a sliver go all that there are. */
    private List<RootfsMount> touched(Action action, StoreView view) throws NodeException {
        if (action instanceof Action.RemoveSliver remove) {
            return all(view.slivers().get(remove.id()));
        }
        if (action instanceof Action.DeleteData delete) {
            return all(view.slivers().get(delete.record().id()));
        }
        if (action instanceof Action.DropRevision drop) {
            return List.of(tools.mounts().describe(drop.record(), drop.revision()));
        }
        return List.of();
    }

    private List<RootfsMount> all(@Nullable StoredSliver sliver) throws NodeException {
        List<RootfsMount> mounts = new ArrayList<>();
        if (sliver != null) {
            for (int revision : sliver.revisions()) {
                mounts.add(tools.mounts().describe(sliver.record(), revision));
            }
        }
        return mounts;
    }

    private static void stage(
            Action action, StoreView view, Batch batch, Map<Action, ObjectRef> items, Map<Action, SliverRecord> removed)
            throws NodeException {
        if (action instanceof Action.RemoveSliver remove) {
            StoredSliver sliver = view.slivers().get(remove.id());
            if (sliver != null) {
                batch.discard(sliver.record());
                removed.put(action, sliver.record());
            }
            items.put(action, ObjectRef.of(remove.id()));
        } else if (action instanceof Action.DeleteData delete) {
            SliverRecord record = delete.record();
            StoredSliver sliver = view.slivers().get(record.id());
            batch.replace(record);
            if (sliver != null) {
                for (int revision : sliver.revisions()) {
                    batch.discardRevision(record.id(), revision, driverOf(sliver.record(), revision));
                }
            }
            items.put(action, ObjectRef.of(record.id()));
        } else if (action instanceof Action.DropRevision drop) {
            StoredSliver sliver = view.slivers().get(drop.record().id());
            batch.replace(drop.record());
            if (sliver != null && sliver.revisions().contains(drop.revision())) {
                batch.discardRevision(drop.record().id(), drop.revision(), driverOf(sliver.record(), drop.revision()));
            }
            items.put(action, ObjectRef.of(drop.record().id()));
        } else if (action instanceof Action.ForgetImage forget) {
            batch.discardImage(forget.name());
            items.put(action, ObjectRef.image(forget.name()));
        } else if (action instanceof Action.MarkBase mark) {
            BaseRecord base = view.bases().get(mark.digest());
            if (base != null) {
                batch.replace(base.marked(mark.since(), mark.keep()));
            }
            items.put(action, ObjectRef.base(mark.digest()));
        } else if (action instanceof Action.RemoveBase remove) {
            batch.discardBase(remove.digest());
            items.put(action, ObjectRef.base(remove.digest()));
        }
    }

    /** The driver that made a revision, as the record that still names it says. */
    private static String driverOf(SliverRecord record, int revision) {
        for (KeptRevision previous : record.kept()) {
            if (previous.revision() == revision) {
                return previous.driver();
            }
        }
        return record.driver();
    }

    /** What a removed sliver leaves outside its directory: the container's files and the mount point. */
    private void tidy(SliverId id, String rootfs, Run run) {
        try {
            tools.runtime().remove(id);
            tools.mounts().removeTarget(rootfs);
        } catch (NodeException e) {
            // The sliver is gone, and a leftover directory is no reason to fail.
            run.listener().leftover(ObjectRef.of(id), e);
        }
    }

    /** Empties the trash, entry by entry; may be stopped between two. */
    String emptyTrash(BooleanSupplier stop, Run run) throws NodeException {
        List<TrashEntry> entries = tools.store().trash().entries();
        TrashRemover remover = new DriverTrashRemover();
        Set<SliverId> there = tools.store().scan().slivers().keySet();
        AtomicInteger count = new AtomicInteger();
        AtomicReference<NodeException> failure = new AtomicReference<>();
        Workers.forEach(entries, PARALLEL, "trash", entry -> {
            try {
                if (!stop.getAsBoolean()) {
                    tidyAfter(entry, there, run);
                    tools.store().trash().empty(entry, remover);
                    count.incrementAndGet();
                }
            } catch (NodeException e) {
                // What one entry holds must not keep the others, which may fill the disk.
                failure.compareAndSet(null, e);
            } catch (RuntimeException e) {
                failure.compareAndSet(null, new NodeException(Reason.Failed, Follow.RETRY, "internal error: " + e, e));
            }
        });
        NodeException failed = failure.get();
        if (failed != null) {
            throw failed;
        }
        return count + " of " + entries.size();
    }

    /** A run that removed a sliver may have been killed before it tidied up: as long as the trash names it, that is known. */
    private void tidyAfter(TrashEntry entry, Set<SliverId> there, Run run) {
        SliverId id = entry.sliver();
        if (entry.kind() == TrashEntry.Kind.SLIVER && id != null && !there.contains(id)) {
            tidy(id, tools.store().layout().absoluteDefaultRootfs(id), run);
        }
    }

    /** Leaves the content of each thing in the trash to who knows it. */
    private final class DriverTrashRemover implements TrashRemover {
        @Override
        public void emptyRevision(String driver, SliverId sliver, int revision, String directory)
                throws LinuxException, NodeException {
            StorageDriver known = tools.drivers().find(driver).orElse(null);
            if (known == null) {
                new TreeRemover(tools.calls()).empty(directory);
            } else {
                known.remove(new WritableStore(sliver, revision, directory));
            }
        }

        @Override
        public void removeForm(BaseForm form, String path) throws LinuxException, NodeException {
            int slash = path.lastIndexOf('/');
            int parent = new SafeOpen(tools.calls()).ownDirectory(path.substring(0, slash));
            try {
                new TreeRemover(tools.calls()).remove(parent, PathBytes.of(path.substring(slash + 1)), path);
            } finally {
                tools.calls().close(parent);
            }
        }
    }
}
