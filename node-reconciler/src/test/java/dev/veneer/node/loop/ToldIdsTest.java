package dev.veneer.node.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.linux.JnrLinuxCalls;
import dev.veneer.node.model.ActualSliver;
import dev.veneer.node.model.ActualState;
import dev.veneer.node.model.ContainerState;
import dev.veneer.node.model.DeclaredSpecs;
import dev.veneer.node.model.IdRange;
import dev.veneer.node.model.NodeFacts;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.model.OrderedMap;
import dev.veneer.node.model.RootfsFacts;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.model.SliverRecord;
import dev.veneer.node.plan.Action;
import dev.veneer.node.plan.Plan;
import dev.veneer.node.store.IdRangePromises;
import dev.veneer.node.store.Store;
import dev.veneer.node.testkit.FaultyLinuxCalls;
import dev.veneer.node.testkit.RecordBuilder;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When other stores of the node are told anew. */
class ToldIdsTest {
    private static final SliverId WEB = new SliverId("default", "web");
    private static final Plan NOTHING = new Plan(List.of(), List.of());
    private static final String SPEC =
            """
            {"baseImage":"small","deletionPolicy":"Delete","desiredState":"Deployed","driver":"copy","instanceSerial":1,"keepPrevious":"24h","lxc":{},"nodeName":"vm","personalize":true,"suspend":false,"update":{"grace":"30s","policy":"Restart"},"userNamespace":"Auto"}""";

    @TempDir
    Path temporary;

    private final FaultyLinuxCalls counted = new FaultyLinuxCalls(new JnrLinuxCalls()).counting("flock");
    private final ToldIds told = new ToldIds();
    private Store store;
    private IdRangePromises promises;

    @BeforeEach
    void open() throws Exception {
        store = Store.open(new JnrLinuxCalls(), temporary.resolve("store").toString(), "test");
        promises = IdRangePromises.of(
                store, counted.calls(), temporary.resolve("run").toString());
    }

    @AfterEach
    void close() {
        store.close();
    }

    private static ActualSliver sliver(int range, int revision, boolean mounted) throws Exception {
        SliverRecord record = record(range, revision);
        return new ActualSliver(
                record,
                DeclaredSpecs.sliver(WEB, SPEC, "test"),
                Set.of(revision),
                mounted ? new RootfsFacts.Ours(revision, true, true, "") : new RootfsFacts.Absent(),
                ContainerState.NONE);
    }

    private static SliverRecord record(int range, int revision) {
        return RecordBuilder.of(WEB)
                .revision(revision)
                .idRange(new IdRange(range * 65_536, 65_536))
                .build();
    }

    private static ActualState state(OrderedMap<SliverId, ActualSliver> slivers, boolean damaged) {
        return new ActualState(
                new NodeFacts("n", "/store", "/store/rootfs", 1, 1, false, List.of(), "", List.of()),
                new TreeMap<>(),
                new TreeMap<>(),
                slivers,
                damaged ? List.of(new ActualState.Damage(ObjectRef.of(WEB), "test")) : List.of(),
                null,
                new TreeMap<>(),
                false);
    }

    /** As a pass does; whether others were told, or it was looked whether they are. */
    private boolean tells(ActualState state, Plan plan) {
        promises.others();
        counted.reset();
        assertTrue(told.tell(promises, state, plan));
        return counted.counted() > 0;
    }

    @Test
    void onlyWhatIsNewIsTold() throws Exception {
        OrderedMap<SliverId, ActualSliver> slivers = OrderedMap.copyOf(Map.of(WEB, sliver(1, 1, false)));
        ActualState state = state(slivers, false);
        assertTrue(tells(state, NOTHING));
        Thread.sleep(60);
        assertTrue(tells(state, NOTHING), "file times advance in ticks");
        assertFalse(tells(state, NOTHING));

        Plan edit = new Plan(List.of(new Action.UpdateSliver(record(1, 1), "test")), List.of());
        assertFalse(tells(state, edit), "its ids stay");
        state = state(OrderedMap.copyOf(Map.of(WEB, sliver(1, 2, false))), false);
        assertFalse(tells(state, NOTHING), "another revision has the same ids");

        Plan other = new Plan(List.of(new Action.UpdateSliver(record(2, 2), "test")), List.of());
        assertTrue(tells(state, other));
        state = state(OrderedMap.copyOf(Map.of(WEB, sliver(2, 2, false))), false);
        Thread.sleep(60);
        assertTrue(tells(state, NOTHING));
        assertFalse(tells(state, NOTHING));
        state = state(OrderedMap.copyOf(Map.of(WEB, sliver(2, 2, true))), false);
        assertTrue(tells(state, NOTHING), "it is in use");
    }

    @Test
    void whatCannotBeReadKeepsItsIds() throws Exception {
        assertTrue(tells(state(OrderedMap.copyOf(Map.of(WEB, sliver(1, 1, true))), false), NOTHING));
        OrderedMap<SliverId, ActualSliver> none = OrderedMap.copyOf(Map.<SliverId, ActualSliver>of());
        IdRangePromises others = IdRangePromises.ofNone(
                new JnrLinuxCalls(), temporary.resolve("run").toString());
        assertTrue(tells(state(none, true), NOTHING));
        assertEquals(1, others.others().size());
        assertTrue(tells(state(none, false), NOTHING));
        assertEquals(0, others.others().size());
    }
}
