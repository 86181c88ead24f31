package dev.veneer.node.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.veneer.node.model.ActualState;
import dev.veneer.node.model.BaseForm;
import dev.veneer.node.model.DriverFacts;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SpaceEstimateTest {
    private final FakeWorld world = new FakeWorld();
    private long tree;

    @BeforeEach
    void settle() {
        world.drivers = List.of(
                new DriverFacts("overlay", BaseForm.DIR, true, "works", true, List.of("sharesBaseBytes")),
                new DriverFacts("copy", BaseForm.DIR, true, "works", true, List.of()));
        world.declareImage("debian");
        world.declare("there").driver = "overlay";
        world.converge();
        tree = world.bases.values().iterator().next().bytes();
    }

    private SpaceEstimate whole() {
        ActualState actual = world.input().actual();
        return world.plan().actions().stream()
                .map(action -> SpaceEstimate.of(action, actual, id -> 7))
                .reduce(new SpaceEstimate(0, 0), SpaceEstimate::plus);
    }

    @Test
    void onlyAWholeCopyTakesSpaceAtOnce() {
        world.declare("shared").driver = "overlay";
        assertEquals(new SpaceEstimate(0, 0), whole());
        world.declare("copied").driver = "copy";
        assertEquals(new SpaceEstimate(tree, 0), whole());
    }

    @Test
    void aRemovedSliverGivesBackWhatWasMeasured() {
        world.slivers.clear();
        assertEquals(new SpaceEstimate(0, 7), whole());
    }

    @Test
    void aCollectedBaseGivesBackItsTree() {
        world.slivers.clear();
        world.images.clear();
        world.converge();
        world.now = world.now.plus(Duration.ofDays(60));
        assertEquals(new SpaceEstimate(0, tree), whole());
    }
}
