package dev.veneer.node.plan;

import dev.veneer.api.Reason;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.model.ActualImage;
import dev.veneer.node.model.ActualSliver;
import dev.veneer.node.model.ActualState;
import dev.veneer.node.model.DesiredBaseImage;
import dev.veneer.node.model.DesiredSliver;
import dev.veneer.node.model.DesiredState;
import dev.veneer.node.model.DesiredStore;
import dev.veneer.node.model.Digest;
import dev.veneer.node.model.KeptRevision;
import dev.veneer.node.model.NodeStoreRecord;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.model.SliverId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * From what is declared and what is to what is to be done.
 *
 * <p>A pure function: the same input gives the same plan, and nothing is read, written or asked. It decides from what
 * is observed now, never from what an earlier pass believed, so it does not matter which event woke the loop, nor where
 * an earlier run was killed.
 *
 * <p>What it promises, whatever the input (tested with seeded sequences against a fake world):
 *
 * <ol>
 *   <li>Carrying out the plan and planning again ends, after a few rounds, in an empty plan.
 *   <li>A sliver is removed only when this source declared it last, the source prunes, and nothing holds.
 *   <li>A base that a sliver, a kept revision or this plan's own new slivers use is not removed.
 *   <li>Nothing is mounted for a sliver whose rootfs carries a foreign mount, nor is that unmounted.
 *   <li>A wrong object never keeps another from being planned.
 * </ol>
 */
public final class Planner {
    private final PlanInput input;
    private final @Nullable OpenSlivers open;
    private final Draft draft;

    private Planner(PlanInput input, @Nullable OpenSlivers open) {
        this.input = input;
        this.open = open;
        this.draft = new Draft(input);
    }

    /** Plans. */
    public static Plan plan(PlanInput input) {
        return new Planner(input, null).plan();
    }

    /** Plans where it is known of all slivers but a few that nothing is to be done or said. */
    static Plan plan(PlanInput input, OpenSlivers open) {
        return new Planner(input, open).plan();
    }

    private Plan plan() {
        DesiredState desired = input.desired();
        ActualState actual = input.actual();
        Set<ObjectRef> damaged = new HashSet<>();
        for (ActualState.Damage damage : actual.damaged()) {
            damaged.add(damage.object());
            draft.find(damage.object(), Reason.Damaged, Follow.STALLED, damage.message());
        }
        if (actual.node().readOnly()) {
            draft.find(
                    ObjectRef.store(input.store().name()),
                    Reason.StoreFaulty,
                    Follow.WAIT,
                    "the store " + actual.node().storePath() + " cannot be written: nothing is changed until it can");
        }
        planStore();
        String barred = desired.source().barred();
        if (barred != null) {
            draft.find(ObjectRef.store(input.store().name()), Reason.DataMissing, Follow.STALLED, barred);
        }
        ImagePlanner images = new ImagePlanner(input, draft);
        for (DesiredBaseImage image : desired.baseImages().values()) {
            if (!damaged.contains(ObjectRef.image(image.name()))) {
                images.plan(image);
            }
        }
        SliverPlanner slivers = new SliverPlanner(input, draft, images);
        planSlivers(slivers, damaged);
        planAbsentImages(images);
        BasePlanner.plan(input, draft);
        if (actual.trash()) {
            draft.add(new Action.EmptyTrash(input.store().name(), "left over by an earlier run"));
        }
        Plan plan = draft.finish();
        return actual.node().readOnly() ? withoutWrites(plan) : plan;
    }

    private void planSlivers(SliverPlanner slivers, Set<ObjectRef> damaged) {
        Map<SliverId, DesiredSliver> declared = input.desired().slivers();
        Map<SliverId, ActualSliver> there = input.actual().slivers();
        int found = 0;
        for (DesiredSliver sliver : open == null ? declared.values() : open.declared(declared)) {
            ActualSliver actual = there.get(sliver.id());
            found += actual == null ? 0 : 1;
            if (damaged.isEmpty() || !damaged.contains(ObjectRef.of(sliver.id()))) {
                slivers.plan(sliver, actual);
            }
        }
        if (open != null) {
            open.absent(there).forEach(slivers::planAbsent);
        } else if (found < there.size()) {
            for (ActualSliver sliver : there.values()) {
                if (!declared.containsKey(sliver.record().id())) {
                    slivers.planAbsent(sliver);
                }
            }
        }
    }

    private void planStore() {
        DesiredStore declared = input.desired().store();
        NodeStoreRecord record = input.actual().store();
        if (declared == null) {
            return;
        }
        if (record == null || !record.name().equals(declared.name())) {
            draft.add(recordStore(declared, "", 1, input.now(), "declared, and not known yet"));
        } else if (!record.canonicalSpec().equals(declared.canonicalSpec())) {
            draft.add(recordStore(
                    declared, record.uid(), record.generation() + 1, record.createdAt(), "its spec changed"));
        }
    }

    private Action recordStore(DesiredStore declared, String uid, long generation, Instant createdAt, String reason) {
        return new Action.RecordStore(
                new NodeStoreRecord(
                        declared.name(),
                        uid,
                        generation,
                        createdAt,
                        input.desired().source().id(),
                        declared.canonicalSpec()),
                reason);
    }

    private void planAbsentImages(ImagePlanner images) {
        Map<Digest, List<SliverId>> users = null;
        for (ActualImage image : input.actual().images().values()) {
            if (!input.desired().baseImages().containsKey(image.record().name())) {
                users = users == null ? usersOfBases() : users;
                Digest digest = image.record().digest();
                images.planAbsent(
                        image, users.keySet(), digest == null ? List.of() : users.getOrDefault(digest, List.of()));
            }
        }
    }

    private Map<Digest, List<SliverId>> usersOfBases() {
        Map<Digest, List<SliverId>> users = new HashMap<>();
        for (ActualSliver sliver : input.actual().slivers().values()) {
            SliverId id = sliver.record().id();
            users.computeIfAbsent(sliver.record().baseDigest(), unused -> new ArrayList<>())
                    .add(id);
            for (KeptRevision kept : sliver.record().kept()) {
                users.computeIfAbsent(kept.baseDigest(), unused -> new ArrayList<>())
                        .add(id);
            }
        }
        return users;
    }

    /**
     * On a store that can't be written nothing new is mounted either (an overlay would come up read-only without a
     * word); only what a container still holds is attached again, which writes nothing.
     */
    private static Plan withoutWrites(Plan plan) {
        return new Plan(
                plan.actions().stream()
                        .filter(Action.Reattach.class::isInstance)
                        .toList(),
                plan.findings());
    }
}
