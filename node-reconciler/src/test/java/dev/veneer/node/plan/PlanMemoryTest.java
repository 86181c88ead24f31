package dev.veneer.node.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.api.v1alpha1.UpdateWindow;
import dev.veneer.api.v1alpha1.Weekday;
import dev.veneer.node.model.FireTimes;
import dev.veneer.node.model.PowerState;
import dev.veneer.node.model.RangePromise;
import dev.veneer.node.model.RewriteSettings;
import dev.veneer.node.model.SliverId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
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
    void idsOfAnotherStoreMatter() {
        assertMatters(changed -> changed.promises = List.of(new RangePromise(
                "/other",
                "/run/x",
                List.of(Objects.requireNonNull(
                        changed.actual.values().iterator().next().record.idRange())))));
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

    private static final List<String> ZONES = List.of("UTC", "Europe/Berlin", "Asia/Kathmandu", "America/New_York");

    private static final List<Weekday> DAYS = List.of(Weekday.values());

    private static UpdateWindow window(Random random) {
        int from = random.nextInt(24 * 4) * 15;
        int to = (from + 15 + random.nextInt(40) * 15) % (24 * 60);
        List<Weekday> days = random.nextInt(3) == 0 ? List.of(DAYS.get(random.nextInt(DAYS.size()))) : List.of();
        return new UpdateWindow(days, time(from), time(to), ZONES.get(random.nextInt(ZONES.size())));
    }

    private static String time(int minutes) {
        return String.format("%02d:%02d", minutes / 60, minutes % 60);
    }

    private static FakeWorld windowed(Random random) {
        FakeWorld world = new FakeWorld();
        world.declareImage("debian");
        // Some of it on the nights on which clocks are changed.
        world.now = Instant.parse(random.nextBoolean() ? "2026-03-28T00:00:00Z" : "2026-10-24T00:00:00Z");
        for (int i = 0; i < 5; i++) {
            Declared sliver = world.declare("s" + i);
            sliver.power = PowerState.Started;
            sliver.restartToUpdate = random.nextInt(5) > 0;
            sliver.updateWindows = random.nextInt(4) == 0
                    ? List.of()
                    : random.nextBoolean() ? List.of(window(random)) : List.of(window(random), window(random));
            sliver.rewriting = new RewriteSettings(
                    RewriteSettings.DEFAULT_REBASE,
                    List.of(),
                    new RewriteSettings.Compaction(RewritePlans.NIGHTLY, 1),
                    null,
                    null);
        }
        world.converge();
        return world;
    }

    /** A compaction that waits for a window says nothing, and yet is planned as soon as the window opens. */
    @Test
    void whatWaitsForAWindowIsPlannedWhenItOpens() {
        int compactions = 0;
        for (int seed = 0; seed < 150; seed++) {
            Random random = new Random(seed);
            FakeWorld world = windowed(random);
            for (int step = 0; step < 60; step++) {
                if (random.nextInt(12) == 0) {
                    Map<SliverId, Long> reclaimable = new TreeMap<>();
                    world.actual.keySet().forEach(id -> reclaimable.put(id, random.nextLong(3)));
                    world.occasions =
                            new Occasions(Map.of(RewritePlans.NIGHTLY, new FireTimes(world.now, null)), reclaimable);
                }
                if (random.nextInt(20) == 0) {
                    world.slivers.values().iterator().next().updateWindows = List.of(window(random));
                }
                world.now = world.now.plus(Duration.ofMinutes(1 + random.nextInt(90)));
                // Asserts that what is remembered makes no difference.
                Plan plan = world.plan();
                compactions += (int) plan.actions().stream()
                        .filter(Rewrite.Compact.class::isInstance)
                        .count();
                world.execute(plan, Integer.MAX_VALUE);
                world.converge();
            }
        }
        assertTrue(compactions > 1_000, "only " + compactions);
    }

    /** The agent sleeps until then: what waits for a window is not left to the next look at everything. */
    @Test
    void theNextTimeIsNeverBehindTheOpeningOfAWindow() {
        for (int seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            UpdateWindow window = window(random);
            Instant now = Instant.parse(random.nextBoolean() ? "2026-03-28T00:00:00Z" : "2026-10-24T00:00:00Z")
                    .plus(Duration.ofMinutes(random.nextInt(3 * 24 * 60)));
            Instant told = window.nextChange(now);
            assertTrue(told.isAfter(now));
            boolean open = window.isOpen(now);
            for (Instant at = now; at.isBefore(told); at = at.plusSeconds(300)) {
                assertTrue(open || !window.isOpen(at), window + " is open at " + at + ", told was " + told);
            }
        }
    }
}
