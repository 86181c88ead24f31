package dev.veneer.node.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.api.Reason;
import dev.veneer.node.model.DeclaredIdentity;
import dev.veneer.node.model.DeletionPolicy;
import dev.veneer.node.model.DesiredSliver;
import dev.veneer.node.model.DesiredState;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.model.RootfsFacts;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.model.SliverRecord;
import dev.veneer.node.model.SourceState;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Where declarations say which object they are: what acts on what lies here under a name, and what does not. */
class OwnershipTest {
    private static final SliverId WEB = new SliverId("default", "web");

    private final FakeWorld world = new FakeWorld();
    private final Declared web = world.declare("web");

    @BeforeEach
    void deploy() {
        world.declareImage("debian");
        world.converge();
    }

    private SliverRecord record() {
        return world.thing(WEB).record;
    }

    /** A plan of a source where absence means nothing. */
    private Plan plan(@Nullable DesiredSliver declared, @Nullable DesiredSliver deleted, String source) {
        PlanInput input = world.input();
        DesiredState desired = new DesiredState(
                input.desired().baseImages(),
                declared == null ? Map.of() : Map.of(WEB, declared),
                null,
                new SourceState(source, false, null, false, Set.of(), List.of()),
                deleted == null ? Map.of() : Map.of(WEB, deleted),
                Set.of());
        return Planner.plan(new PlanInput(desired, input.actual(), input.store(), input.now(), Map.of()));
    }

    private Plan declared(String uid, long generation, boolean adopt) {
        return plan(web.toSliver().as(new DeclaredIdentity(uid, generation, adopt)), null, FakeWorld.SOURCE);
    }

    private Plan deleted(String uid) {
        return plan(null, web.toSliver().as(new DeclaredIdentity(uid, 2, false)), FakeWorld.SOURCE);
    }

    private static List<Reason> reasons(Plan plan) {
        return plan.findings().stream()
                .filter(finding -> finding.object().equals(ObjectRef.of(WEB)))
                .map(Finding::reason)
                .toList();
    }

    private static SliverRecord updated(Plan plan) {
        return ((Action.UpdateSliver) plan.actions().get(0)).record();
    }

    @Test
    void theVeryObjectIsFollowedByItsGeneration() {
        String uid = record().uid();
        assertTrue(declared(uid, 1, false).isEmpty());
        assertEquals(7, updated(declared(uid, 7, false)).generation());
        web.driver = "overlay";
        SliverRecord edited = updated(declared(uid, 8, false));
        assertEquals(8, edited.generation());
        assertEquals(uid, edited.uid());
    }

    @Test
    void anotherObjectOfTheNameChangesNothingAndWhatWasInForceIsHealed() {
        web.instanceSerial = 2;
        Plan plan = declared("other", 1, false);
        assertEquals(List.of(Reason.OtherObject), reasons(plan));
        assertEquals(List.of(), plan.actions());
        world.thing(WEB).rootfs = new RootfsFacts.Absent();
        plan = declared("other", 1, false);
        assertEquals(1, plan.actions().size());
        assertTrue(plan.actions().get(0) instanceof Action.Mount);
    }

    @Test
    void anOlderGenerationChangesNothing() {
        String uid = record().uid();
        SliverRecord later = updated(declared(uid, 9, false));
        world.updateSliver(new Action.UpdateSliver(later, "test"));
        web.instanceSerial = 2;
        Plan plan = declared(uid, 8, false);
        assertEquals(List.of(Reason.OtherObject), reasons(plan));
        assertEquals(List.of(), plan.actions());
        assertEquals(List.of(), reasons(declared(uid, 8, true)));
    }

    @Test
    void anotherClusterChangesNothing() {
        web.instanceSerial = 2;
        DesiredSliver sliver = web.toSliver().as(new DeclaredIdentity(record().uid(), 1, false));
        Plan plan = plan(sliver, null, "cluster-b");
        assertEquals(List.of(Reason.OtherSource), reasons(plan));
        assertEquals(List.of(), plan.actions());
        assertTrue(plan(null, sliver, "cluster-b").actions().isEmpty());
    }

    @Test
    void whatIsAdoptedIsTakenUp() {
        SliverRecord taken = updated(declared("other", 3, true));
        assertEquals("other", taken.uid());
        assertEquals(3, taken.generation());
        DesiredSliver elsewhere = web.toSliver().as(new DeclaredIdentity("third", 1, true));
        assertEquals("cluster-b", updated(plan(elsewhere, null, "cluster-b")).sourceId());
    }

    @Test
    void absenceAloneRemovesNothing() {
        assertTrue(plan(null, null, FakeWorld.SOURCE).isEmpty());
    }

    @Test
    void onlyTheDeletionOfTheVeryObjectRemoves() {
        assertTrue(deleted("other").isEmpty());
        List<Action> actions = deleted(record().uid()).actions();
        assertTrue(actions.stream().anyMatch(Action.RemoveSliver.class::isInstance), actions.toString());
        web.deletionPolicy = DeletionPolicy.Retain;
        actions = deleted(record().uid()).actions();
        assertTrue(actions.stream().noneMatch(Action.RemoveSliver.class::isInstance), actions.toString());
    }
}
