package dev.veneer.node.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.model.PowerState;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** That a memory changes no plan is asserted by {@link WorldAsSeen}, in each of the seeded sequences too. */
class PlanMemoryTest {
    private final FakeWorld world = new FakeWorld();

    @BeforeEach
    void settle() {
        world.declareImage("debian");
        world.declare("one").power = PowerState.Started;
        world.declare("two");
        world.converge();
        assertTrue(world.plan().isEmpty());
    }

    /** Whatever a sliver's plan depends on beside the sliver itself. */
    private void assertMatters(Consumer<FakeWorld> change) {
        Plan before = world.plan();
        change.accept(world);
        assertNotEquals(before, world.plan());
    }

    @Test
    void anotherSourceMatters() {
        assertMatters(changed -> changed.source = "other");
    }

    @Test
    void takingOverMatters() {
        world.source = "other";
        assertMatters(changed -> changed.takesOver = true);
    }

    @Test
    void nothingElseIsNothingNew() {
        Plan before = world.plan();
        world.freeBytes--;
        assertEquals(before, world.plan());
    }
}
