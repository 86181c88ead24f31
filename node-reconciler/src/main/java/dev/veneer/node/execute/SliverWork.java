package dev.veneer.node.execute;

import dev.veneer.api.Reason;
import dev.veneer.node.driver.BaseTree;
import dev.veneer.node.driver.StorageDriver;
import dev.veneer.node.driver.WritableStore;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.model.BaseRecord;
import dev.veneer.node.model.DeclaredIdentity;
import dev.veneer.node.model.DesiredSliver;
import dev.veneer.node.model.Digest;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.model.RollbackState;
import dev.veneer.node.model.SliverRecord;
import dev.veneer.node.plan.Action;
import dev.veneer.node.store.Batch;
import dev.veneer.node.store.BatchResult;
import dev.veneer.node.store.StoreView;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Makes, updates and renews slivers, and marks the bases that they use as used: all of a plan's in one batch, so that a
 * thousand of them wait for the disk as often as one.
 */
final class SliverWork {
    /** How many threads write records: two keep the processor busy, and none of it waits for the disk. */
    private static final int PARALLEL_RECORDS = 2;

    private final NodeTools tools;
    private final BooleanSupplier stop;

    SliverWork(NodeTools tools, BooleanSupplier stop) {
        this.tools = tools;
        this.stop = stop;
    }

    /** A sliver's change on its way through the batch. */
    private record Change(Action action, SliverRecord record, @Nullable DesiredSliver renewed, Instant start) {}

    /** A store that was staged, to be filled. */
    private record Staged(Change change, DesiredSliver sliver, StorageDriver driver, WritableStore store) {}

    void run(List<Action> actions, Run run) {
        if (actions.isEmpty()) {
            return;
        }
        List<Change> changes = new ArrayList<>();
        Map<Action.MarkBase, Instant> marks = new LinkedHashMap<>();
        try {
            StoreView view = tools.store().scanOwnChanges();
            for (Action action : actions) {
                if (action instanceof Action.MarkBase mark) {
                    prepare(mark, run, marks);
                } else {
                    prepare(action, view, run, changes);
                }
            }
            try (Batch batch = tools.store().begin()) {
                stage(changes, batch, run);
                stage(marks.keySet(), view, batch);
                BatchResult result = batch.commit();
                finish(changes, result, run);
                finish(marks, result, run);
            }
        } catch (NodeException e) {
            Map<Action, ActionResult> ended = new LinkedHashMap<>();
            run.results().forEach(result -> ended.put(result.action(), result));
            for (Action action : actions) {
                if (!ended.containsKey(action)) {
                    run.failed(action, run.now(), e);
                }
            }
        }
    }

    private void prepare(Action action, StoreView view, Run run, List<Change> changes) {
        NodeException blocked = run.blocked(action.object());
        if (blocked == null && action instanceof Action.CreateSliver create) {
            blocked = run.blocked(ObjectRef.image(create.sliver().baseImage()));
        }
        if (blocked != null) {
            run.skipped(action, blocked);
            return;
        }
        try {
            if (action instanceof Action.CreateSliver create) {
                Digest digest = create.digest() != null
                        ? create.digest()
                        : ImageWork.digestOf(view, create.sliver().baseImage());
                changes.add(new Change(action, newRecord(create, digest), create.sliver(), run.now()));
            } else if (action instanceof Action.NewInstance renew) {
                changes.add(new Change(action, renew.record(), renew.sliver(), run.now()));
            } else if (action instanceof Action.UpdateSliver update) {
                changes.add(new Change(action, update.record(), null, run.now()));
            }
        } catch (NodeException e) {
            run.failed(action, run.now(), e);
        }
    }

    private static void prepare(Action.MarkBase mark, Run run, Map<Action.MarkBase, Instant> marks) {
        NodeException blocked = run.blocked(mark.object());
        if (blocked != null) {
            run.skipped(mark, blocked);
        } else {
            marks.put(mark, run.now());
        }
    }

    private static void stage(Set<Action.MarkBase> marks, StoreView view, Batch batch) {
        for (Action.MarkBase mark : marks) {
            BaseRecord base = view.bases().get(mark.digest());
            if (base != null) {
                batch.replace(base.marked(mark.since(), mark.keep()));
            }
        }
    }

    private SliverRecord newRecord(Action.CreateSliver create, Digest digest) {
        DesiredSliver sliver = create.sliver();
        DeclaredIdentity identity = sliver.identity();
        return new SliverRecord(
                sliver.id(),
                identity == null ? UUID.randomUUID().toString() : identity.uid(),
                identity == null ? 1 : identity.generation(),
                create.sourceId(),
                tools.clock().instant(),
                sliver.canonicalSpec(),
                create.driver(),
                create.driverReason(),
                create.storeName(),
                create.rootfs(),
                sliver.baseImage(),
                digest,
                1,
                sliver.instanceSerial(),
                create.idRange(),
                List.of(),
                List.of(),
                RollbackState.ofNew(sliver.rewriting().answeredWhenNew()),
                List.of(),
                null,
                null,
                false,
                identity == null ? null : identity.namespace());
    }

    /** Fills the batch; what fails is dropped from it and noted. */
    private void stage(List<Change> changes, Batch batch, Run run) {
        try (SliverContent contents = new SliverContent(tools, batch, stop)) {
            stage(changes, batch, contents, run);
        }
    }

    private void stage(List<Change> changes, Batch batch, SliverContent contents, Run run) {
        Map<String, List<Change>> byDriver = new LinkedHashMap<>();
        for (Change change : changes) {
            byDriver.computeIfAbsent(change.record().driver(), unused -> new ArrayList<>())
                    .add(change);
        }
        byDriver.forEach((name, group) -> {
            StorageDriver driver = tools.drivers().find(name).orElse(null);
            int parallel = driver == null ? 1 : driver.capabilities().parallelCreates();
            // First what all drivers do alike: where making many trees at once pays off, because they wait for the disk
            // together, each smaller change in between would have to wait for it too.
            List<Staged> staged = Collections.synchronizedList(new ArrayList<>());
            Workers.forEach(group, PARALLEL_RECORDS, "stage-" + name, change -> {
                Staged made = stageOne(change, driver, batch, run);
                if (made != null) {
                    staged.add(made);
                }
            });
            Workers.forEach(
                    List.copyOf(staged), parallel, "create-" + name, each -> createOne(each, batch, contents, run));
        });
    }

    /** Stages the record; returns what is to be filled, or null when nothing is. */
    private @Nullable Staged stageOne(Change change, @Nullable StorageDriver driver, Batch batch, Run run) {
        SliverRecord record = change.record();
        AtomicReference<@Nullable Staged> staged = new AtomicReference<>();
        attempt(change, batch, run, change.renewed() != null && driver != null, () -> {
            DesiredSliver renewed = change.renewed();
            if (renewed == null) {
                batch.replace(record);
                return;
            }
            if (driver == null) {
                throw new NodeException(
                        Reason.DriverUnavailable,
                        Follow.STALLED,
                        "this version has no driver " + record.driver() + ", which made the sliver");
            }
            String path = change.action() instanceof Action.CreateSliver
                    ? batch.stageSliver(record)
                    : batch.stageRevision(record);
            WritableStore store = new WritableStore(record.id(), record.revision(), path);
            staged.set(new Staged(change, renewed, driver, store));
        });
        return staged.get();
    }

    private void createOne(Staged staged, Batch batch, SliverContent contents, Run run) {
        SliverRecord record = staged.change().record();
        StorageDriver driver = staged.driver();
        attempt(staged.change(), batch, run, true, () -> {
            BaseTree base = new BaseTree(
                    record.baseDigest(),
                    driver.form(),
                    tools.store().layout().absoluteForm(record.baseDigest(), driver.form()));
            driver.create(staged.store(), base);
            if (staged.sliver().content() != null) {
                contents.lay(staged.sliver().content(), driver, staged.store(), base);
            }
        });
    }

    /** A step of making one sliver. */
    private interface Step {
        void run() throws LinuxException, NodeException;
    }

    /**
     * Makes a step; if it fails, the sliver is dropped from the batch.
     *
     * @param staged whether the batch has something of it, or may have
     */
    private static void attempt(Change change, Batch batch, Run run, boolean staged, Step step) {
        try {
            step.run();
        } catch (LinuxException e) {
            drop(
                    change,
                    staged,
                    Failures.of(e, "making sliver " + change.record().id()),
                    batch,
                    run);
        } catch (NodeException e) {
            drop(change, staged, e, batch, run);
        } catch (RuntimeException e) {
            // As in Run.perform: a bug met in one sliver must not keep the others of the batch from theirs.
            drop(change, staged, new NodeException(Reason.Failed, Follow.RETRY, "internal error: " + e, e), batch, run);
        }
    }

    private static void drop(Change change, boolean staged, NodeException failure, Batch batch, Run run) {
        if (staged) {
            batch.drop(change.record().id());
        }
        run.failed(change.action(), change.start(), failure);
    }

    private static void finish(Map<Action.MarkBase, Instant> marks, BatchResult result, Run run) {
        marks.forEach((mark, start) -> {
            NodeException failure = result.failed().get(mark.object());
            if (failure != null) {
                run.failed(mark, start, failure);
            } else {
                run.done(mark, start, "");
            }
        });
    }

    private void finish(List<Change> changes, BatchResult result, Run run) {
        for (Change change : changes) {
            if (run.blocked(change.action().object()) != null) {
                continue;
            }
            NodeException failure =
                    result.failed().get(ObjectRef.of(change.record().id()));
            if (failure != null) {
                run.failed(change.action(), change.start(), failure);
            } else {
                run.done(
                        change.action(),
                        change.start(),
                        "revision " + change.record().revision());
            }
        }
    }
}
