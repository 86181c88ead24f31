package dev.veneer.node.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.api.Reason;
import dev.veneer.node.model.ActualImage;
import dev.veneer.node.model.DeclaredIdentity;
import dev.veneer.node.model.DeclaredIdentity.Adoption;
import dev.veneer.node.model.DeletionPolicy;
import dev.veneer.node.model.DesiredBaseImage;
import dev.veneer.node.model.DesiredSliver;
import dev.veneer.node.model.DesiredState;
import dev.veneer.node.model.NamespaceTrust;
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
                Set.of(),
                Set.of());
        return Planner.plan(new PlanInput(desired, input.actual(), input.store(), input.now(), Map.of()));
    }

    private Plan declared(String uid, long generation, boolean adopt) {
        return plan(web.toSliver().as(new DeclaredIdentity(uid, generation, adopt)), null, FakeWorld.SOURCE);
    }

    private Plan deleted(String uid) {
        return deleted(new DeclaredIdentity(uid, 2, false), FakeWorld.SOURCE);
    }

    private Plan deleted(DeclaredIdentity identity, String source) {
        return plan(null, web.toSliver().as(identity), source);
    }

    private static boolean removes(Plan plan) {
        return plan.actions().stream().anyMatch(Action.RemoveSliver.class::isInstance);
    }

    private static DeclaredIdentity in(String namespace, Adoption adoption) {
        return new DeclaredIdentity("other", 1, adoption, false, namespace, NamespaceTrust.TRUSTED);
    }

    /** What lies here was declared in a namespace with this uid. */
    private void lies(String namespace, boolean retained) {
        RecordEdit edit = new RecordEdit(record());
        edit.declare(
                web.toSliver()
                        .as(new DeclaredIdentity(
                                record().uid(), 1, Adoption.NONE, false, namespace, NamespaceTrust.TRUSTED)),
                FakeWorld.SOURCE);
        if (retained) {
            edit.retain(world.now);
            world.thing(WEB).rootfs = new RootfsFacts.Absent();
        }
        world.thing(WEB).record = edit.toRecord();
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
        assertEquals(List.of(Reason.OtherSource), reasons(plan(elsewhere, null, "cluster-b")));
        elsewhere = web.toSliver().as(in("n1", Adoption.OF_ANYBODY));
        assertEquals("cluster-b", updated(plan(elsewhere, null, "cluster-b")).sourceId());
    }

    @Test
    void absenceAloneRemovesNothing() {
        assertTrue(plan(null, null, FakeWorld.SOURCE).isEmpty());
    }

    /** As the message of a held one says: delete it to leave those data alone. */
    @Test
    void theDeletionOfOneThatIsHeldRemovesNothing() {
        String uid = record().uid();
        world.thing(WEB).record = updated(declared(uid, 7, false));
        assertTrue(
                deleted(new DeclaredIdentity(uid, 4, false), FakeWorld.SOURCE).isEmpty());
        assertTrue(deleted(new DeclaredIdentity(uid, 8, false), "cluster-b").isEmpty());
        assertTrue(deleted(new DeclaredIdentity("other", 8, true), "cluster-b").isEmpty());
        // Where it would be followed if it stayed, its deletion is too.
        assertTrue(removes(deleted(new DeclaredIdentity(uid, 7, false), FakeWorld.SOURCE)));
        assertTrue(removes(deleted(new DeclaredIdentity(uid, 4, true), FakeWorld.SOURCE)));
        assertTrue(removes(deleted(new DeclaredIdentity("other", 1, true), FakeWorld.SOURCE)));
    }

    /** A deletion that a restored cluster still knows of is older than the data that lie here now. */
    @Test
    void whatIsSaidOfAllSliversMakesNoDeletionOneOfAnothersData() {
        String uid = record().uid();
        for (String source : List.of(FakeWorld.SOURCE, "cluster-b")) {
            assertTrue(deleted(in("n1", Adoption.OF_ANYBODY), source).isEmpty());
            assertTrue(removes(deleted(in("n1", Adoption.OF_ANYBODY_BY_NAME), source)));
        }
        // Its own data are meant, however old it is.
        world.thing(WEB).record = updated(declared(uid, 7, false));
        DeclaredIdentity older = new DeclaredIdentity(uid, 4, Adoption.OF_ANYBODY, false, "n1", NamespaceTrust.TRUSTED);
        assertTrue(removes(deleted(older, FakeWorld.SOURCE)));
        lies("n1", false);
        assertTrue(deleted(in("n1", Adoption.OF_ANYBODY), FakeWorld.SOURCE).isEmpty());
    }

    @Test
    void whatIsSaidOfAllAddsToWhatIsSaidOfOne() {
        assertEquals(Adoption.OF_ANYBODY, Adoption.NONE.ofAnybody());
        assertEquals(Adoption.OF_ANYBODY, Adoption.OF_ANYBODY.ofAnybody());
        assertEquals(Adoption.OF_ANYBODY_BY_NAME, Adoption.OF_NAMESPACE.ofAnybody());
        assertEquals(Adoption.OF_ANYBODY_BY_NAME, Adoption.OF_ANYBODY_BY_NAME.ofAnybody());
        DesiredSliver elsewhere = web.toSliver().as(in("n1", Adoption.OF_ANYBODY_BY_NAME));
        assertEquals("cluster-b", updated(plan(elsewhere, null, "cluster-b")).sourceId());
    }

    @Test
    void whatIsKeptIsNotRemovedByAnyDeletion() {
        lies("n1", true);
        for (Adoption adoption : Adoption.values()) {
            DeclaredIdentity same =
                    new DeclaredIdentity(record().uid(), 9, adoption, false, "n1", NamespaceTrust.TRUSTED);
            assertTrue(deleted(same, FakeWorld.SOURCE).isEmpty());
        }
    }

    @Test
    void whatIsKeptIsTakenUpInItsOwnNamespaceOnly() {
        lies("n1", true);
        for (Adoption adoption : List.of(Adoption.NONE, Adoption.OF_NAMESPACE)) {
            Plan plan = plan(web.toSliver().as(in("n2", adoption)), null, FakeWorld.SOURCE);
            assertEquals(List.of(Reason.OtherObject), reasons(plan));
            assertEquals(List.of(), plan.actions());
            plan = plan(web.toSliver().as(in("n1", adoption)), null, "cluster-b");
            assertEquals(List.of(Reason.OtherSource), reasons(plan));
            assertEquals(List.of(), plan.actions());
            assertEquals(
                    "other",
                    updated(plan(web.toSliver().as(in("n1", adoption)), null, FakeWorld.SOURCE))
                            .uid());
        }
        SliverRecord taken = updated(plan(web.toSliver().as(in("n2", Adoption.OF_ANYBODY)), null, "cluster-b"));
        assertEquals("n2", taken.namespace());
        assertEquals("cluster-b", taken.sourceId());
        // Where nobody knows which namespace it is, nothing is taken up.
        Plan unknown = plan(web.toSliver().as(new DeclaredIdentity("other", 1, true)), null, FakeWorld.SOURCE);
        assertEquals(List.of(Reason.OtherObject), reasons(unknown));
    }

    @Test
    void aNamespaceIsNotedOnceItIsKnown() {
        DeclaredIdentity known =
                new DeclaredIdentity(record().uid(), 1, Adoption.NONE, false, "n1", NamespaceTrust.TRUSTED);
        SliverRecord noted = updated(plan(web.toSliver().as(known), null, FakeWorld.SOURCE));
        assertEquals("n1", noted.namespace());
        world.thing(WEB).record = noted;
        assertTrue(plan(web.toSliver().as(known), null, FakeWorld.SOURCE).isEmpty());
        assertTrue(declared(record().uid(), 1, false).isEmpty());
    }

    @Test
    void oneThatWasMadeBeforeIsNotMadeAgainWithoutAWord() {
        world.actual.remove(WEB);
        DeclaredIdentity made = new DeclaredIdentity("u", 1, Adoption.NONE, true, "n1", NamespaceTrust.TRUSTED);
        Plan plan = plan(web.toSliver().as(made), null, FakeWorld.SOURCE);
        assertEquals(List.of(Reason.DataMissing), reasons(plan));
        assertEquals(List.of(), plan.actions());
        made = new DeclaredIdentity("u", 1, Adoption.OF_NAMESPACE, true, "n1", NamespaceTrust.TRUSTED);
        assertTrue(plan(web.toSliver().as(made), null, FakeWorld.SOURCE).actions().stream()
                .anyMatch(Action.CreateSliver.class::isInstance));
    }

    @Test
    void aStoreThatIsNotTheOneGetsNothing() {
        FakeWorld empty = new FakeWorld();
        Declared sliver = empty.declare("web");
        empty.declareImage("debian");
        PlanInput input = empty.input();
        DesiredState desired = new DesiredState(
                input.desired().baseImages(),
                Map.of(WEB, sliver.toSliver().as(new DeclaredIdentity("u", 1, true))),
                null,
                new SourceState(FakeWorld.SOURCE, false, null, false, Set.of(), Set.of(), List.of(), "not the one"));
        Plan plan = Planner.plan(new PlanInput(desired, input.actual(), input.store(), input.now(), Map.of()));
        assertEquals(List.of(), plan.actions());
        assertEquals(
                List.of(Reason.DataMissing, Reason.DataMissing, Reason.DataMissing),
                plan.findings().stream().map(Finding::reason).toList());
    }

    /** Also a pinned or suspended one: nobody could ever unpin it or let it go on. */
    @Test
    void anImageThatIsGoneForGoodIsForgottenWhenNothingUsesIt() {
        for (int round = 0; round < 2; round++) {
            PlanInput input = world.input();
            DesiredState desired = new DesiredState(
                    Map.of(),
                    Map.of(),
                    null,
                    new SourceState(FakeWorld.SOURCE, false, null, false, Set.of(), List.of()),
                    Map.of(),
                    Set.of(),
                    Set.of("debian"));
            DesiredBaseImage image = world.images.get("debian");
            world.actualImages.put(
                    "debian",
                    new ActualImage(
                            world.actualImages.get("debian").record(),
                            new DesiredBaseImage(
                                    image.name(),
                                    image.source(),
                                    image.keepUnreferenced(),
                                    true,
                                    true,
                                    image.canonicalSpec(),
                                    image.origin(),
                                    null)));
            Plan plan = Planner.plan(new PlanInput(desired, input.actual(), input.store(), input.now(), Map.of()));
            boolean used = round == 0;
            assertEquals(
                    used ? 0 : 1,
                    plan.actions().stream()
                            .filter(Action.ForgetImage.class::isInstance)
                            .count(),
                    plan.toString());
            assertEquals(used, plan.findings().stream().anyMatch(finding -> finding.reason() == Reason.InUse));
            world.actual.remove(WEB);
        }
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
