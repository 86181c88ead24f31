package dev.veneer.node.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.api.Reason;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.model.DesiredSliver;
import dev.veneer.node.model.FireTimes;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.model.PowerState;
import dev.veneer.node.model.RewriteSettings;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which revision a sliver gets when several things are wanted of it, or when something keeps it from all of them. */
class RenewalsTest {
    private final FakeWorld world = new FakeWorld();
    private Declared web;

    @BeforeEach
    void settle() {
        world.declareImage("debian");
        world.declareImage("alpine");
        web = world.declare("web");
        web.power = PowerState.Started;
        world.converge();
    }

    private boolean plans(Class<? extends Action> action) {
        return world.plan().actions().stream().anyMatch(action::isInstance);
    }

    private List<Finding> found(Reason reason) {
        return world.plan().findings().stream()
                .filter(finding -> finding.reason() == reason)
                .toList();
    }

    private void compactionIsDue() {
        web.rewriting = new RewriteSettings(
                RewriteSettings.DEFAULT_REBASE,
                List.of(),
                new RewriteSettings.Compaction(RewritePlans.NIGHTLY, 1),
                null,
                web.rewriting.rollback());
        world.converge();
        world.now = world.now.plus(Duration.ofHours(20));
        world.occasions =
                new Occasions(Map.of(RewritePlans.NIGHTLY, new FireTimes(world.now, null)), Map.of(web.id, 64L << 20));
    }

    @Test
    void anExpiredSliverIsNeitherMovedNorMadeAnewNorCompacted() {
        compactionIsDue();
        assertTrue(plans(Rewrite.Compact.class));
        web.expiresAt = world.now;
        assertTrue(!plans(Rewrite.class));
        web.baseImage = "alpine";
        assertTrue(!plans(Rewrite.class));
        web.instanceSerial = 2;
        assertTrue(!plans(Action.NewInstance.class));
        world.requests = Requests.toCompact(Set.of(web.id));
        assertTrue(!plans(Rewrite.class));
        assertEquals(1, found(Reason.Expired).size());
        world.requests = Requests.NONE;
        world.converge();
        web.expiresAt = null;
        world.converge();
        assertEquals("alpine", world.thing(web.id).record.baseName());
        assertEquals(2, world.thing(web.id).record.instanceSerial());
    }

    private void order(int to, int serial) {
        RewriteSettings now = web.rewriting;
        web.rewriting = new RewriteSettings(
                now.rebase(), now.pins(), now.compaction(), now.snapshots(), new RewriteSettings.Rollback(to, serial));
    }

    @Test
    void aRollbackThatCannotBeIsToldAndKeepsNothingElseFromBeingDone() {
        order(7, 1);
        web.baseImage = "alpine";
        world.converge();
        assertEquals("alpine", world.thing(web.id).record.baseName());
        assertEquals(1, found(Reason.InvalidSpec).size());
        compactionIsDue();
        assertTrue(plans(Rewrite.Compact.class));
    }

    /** A number that was not kept when it was ordered may be given to something else later, of which nobody spoke. */
    @Test
    void aRefusedRollbackIsNotCarriedOutWhenItsNumberIsGivenLater() {
        order(1, 1);
        web.baseImage = "alpine";
        world.converge();
        assertEquals(2, world.thing(web.id).record.revision());
        assertEquals("alpine", world.thing(web.id).record.baseName());
        assertEquals(1, found(Reason.InvalidSpec).size());
        order(1, 2);
        world.converge();
        assertEquals(1, world.thing(web.id).record.revision());
        assertEquals(0, found(Reason.InvalidSpec).size());
    }

    /** Correcting the number is enough: what was refused is that order, not its serial. */
    @Test
    void aRefusedRollbackThatIsCorrectedIsCarriedOut() {
        web.instanceSerial = 2;
        order(7, 1);
        world.converge();
        assertEquals(2, world.thing(web.id).record.revision());
        order(1, 1);
        world.converge();
        assertEquals(1, world.thing(web.id).record.revision());
        assertEquals(1, world.thing(web.id).record.rollbackSerial());
    }

    private int reruns() {
        return world.thing(web.id).record.reruns().size();
    }

    /** Moves away, and back before what the move left to be run inside was run. */
    @Test
    void goingBackKeepsWhatIsStillToBeRunInside() {
        web.baseImage = "alpine";
        world.execute(world.plan(), Integer.MAX_VALUE);
        assertEquals(1, reruns());
        web.instanceSerial = 2;
        world.execute(world.plan(), Integer.MAX_VALUE);
        assertEquals(0, reruns());
        order(2, 1);
        world.execute(world.plan(), Integer.MAX_VALUE);
        assertEquals(2, world.thing(web.id).record.revision());
        assertEquals(1, reruns());
        assertTrue(plans(Action.RunInside.class));
    }

    @Test
    void goingBackToASnapshotKeepsWhatWasStillToBeRunInside() {
        web.power = PowerState.Deployed;
        web.rewriting = new RewriteSettings(
                RewriteSettings.DEFAULT_REBASE,
                List.of(),
                null,
                new RewriteSettings.Snapshots(RewritePlans.NIGHTLY, 3),
                null);
        web.baseImage = "alpine";
        world.converge();
        world.now = world.now.plus(Duration.ofHours(20));
        world.occasions = new Occasions(Map.of(RewritePlans.NIGHTLY, new FireTimes(world.now, null)), Map.of());
        world.converge();
        int snapshot = world.thing(web.id).record.snapshots().get(0).revision();
        web.power = PowerState.Started;
        world.converge();
        assertEquals(0, reruns());
        order(snapshot, 1);
        world.execute(world.plan(), Integer.MAX_VALUE);
        assertEquals(1, reruns());
    }

    /** The failure of a move that waits for a person. */
    private void conflictIsKnown() {
        web.baseImage = "alpine";
        world.failures.put(
                ObjectRef.of(web.id),
                new PastFailure(
                        Phase.REWRITE,
                        Reason.RebaseConflict,
                        Follow.STALLED,
                        "test",
                        web.toSliver().attempt(),
                        1,
                        world.now.plus(Duration.ofDays(9))));
    }

    @Test
    void askingAgainByAnAnnotationEndsTheWaitingForAConflict() {
        conflictIsKnown();
        assertTrue(!plans(Rewrite.Rebase.class));
        assertEquals(1, found(Reason.RebaseConflict).size());
        web.annotations = Map.of(DesiredSliver.REQUESTED_AT, "2026-01-02T00:00:00Z");
        assertTrue(plans(Rewrite.Rebase.class));
        conflictIsKnown();
        assertTrue(!plans(Rewrite.Rebase.class));
    }

    @Test
    void whatRunsInsideIsNotRunTwiceNorCutOffForACompaction() {
        web.baseImage = "alpine";
        world.execute(world.plan(), Integer.MAX_VALUE);
        assertTrue(plans(Action.RunInside.class));
        Thing thing = world.thing(web.id);
        thing.container = thing.container.asBusy();
        assertTrue(world.plan().isEmpty());
        assertEquals(1, found(Reason.Progressing).size());
        web.rewriting = new RewriteSettings(
                RewriteSettings.DEFAULT_REBASE,
                List.of(),
                new RewriteSettings.Compaction(RewritePlans.NIGHTLY, 1),
                null,
                null);
        world.now = world.now.plus(Duration.ofHours(20));
        world.occasions =
                new Occasions(Map.of(RewritePlans.NIGHTLY, new FireTimes(world.now, null)), Map.of(web.id, 64L << 20));
        assertTrue(!plans(Rewrite.Compact.class));
        assertTrue(!plans(Action.RunInside.class));
    }

    private void failedLately(Phase phase) {
        world.failures.put(
                ObjectRef.of(web.id),
                new PastFailure(
                        phase,
                        Reason.InUse,
                        Follow.WAIT,
                        "in use by process 7 (sh)",
                        web.toSliver().attempt(),
                        1,
                        world.now.plusSeconds(60)));
    }

    /** A stranger in its rootfs: until that is tried again, the sliver runs as it is. */
    @Test
    void whatCouldNotBeUnmountedOrStoppedIsNotTakenDownForItMeanwhile() {
        for (Phase phase : List.of(Phase.STOP, Phase.UNMOUNT)) {
            web.baseImage = "alpine";
            failedLately(phase);
            Plan plan = world.plan();
            assertTrue(
                    plan.actions().stream()
                            .noneMatch(action -> action instanceof Action.StopContainer || action instanceof Rewrite),
                    phase + ": " + PlanText.of(plan));
            assertEquals(1, found(Reason.InUse).size());
        }
    }

    @Test
    void aCompactionThatIsAskedForIsDoneBeforeAPendingMove() {
        web.baseImage = "alpine";
        assertTrue(plans(Rewrite.Rebase.class));
        world.requests = Requests.toCompact(Set.of(web.id));
        assertTrue(plans(Rewrite.Compact.class));
        assertTrue(!plans(Rewrite.Rebase.class));
    }

    /** It waits for its container to be stopped, and is declared by somebody else than who plans now. */
    @Test
    void theBaseThatAPendingMoveOfAnotherSourceNeedsIsKept() {
        web.restartToUpdate = false;
        web.baseImage = "alpine";
        world.converge();
        assertEquals("debian", world.thing(web.id).record.baseName());
        world.source = "other";
        world.slivers.clear();
        world.images.clear();
        world.now = world.now.plus(Duration.ofDays(3));
        Plan plan = world.plan();
        assertTrue(
                plan.actions().stream()
                        .noneMatch(action -> action instanceof Action.MarkBase || action instanceof Action.RemoveBase),
                PlanText.of(plan));
    }
}
