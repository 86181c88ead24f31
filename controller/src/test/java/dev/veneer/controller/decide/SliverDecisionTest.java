package dev.veneer.controller.decide;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.api.v1alpha1.Condition;
import dev.veneer.controller.decide.SliverDecision.Act;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class SliverDecisionTest {
    private static final Instant NOW = Instant.parse("2026-03-02T12:00:00Z");
    private static final Duration DAY = Duration.ofHours(24);
    private static final Instant LONG_AGO = NOW.minus(Duration.ofDays(3));

    private static final SliverDecision.Sliver LIVES = new SliverDecision.Sliver(false, true, false, true, false);
    private static final SliverDecision.Sliver DELETED = new SliverDecision.Sliver(true, true, false, true, true);

    private static SliverDecision decide(SliverDecision.Sliver sliver, SliverDecision.Node node) {
        return SliverDecision.of(sliver, node, NOW, DAY);
    }

    private static SliverDecision.Node node(Instant lostSince, boolean registered, Duration unseen) {
        return new SliverDecision.Node("n1", lostSince, registered, unseen);
    }

    @Test
    void aNodeThatReportsIsLeftAlone() {
        assertEquals(Act.NOTHING, decide(LIVES, node(null, true, Duration.ZERO)).act());
        assertEquals(
                Act.NOTHING, decide(DELETED, node(null, true, Duration.ZERO)).act());
        // Not even when its Node object is missing: its Lease lives.
        assertEquals(Act.NOTHING, decide(DELETED, node(null, false, DAY)).act());
    }

    @Test
    void lostIsSaidOnceAndOnlyOfWhatWasReported() {
        assertEquals(
                Act.MARK_LOST, decide(LIVES, node(NOW, true, Duration.ZERO)).act());
        SliverDecision.Sliver marked = new SliverDecision.Sliver(false, true, false, true, true);
        assertEquals(Act.NOTHING, decide(marked, node(NOW, true, Duration.ZERO)).act());
        SliverDecision.Sliver unseen = new SliverDecision.Sliver(false, false, false, false, false);
        assertEquals(Act.NOTHING, decide(unseen, node(NOW, true, Duration.ZERO)).act());
    }

    @Test
    void whatIsNotDeletedIsNeverLetGo() {
        SliverDecision decision = decide(LIVES, node(LONG_AGO, false, DAY));
        assertEquals(Act.MARK_LOST, decision.act());
        SliverDecision.Sliver abandoned = new SliverDecision.Sliver(false, true, true, true, true);
        assertEquals(Act.NOTHING, decide(abandoned, node(LONG_AGO, false, DAY)).act());
    }

    @Test
    void aNodeGoneLongEnoughIsGivenUp() {
        SliverDecision decision = decide(DELETED, node(LONG_AGO, false, Duration.ofMinutes(10)));
        assertEquals(Act.GIVE_UP, decision.act());
        assertTrue(decision.why().contains("n1") && decision.why().contains("orphan"), decision.why());
        // One whose Node object is there may come back: it was only switched off.
        SliverDecision registered = decide(DELETED, node(LONG_AGO, true, Duration.ZERO));
        assertEquals(Act.NOTHING, registered.act());
        assertEquals(Duration.ofMinutes(1), registered.again());
    }

    @Test
    void beforeThatItIsWaitedFor() {
        SliverDecision decision = decide(DELETED, node(NOW.minus(Duration.ofHours(23)), false, DAY));
        assertEquals(Act.NOTHING, decision.act());
        assertEquals(Duration.ofHours(1).plusSeconds(1), decision.again());
    }

    @Test
    void aClockThatJumpsAloneGivesNothingUp() {
        SliverDecision decision = decide(DELETED, node(LONG_AGO, false, Duration.ofMinutes(1)));
        assertEquals(Act.NOTHING, decision.act());
        assertEquals(Duration.ofMinutes(9).plusSeconds(1), decision.again());
        // Backwards it only waits longer.
        assertEquals(
                Act.NOTHING, decide(DELETED, node(NOW.plus(DAY), false, DAY)).act());
    }

    @Test
    void theAnnotationGivesUpAtOnceButOnlyWhatTheAgentHolds() {
        SliverDecision.Sliver abandoned = new SliverDecision.Sliver(true, true, true, true, false);
        assertEquals(
                Act.GIVE_UP, decide(abandoned, node(null, true, Duration.ZERO)).act());
        SliverDecision.Sliver free = new SliverDecision.Sliver(true, false, true, true, false);
        assertEquals(Act.NOTHING, decide(free, node(null, true, Duration.ZERO)).act());
    }

    @Test
    void whatIsSaidIsRecognizedAgain() {
        Condition before = new Condition("Ready", Condition.Status.True, 4L, "2026-01-01T00:00:00Z", "Succeeded", "");
        assertFalse(Lost.is(List.of(before)));
        Condition lost = Lost.condition(List.of(before), 4, "n1", NOW);
        assertTrue(Lost.is(List.of(lost)));
        assertEquals(NOW, Lost.since(List.of(lost)).orElseThrow());
        // Saying it again does not begin anew.
        Condition again = Lost.condition(List.of(lost), 4, "n1", NOW.plusSeconds(60));
        assertEquals(NOW, Lost.since(List.of(again)).orElseThrow());
        Condition odd = new Condition("Ready", Condition.Status.Unknown, 4L, "yesterday", "NodeLost", "");
        assertFalse(Lost.is(List.of(odd)));
    }
}
