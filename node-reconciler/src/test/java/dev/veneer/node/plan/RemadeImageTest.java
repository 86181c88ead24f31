package dev.veneer.node.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.model.DeclaredIdentity;
import dev.veneer.node.model.DesiredBaseImage;
import dev.veneer.node.model.DesiredState;
import dev.veneer.node.model.Digest;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A BaseImage that was deleted and made again with other content is imported where a sliver names it, and nowhere else. */
class RemadeImageTest {
    private final FakeWorld world = new FakeWorld();

    private List<Action> imports(DesiredBaseImage image, boolean named) {
        PlanInput input = world.input();
        DesiredState desired = new DesiredState(
                Map.of("debian", image),
                named ? input.desired().slivers() : Map.of(),
                input.desired().store(),
                input.desired().source());
        world.prunes = false;
        Plan plan = Planner.plan(new PlanInput(desired, input.actual(), input.store(), input.now(), Map.of()));
        return plan.actions().stream()
                .filter(Action.ImportImage.class::isInstance)
                .toList();
    }

    @Test
    void itIsImportedWhereASliverNamesIt() {
        world.declareImage("debian");
        world.declare("web");
        world.converge();
        DesiredBaseImage anew = Declared.image("debian", "file:/other.tar").as(new DeclaredIdentity("new", 1, false));
        assertTrue(imports(anew, false).isEmpty());
        assertEquals(1, imports(anew, true).size());
    }

    @Test
    void itIsWhatItsClusterAgreedOnAndNotWhatTheEarlierOneWas() {
        world.declareImage("debian");
        world.declare("web");
        world.converge();
        DesiredBaseImage same = world.input().desired().baseImages().get("debian");
        DesiredBaseImage anew = same.as(new DeclaredIdentity("new", 1, false));
        assertTrue(imports(anew, true).isEmpty());
        DesiredBaseImage other = anew.agreedOn(new Digest("0".repeat(64)));
        assertTrue(imports(other, false).isEmpty());
        assertEquals(1, imports(other, true).size());
    }
}
