package dev.veneer.node.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.api.Reason;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.model.ContainerState;
import dev.veneer.node.model.DeletionPolicy;
import dev.veneer.node.model.FireTimes;
import dev.veneer.node.model.IdRange;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.model.PowerState;
import dev.veneer.node.model.RangePromise;
import dev.veneer.node.model.RewriteSettings;
import dev.veneer.node.model.RootfsFacts;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.model.UserNamespaceMode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Seeded sequences of edits, kills and damage from outside: the planner's promises 1 to 5 hold after each step, and
 * when the world leaves it alone it converges to what is declared.
 */
class PlannerSequencesTest {
    private static final int SEQUENCES = 1_500;
    private static final int STEPS = 25;

    @Test
    void everySequenceConverges() {
        for (int seed = 0; seed < SEQUENCES; seed++) {
            try {
                run(seed);
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
            }
        }
    }

    /** The checker itself can fail: a world that loses a mount without noticing is found out. */
    @Test
    void theCheckerFindsAWorldThatIsNotAsDeclared() {
        FakeWorld world = new FakeWorld();
        world.declareImage("debian");
        SliverId id = world.declare("a").id;
        world.converge();
        world.thing(id).rootfs = new RootfsFacts.Absent();
        assertThrows(AssertionError.class, () -> assertAsDeclared(world));
    }

    private static void run(int seed) {
        Random random = new Random(seed);
        FakeWorld world = new FakeWorld();
        world.declareImage("debian");
        world.declareImage("alpine");
        for (int step = 0; step < STEPS; step++) {
            disturb(world, random);
            Plan plan = world.plan();
            assertEquals(PlanText.of(plan), PlanText.of(world.plan()), "the same input gives the same plan");
            world.requests = Requests.NONE;
            world.execute(
                    plan, random.nextInt(4) == 0 ? random.nextInt(plan.actions().size() + 1) : Integer.MAX_VALUE);
            world.assertInvariants();
        }
        world.hold = null;
        world.failures.clear();
        world.occasions = Occasions.NONE;
        world.readOnly = false;
        world.freeBytes = 10L << 30;
        world.lxcUnavailable = "";
        world.actual.values().forEach(thing -> thing.covered = false);
        world.images.putIfAbsent("debian", Declared.image("debian", "file:/debian.tar"));
        world.images.putIfAbsent("alpine", Declared.image("alpine", "file:/alpine.tar"));
        world.now = world.now.plus(Duration.ofDays(3));
        world.converge();
        world.assertInvariants();
        assertAsDeclared(world);
        assertTrue(world.plan().isEmpty(), "the second run does nothing");
    }

    @SafeVarargs
    private static <T> T anyOf(Random random, T... choices) {
        return choices[random.nextInt(choices.length)];
    }

    private static void disturb(FakeWorld world, Random random) {
        world.slowStops = random.nextBoolean();
        if (random.nextBoolean()) {
            world.endStops();
        }
        world.now = world.now.plus(Duration.ofMinutes(random.nextInt(600)));
        List<Declared> declared = new ArrayList<>(world.slivers.values());
        List<Thing> there = new ArrayList<>(world.actual.values());
        Declared some = declared.isEmpty() ? null : declared.get(random.nextInt(declared.size()));
        Thing thing = there.isEmpty() ? null : there.get(random.nextInt(there.size()));
        switch (random.nextInt(31)) {
            case 0, 1, 2 -> {
                Declared sliver = world.declare("s" + random.nextInt(8));
                sliver.baseImage = random.nextBoolean() ? "debian" : "alpine";
                sliver.power = anyOf(random, PowerState.Registered, PowerState.Deployed, PowerState.Started);
                sliver.driver =
                        List.of("auto", "overlay", "btrfs-snapshot", "copy").get(random.nextInt(4));
            }
            case 3 -> {
                if (some != null) {
                    world.slivers.remove(some.id);
                }
            }
            case 4, 5 -> {
                if (some != null) {
                    some.power = anyOf(random, PowerState.Registered, PowerState.Deployed, PowerState.Started);
                }
            }
            case 6 -> {
                if (some != null) {
                    some.instanceSerial++;
                }
            }
            case 7 -> {
                if (some != null) {
                    some.suspend = !some.suspend;
                }
            }
            case 8 -> {
                if (some != null) {
                    some.deletionPolicy = anyOf(random, DeletionPolicy.Delete, DeletionPolicy.Retain);
                }
            }
            case 9 -> {
                if (some != null) {
                    some.memory = (long) random.nextInt(3) << 20;
                }
            }
            case 10 -> {
                if (some != null) {
                    some.expiresAt = random.nextBoolean() ? world.now.plus(Duration.ofHours(random.nextInt(9))) : null;
                    some.deleteAfter = random.nextBoolean() ? Duration.ofHours(2) : null;
                }
            }
            case 11 -> {
                if (some != null) {
                    some.userNamespace = random.nextBoolean() ? UserNamespaceMode.Always : UserNamespaceMode.Auto;
                }
            }
            case 12 -> {
                if (some != null) {
                    some.baseImage = "alpine".equals(some.baseImage) ? "debian" : "alpine";
                }
            }
            case 13 -> world.hold = random.nextBoolean() ? "the source is empty" : null;
            case 14 -> world.readOnly = random.nextInt(4) == 0;
            case 15 -> world.freeBytes = random.nextBoolean() ? 1 << 20 : 10L << 30;
            case 16 -> world.lxcUnavailable = random.nextBoolean() ? "LXC is not installed" : "";
            case 17, 18 -> {
                if (thing != null) {
                    thing.rootfs = new RootfsFacts.Absent();
                }
            }
            case 19 -> {
                if (thing != null) {
                    thing.covered = !thing.covered;
                }
            }
            case 20 -> {
                if (thing != null && thing.container.running()) {
                    thing.container = new ContainerState(
                            ContainerState.Phase.CRASHED,
                            0,
                            thing.container.starts(),
                            thing.container.fingerprint(),
                            "exit 1");
                } else if (thing != null && thing.rootfs instanceof RootfsFacts.Ours ours) {
                    thing.rootfs = new RootfsFacts.Ours(ours.revision(), ours.mapped(), false, "read-only");
                }
            }
            case 21 -> {
                if (some != null) {
                    order(world, some, random);
                }
            }
            case 22 -> {
                if (some != null) {
                    RewriteSettings.Snapshots policy = random.nextInt(4) == 0
                            ? null
                            : new RewriteSettings.Snapshots(RewritePlans.NIGHTLY, 1 + random.nextInt(3));
                    some.rewriting = new RewriteSettings(
                            RewriteSettings.DEFAULT_REBASE,
                            List.of(),
                            new RewriteSettings.Compaction(RewritePlans.NIGHTLY, 32 << 20),
                            policy,
                            some.rewriting.rollback());
                }
            }
            case 23, 24 -> {
                Map<SliverId, Long> reclaimable = new TreeMap<>();
                there.forEach(each -> reclaimable.put(each.record.id(), (long) random.nextInt(64) << 20));
                Instant last = random.nextInt(4) == 0 ? null : world.now.minusSeconds(random.nextInt(3600));
                world.occasions = new Occasions(Map.of(RewritePlans.NIGHTLY, new FireTimes(last, null)), reclaimable);
            }
            case 25 -> {
                if (thing != null) {
                    world.requests = random.nextBoolean()
                            ? Requests.toCompact(Set.of(thing.record.id()))
                            : Requests.toRollBack(thing.record.id(), random.nextInt(5));
                }
            }
            case 26, 27 -> {
                int first = 1_000_000 + random.nextInt(12) * 65_536 + random.nextInt(3) * 1_000;
                world.promises = random.nextInt(3) == 0
                        ? List.of()
                        : List.of(new RangePromise("/other", "/run/x", List.of(new IdRange(first, 65_536))));
            }
            case 28 -> {
                if (some != null && random.nextBoolean()) {
                    world.failures.put(
                            ObjectRef.of(some.id),
                            new PastFailure(
                                    anyOf(random, Phase.UNMOUNT, Phase.REWRITE, Phase.RUN_INSIDE, Phase.SNAPSHOT),
                                    Reason.Failed,
                                    Follow.RETRY,
                                    "test",
                                    some.toSliver().canonicalSpec(),
                                    1,
                                    world.now.plusSeconds(random.nextInt(60_000))));
                } else {
                    world.failures.clear();
                }
            }
            default -> {
                if (random.nextBoolean()) {
                    world.images.remove("alpine");
                } else {
                    world.declareImage("alpine");
                }
                // A reboot: no mount, no container.
                for (Thing each : world.actual.values()) {
                    each.rootfs = new RootfsFacts.Absent();
                    each.container = ContainerState.NONE;
                }
            }
        }
    }

    /** An order to go back to something that may be kept, or not. */
    private static void order(FakeWorld world, Declared some, Random random) {
        Thing thing = world.actual.get(some.id);
        int serial = (thing == null ? 0 : thing.record.rollbackSerial()) + random.nextInt(3);
        RewriteSettings now = some.rewriting;
        some.rewriting = new RewriteSettings(
                now.rebase(),
                now.pins(),
                now.compaction(),
                now.snapshots(),
                serial == 0 ? null : new RewriteSettings.Rollback(1 + random.nextInt(6), serial));
    }

    /** What its base is to be: as declared, unless it went back, or has expired. */
    private static void assertBase(Declared declared, Thing thing, boolean expired) {
        RewriteSettings.Rollback order = thing.inForce.rewriting().rollback();
        boolean unanswered = order != null
                && order.serial() > thing.record.rollbackSerial()
                && !order.equals(thing.record.rollback().refused());
        boolean inForce = declared.toSliver().canonicalSpec().equals(thing.record.canonicalSpec());
        if (!expired && inForce && !unanswered && !thing.record.isHeldAgainst(thing.inForce)) {
            assertEquals(declared.baseImage, thing.record.baseName(), "base of " + declared.id);
            assertEquals(declared.instanceSerial, thing.record.instanceSerial(), "instance of " + declared.id);
        }
        RewriteSettings.Snapshots policy = thing.inForce.rewriting().snapshots();
        if (policy != null) {
            assertTrue(thing.record.snapshots().size() <= policy.keep(), "too many snapshots of " + declared.id);
        }
        assertTrue(
                thing.revisions.stream()
                        .allMatch(number -> number == thing.record.revision()
                                || thing.record.kept().stream().anyMatch(kept -> kept.revision() == number)),
                "a revision that nobody names of " + declared.id);
    }

    private static void assertAsDeclared(FakeWorld world) {
        for (Declared declared : world.slivers.values()) {
            if (declared.suspend) {
                continue;
            }
            boolean expired = declared.expiresAt != null && !world.now.isBefore(declared.expiresAt);
            Thing thing = world.actual.get(declared.id);
            if (thing == null) {
                assertTrue(expired, declared.id + " was not made");
                continue;
            }
            if (thing.record.dataDeleted()) {
                continue;
            }
            assertBase(declared, thing, expired);
            PowerState power = thing.inForce.power();
            boolean over = thing.inForce.expiresAt() != null && !world.now.isBefore(thing.inForce.expiresAt());
            if (over || power == PowerState.Registered) {
                assertInstanceOf(RootfsFacts.Absent.class, thing.rootfs, declared.id + " is mounted");
            } else {
                RootfsFacts.Ours ours = assertInstanceOf(RootfsFacts.Ours.class, thing.rootfs, declared.id.toString());
                assertTrue(ours.sound(), declared.id + " is mounted otherwise");
                assertEquals(thing.record.revision(), ours.revision());
                assertEquals(thing.inForce.userNamespace().maps(power), ours.mapped());
            }
            assertEquals(!over && power == PowerState.Started, thing.container.running(), declared.id + " runs");
            boolean frozen = (!declared.driver.equals("auto") && !declared.driver.equals(thing.record.driver()))
                    || declared.instanceSerial < thing.record.instanceSerial();
            if (!frozen) {
                assertEquals(declared.toSliver().canonicalSpec(), thing.record.canonicalSpec(), "spec not in force");
            }
        }
        for (Thing thing : world.actual.values()) {
            if (!world.slivers.containsKey(thing.record.id())) {
                assertTrue(
                        thing.record.retainedAt() != null || thing.inForce.suspend(),
                        thing.record.id() + " was not removed");
            }
        }
    }
}
