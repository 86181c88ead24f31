package dev.veneer.node.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.api.Reason;
import dev.veneer.node.model.ContainerState;
import dev.veneer.node.model.IdRange;
import dev.veneer.node.model.PowerState;
import dev.veneer.node.model.RangePromise;
import dev.veneer.node.model.RootfsFacts;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.model.UserNamespaceMode;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What other stores of the node are told, and what is done about what they say. */
class RangeUseTest {
    private static final IdRange ONE = new IdRange(1_000_000, 65_536);
    private static final IdRange TWO = new IdRange(1_065_536, 65_536);
    private static final IdRange THREE = new IdRange(1_131_072, 65_536);

    private final FakeWorld world = new FakeWorld();
    private SliverId web;

    @BeforeEach
    void declare() {
        world.declareImage("debian");
        Declared declared = world.declare("web");
        declared.power = PowerState.Started;
        web = declared.id;
    }

    private RangeUse use() {
        PlanInput input = world.input();
        return RangeUse.of(input.actual(), world.plan());
    }

    private static RangeUse use(List<IdRange> held, List<IdRange> idle, List<IdRange> wanted) {
        return new RangeUse(held, idle, wanted);
    }

    private void others(IdRange... ranges) {
        world.promises = List.of(new RangePromise("/srv/other", "/run/veneer/id-ranges/0a1b2c3d", List.of(ranges)));
    }

    private IdRange range() {
        IdRange range = world.thing(web).record.idRange();
        return range == null ? new IdRange(1, 1) : range;
    }

    private void reboot() {
        world.thing(web).rootfs = new RootfsFacts.Absent();
        world.thing(web).container = ContainerState.NONE;
    }

    @Test
    void whatIsGivenIsWantedThenHeldThenIdle() {
        // The image is imported in the same plan.
        assertEquals(use(List.of(), List.of(), List.of(ONE)), use());
        world.converge();
        assertEquals(use(List.of(ONE), List.of(), List.of()), use());
        reboot();
        assertEquals(use(List.of(), List.of(), List.of(ONE)), use(), "it is mounted by the plan");
        world.slivers.get(web).power = PowerState.Registered;
        world.converge();
        assertEquals(use(List.of(), List.of(ONE), List.of()), use());
    }

    @Test
    void aMountWithoutMappedIdsHoldsNone() {
        world.converge();
        world.slivers.get(web).power = PowerState.Deployed;
        world.converge();
        assertEquals(use(List.of(), List.of(ONE), List.of()), use());
        world.slivers.get(web).userNamespace = UserNamespaceMode.Always;
        assertEquals(use(List.of(), List.of(), List.of(ONE)), use());
        world.converge();
        assertEquals(use(List.of(ONE), List.of(), List.of()), use());
        world.thing(web).covered = true;
        assertEquals(use(List.of(ONE), List.of(), List.of()), use(), "it may be below");
    }

    @Test
    void whatOthersHaveIsNotGiven() {
        others(ONE, THREE);
        world.converge();
        assertEquals(TWO, range());
    }

    @Test
    void whatIsDownGetsOtherIdsBeforeItIsMounted() {
        world.converge();
        reboot();
        others(ONE);
        assertEquals(use(List.of(), List.of(), List.of(TWO)), use());
        world.converge();
        assertEquals(TWO, range());
        assertTrue(world.plan().findings().isEmpty());
    }

    @Test
    void whatRunsIsLeftAndTold() {
        world.converge();
        others(ONE);
        Plan plan = world.plan();
        assertEquals(List.of(), plan.actions());
        Finding finding = plan.findings().get(0);
        assertEquals(Reason.NotAllowed, finding.reason());
        assertTrue(
                finding.message().contains("/srv/other") && finding.message().contains("0a1b2c3d"), finding::message);
        assertEquals(use(List.of(ONE), List.of(), List.of()), use());

        world.slivers.get(web).instanceSerial++;
        world.converge();
        assertEquals(TWO, range(), "on the occasion of a restart");
        assertTrue(world.plan().findings().isEmpty());
    }

    @Test
    void aRestartOnTheSameMountChangesNoIds() {
        world.converge();
        others(ONE);
        world.slivers.get(web).memory = 1 << 20;
        world.converge();
        assertEquals(ONE, range());
        assertEquals(1, world.plan().findings().size());
    }

    @Test
    void whenAllAreTakenItSaysByWhom() {
        others(new IdRange(1_000_000, 1_000_000_000));
        world.execute(world.plan(), Integer.MAX_VALUE);
        Finding finding = world.plan().findings().get(0);
        assertTrue(finding.message().contains("some of them by other stores"), finding::message);
    }

    @Test
    void whatIsNotMappedMindsNobody() {
        world.converge();
        world.slivers.get(web).power = PowerState.Deployed;
        world.converge();
        others(ONE);
        assertTrue(world.plan().isEmpty() && world.plan().findings().isEmpty());
    }
}
