package dev.veneer.node.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.api.Reason;
import dev.veneer.node.execute.ActionResult;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.model.ActualState;
import dev.veneer.node.model.DeclaredSpecs;
import dev.veneer.node.model.DesiredSliver;
import dev.veneer.node.model.DesiredState;
import dev.veneer.node.model.NodeFacts;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.model.RewriteSettings;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.model.SliverRecord;
import dev.veneer.node.model.SourceState;
import dev.veneer.node.plan.Action;
import dev.veneer.node.plan.PastFailure;
import dev.veneer.node.plan.Requests;
import dev.veneer.node.plan.Rewrite;
import dev.veneer.node.testkit.RecordBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** When what failed is tried again. */
class FailureMemoryTest {
    private static final SliverId WEB = new SliverId("default", "web");
    private static final String SPEC =
            """
            {"baseImage":"small","deletionPolicy":"Delete","desiredState":"Deployed","driver":"copy","instanceSerial":1,"keepPrevious":"24h","lxc":{},"nodeName":"vm","personalize":true,"suspend":false,"update":{"grace":"30s","policy":"Restart"},"userNamespace":"Auto"}""";
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private final FailureMemory memory = new FailureMemory();
    private final DesiredSliver sliver;
    private final DesiredState desired;
    private final ActualState actual = new ActualState(
            new NodeFacts("n", "/store", "/store/rootfs", 1, 1, false, List.of(), "", List.of()),
            new TreeMap<>(),
            new TreeMap<>(),
            new TreeMap<>(),
            List.of(),
            null,
            new TreeMap<>(),
            false);

    FailureMemoryTest() throws Exception {
        sliver = DeclaredSpecs.sliver(WEB, SPEC, "test");
        TreeMap<SliverId, DesiredSliver> slivers = new TreeMap<>();
        slivers.put(WEB, sliver);
        desired = new DesiredState(
                new TreeMap<>(), slivers, null, new SourceState("s", true, null, false, Set.of(), List.of()));
    }

    private static Action compaction() {
        SliverRecord record = RecordBuilder.of(WEB).revision(2).build();
        return new Rewrite.Compact(record, 1, List.of(), false, "test");
    }

    private static ActionResult failed(Reason reason, Follow follow, boolean begun, Instant at) {
        return new ActionResult(
                compaction(),
                ActionResult.Outcome.FAILED,
                new NodeException(reason, follow, "test"),
                begun,
                at,
                Duration.ZERO,
                ActionResult.Effect.NONE);
    }

    private ActionResult started(Instant at) {
        return new ActionResult(
                new Action.StartContainer(sliver, "test"),
                ActionResult.Outcome.DONE,
                null,
                true,
                at,
                Duration.ZERO,
                ActionResult.Effect.NONE);
    }

    private Duration waitsAfter(ActionResult... results) {
        memory.note(List.of(results), desired, actual);
        PastFailure failure = memory.failures().get(ObjectRef.of(WEB));
        return Duration.between(NOW, failure.retryAt());
    }

    @Test
    void aConflictThatIsFoundBesideTheSliverIsLookedForAgain() {
        assertEquals(Duration.ofMinutes(1), waitsAfter(failed(Reason.RebaseConflict, Follow.STALLED, false, NOW)));
        for (int again = 0; again < 20; again++) {
            waitsAfter(failed(Reason.RebaseConflict, Follow.STALLED, false, NOW));
        }
        assertEquals(Duration.ofHours(1), waitsAfter(failed(Reason.RebaseConflict, Follow.STALLED, false, NOW)));
        assertTrue(memory.nextRetry().isPresent());
    }

    /** It can only be found with the container stopped, which is not done again for it. */
    @Test
    void aConflictThatIsFoundInAStoppedSliverWaitsForAPerson() {
        waitsAfter(failed(Reason.RebaseConflict, Follow.STALLED, true, NOW), started(NOW));
        assertEquals(
                FailureMemory.NEVER, memory.failures().get(ObjectRef.of(WEB)).retryAt());
    }

    @Test
    void aContainerIsNotStoppedAgainSoonForWhatFailedWhenItWas() {
        assertEquals(Duration.ofMinutes(1), waitsAfter(failed(Reason.Failed, Follow.RETRY, true, NOW), started(NOW)));
        assertEquals(Duration.ofMinutes(2), waitsAfter(failed(Reason.InUse, Follow.WAIT, true, NOW), started(NOW)));
        // It may also be started by the next pass only.
        waitsAfter(failed(Reason.InUse, Follow.WAIT, true, NOW));
        assertEquals(Duration.ofMinutes(4), waitsAfter(started(NOW)));
    }

    @Test
    void whatIsFoundBesideTheSliverIsTriedAgainSoon() {
        assertEquals(Duration.ofSeconds(1), waitsAfter(failed(Reason.LowSpace, Follow.WAIT, false, NOW), started(NOW)));
    }

    private static ActionResult failedMove() {
        Rewrite.Compact like = (Rewrite.Compact) compaction();
        return new ActionResult(
                new Rewrite.Rebase(
                        like.record(),
                        1,
                        "old",
                        like.record().baseDigest(),
                        RewriteSettings.DEFAULT_REBASE,
                        List.of(),
                        "test"),
                ActionResult.Outcome.FAILED,
                new NodeException(Reason.RebaseConflict, Follow.STALLED, "test"),
                false,
                NOW,
                Duration.ZERO,
                ActionResult.Effect.NONE);
    }

    /** A compaction is asked for of a sliver whose declared move fails in the same pass. */
    @Test
    void theFailureOfAPendingMoveIsRememberedThoughSomethingElseIsAskedFor() {
        Requests requests = Requests.toCompact(Set.of(WEB));
        ActionResult move = failedMove();
        assertEquals(List.of(move), Reconciler.declared(requests, List.of(move)));
        ActionResult compaction = failed(Reason.Failed, Follow.RETRY, true, NOW);
        assertEquals(List.of(), Reconciler.declared(requests, List.of(compaction)));
        assertEquals(List.of(compaction), Reconciler.declared(Requests.NONE, List.of(compaction)));
    }
}
