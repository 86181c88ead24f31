package dev.veneer.node.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.api.Reason;
import dev.veneer.api.v1alpha1.UpdateWindow;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.model.BaseForm;
import dev.veneer.node.model.ContainerState;
import dev.veneer.node.model.DeletionPolicy;
import dev.veneer.node.model.DesiredStore;
import dev.veneer.node.model.DriverFacts;
import dev.veneer.node.model.IdRange;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.model.PowerState;
import dev.veneer.node.model.RangePromise;
import dev.veneer.node.model.RootfsFacts;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.model.UserNamespaceMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * What the planner says in named situations, word for word, in {@code src/test/resources/plans}. After a wanted change:
 * {@code mvn -pl node-reconciler -am test -Dtest=GoldenPlansTest -Dveneer.regenerate=true}, and read the difference.
 */
class GoldenPlansTest {
    private static final Path DIRECTORY = Path.of("src/test/resources/plans");
    private static final Map<String, Consumer<FakeWorld>> SCENARIOS = new TreeMap<>();

    private static FakeWorld deployed() {
        FakeWorld world = new FakeWorld();
        world.declareImage("debian");
        world.declare("web");
        world.converge();
        return world;
    }

    private static FakeWorld started() {
        FakeWorld world = new FakeWorld();
        world.declareImage("debian");
        world.declare("web").power = PowerState.Started;
        world.converge();
        return world;
    }

    private static Declared web(FakeWorld world) {
        return world.slivers.values().iterator().next();
    }

    private static Thing webThing(FakeWorld world) {
        return world.actual.values().iterator().next();
    }

    private static void scenario(String name, Consumer<FakeWorld> prepare) {
        SCENARIOS.put(name, prepare);
    }

    private static void after(String name, java.util.function.Supplier<FakeWorld> start, Consumer<FakeWorld> change) {
        // The world is made by the scenario itself, so that each is independent of all others.
        SCENARIOS.put(name, world -> {
            FakeWorld made = start.get();
            change.accept(made);
            world.takeFrom(made);
        });
    }

    private static void declareGolden(FakeWorld world) {
        world.images.put("golden", Declared.imageOf("golden", new SliverId("default", "web")));
    }

    static {
        scenario("nothing-declared", world -> {});
        scenario("image-of-a-sliver-that-is-not-there", GoldenPlansTest::declareGolden);
        scenario("image-of-a-sliver-yet-to-be-made", world -> {
            world.declareImage("debian");
            world.declare("web");
            declareGolden(world);
        });
        after("image-of-a-sliver", GoldenPlansTest::deployed, GoldenPlansTest::declareGolden);
        after("image-of-a-sliver-that-runs", GoldenPlansTest::started, GoldenPlansTest::declareGolden);
        after("image-of-a-sliver-that-goes", GoldenPlansTest::deployed, world -> {
            world.slivers.clear();
            declareGolden(world);
        });
        after("image-of-a-sliver-imported", GoldenPlansTest::deployed, world -> {
            declareGolden(world);
            world.converge();
            web(world).power = PowerState.Started;
        });
        after("image-of-another-sliver-edited", GoldenPlansTest::deployed, world -> {
            declareGolden(world);
            world.converge();
            world.images.put("golden", Declared.imageOf("golden", new SliverId("default", "other")));
        });
        scenario("first-image-and-sliver", world -> {
            world.declareImage("debian");
            world.declare("web");
        });
        scenario("first-started-sliver", world -> {
            world.declareImage("debian");
            world.declare("web").power = PowerState.Started;
        });
        scenario("registered-only", world -> {
            world.declareImage("debian");
            world.declare("web").power = PowerState.Registered;
        });
        scenario("always-mapped", world -> {
            world.declareImage("debian");
            world.declare("web").userNamespace = UserNamespaceMode.Always;
        });
        scenario("host-namespace-not-allowed", world -> {
            world.declareImage("debian");
            world.declare("web").userNamespace = UserNamespaceMode.Host;
        });
        scenario("base-not-declared", world -> world.declare("web"));
        scenario("base-nearly-named", world -> {
            world.declareImage("debian-12");
            world.declare("web");
        });
        scenario("btrfs-needs-a-form-once", world -> {
            world.declareImage("debian");
            world.declare("web").driver = "btrfs-snapshot";
            world.declare("db").driver = "btrfs-snapshot";
        });
        scenario("driver-unknown", world -> {
            world.declareImage("debian");
            world.declare("web").driver = "zfs";
        });
        scenario("driver-unavailable", world -> {
            world.declareImage("debian");
            world.declare("web").driver = "btrfs-snapshot";
            world.drivers = List.of(
                    new DriverFacts("btrfs-snapshot", BaseForm.SUBVOL, false, "the store is on ext4", true, List.of()));
        });
        scenario("no-driver-works", world -> {
            world.declareImage("debian");
            world.declare("web");
            world.drivers = List.of(new DriverFacts("overlay", BaseForm.DIR, false, "no overlay", true, List.of()));
        });
        scenario("rootfs-outside-prefixes", world -> {
            world.declareImage("debian");
            world.declare("web").rootfs = "/etc";
        });
        scenario("two-slivers-of-one-rootfs", world -> {
            world.declareImage("debian");
            world.store = withPrefix("/srv/slivers");
            world.declare("a").rootfs = "/srv/slivers/x";
            world.declare("b").rootfs = "/srv/slivers/x";
        });
        scenario("low-space", world -> {
            world.declareImage("debian");
            world.declare("web");
            world.freeBytes = 100L << 20;
        });
        scenario("ids-used-up", world -> {
            world.declareImage("debian");
            world.store = withRange(new IdRange(1_000_000, 65_536));
            world.declare("a").userNamespace = UserNamespaceMode.Always;
            world.declare("b").userNamespace = UserNamespaceMode.Always;
        });
        scenario("ids-of-another-store", world -> {
            world.declareImage("debian");
            world.promises = promised(1_000_000);
            world.declare("web").userNamespace = UserNamespaceMode.Always;
        });
        after("ids-of-another-store-after-a-reboot", GoldenPlansTest::started, world -> {
            webThing(world).rootfs = new RootfsFacts.Absent();
            webThing(world).container = ContainerState.NONE;
            world.promises = promised(1_000_000);
        });
        after("ids-of-another-store-while-running", GoldenPlansTest::started, world -> {
            world.promises = promised(1_000_000);
        });
        after("second-run-does-nothing", GoldenPlansTest::deployed, world -> {});
        after("mount-lost", GoldenPlansTest::deployed, world -> webThing(world).rootfs = new RootfsFacts.Absent());
        after(
                "mount-lost-under-a-container",
                GoldenPlansTest::started,
                world -> webThing(world).rootfs = new RootfsFacts.Absent());
        after(
                "mounted-read-only",
                GoldenPlansTest::deployed,
                world -> webThing(world).rootfs = new RootfsFacts.Ours(1, false, false, "it is read-only"));
        after("foreign-mount-on-top", GoldenPlansTest::deployed, world -> webThing(world).covered = true);
        after("reboot", GoldenPlansTest::started, world -> {
            webThing(world).rootfs = new RootfsFacts.Absent();
            webThing(world).container = ContainerState.NONE;
        });
        after("container-crashed", GoldenPlansTest::started, world -> crash(world));
        after("container-crashed-backoff-over", GoldenPlansTest::started, world -> {
            crash(world);
            world.now = world.now.plus(Duration.ofMinutes(1));
        });
        after("limits-edited-while-running", GoldenPlansTest::started, world -> web(world).memory = 1 << 28);
        after("limits-edited-when-stopped-only", GoldenPlansTest::started, world -> {
            web(world).memory = 1 << 28;
            web(world).restartToUpdate = false;
        });
        after("limits-edited-outside-the-update-window", GoldenPlansTest::started, world -> {
            web(world).memory = 1 << 28;
            web(world).updateWindows = List.of(new UpdateWindow(List.of(), "12:00", "13:00", "UTC"));
        });
        after("limits-edited-within-the-update-window", GoldenPlansTest::started, world -> {
            web(world).memory = 1 << 28;
            web(world).updateWindows = List.of(new UpdateWindow(List.of(), "23:00", "06:00", "UTC"));
        });
        after("removed-while-stopping", GoldenPlansTest::deployed, world -> {
            stopping(world);
            world.slivers.clear();
        });
        after("started-while-stopping", GoldenPlansTest::deployed, world -> {
            web(world).power = PowerState.Started;
            stopping(world);
            world.declare("other");
        });
        after("deployed-to-started", GoldenPlansTest::deployed, world -> web(world).power = PowerState.Started);
        after("started-to-deployed", GoldenPlansTest::started, world -> web(world).power = PowerState.Deployed);
        after("started-to-registered", GoldenPlansTest::started, world -> web(world).power = PowerState.Registered);
        after("lxc-missing", GoldenPlansTest::deployed, world -> {
            web(world).power = PowerState.Started;
            world.lxcUnavailable = "LXC is not installed; apt-get install lxc";
        });
        after("new-instance", GoldenPlansTest::started, world -> web(world).instanceSerial = 2);
        after(
                "compacted-while-running",
                GoldenPlansTest::started,
                world -> world.requests = Requests.toCompact(Set.of(web(world).id)));
        after("compaction-waits", GoldenPlansTest::started, world -> {
            web(world).restartToUpdate = false;
            world.requests = Requests.toCompact(Set.of(web(world).id));
        });
        after("serial-goes-back", GoldenPlansTest::deployed, world -> {
            web(world).instanceSerial = 3;
            world.converge();
            web(world).instanceSerial = 2;
        });
        after("kept-revision-runs-out", GoldenPlansTest::deployed, world -> {
            web(world).instanceSerial = 2;
            world.converge();
            world.now = world.now.plus(Duration.ofHours(25));
        });
        after("base-edited", GoldenPlansTest::deployed, world -> {
            world.declareImage("alpine");
            web(world).baseImage = "alpine";
        });
        after("driver-edited", GoldenPlansTest::deployed, world -> web(world).driver = "copy");
        after(
                "image-source-edited",
                GoldenPlansTest::deployed,
                world -> world.images.put("debian", Declared.image("debian", "file:/other.tar")));
        after("undeclared-sliver", GoldenPlansTest::started, world -> world.slivers.clear());
        after("undeclared-sliver-retained", GoldenPlansTest::deployed, world -> {
            web(world).deletionPolicy = DeletionPolicy.Retain;
            world.converge();
            world.slivers.clear();
        });
        after("retained-sliver-declared-again", GoldenPlansTest::deployed, world -> {
            web(world).deletionPolicy = DeletionPolicy.Retain;
            world.converge();
            world.slivers.clear();
            world.converge();
            world.declare("web");
        });
        after("undeclared-image-in-use", GoldenPlansTest::deployed, world -> world.images.clear());
        after("everything-undeclared", GoldenPlansTest::deployed, world -> {
            world.slivers.clear();
            world.images.clear();
        });
        after("base-unreferenced-long-enough", GoldenPlansTest::deployed, world -> {
            world.slivers.clear();
            world.converge();
            world.now = world.now.plus(Duration.ofHours(25));
        });
        after("unreferenced-base-needed-again", GoldenPlansTest::deployed, world -> {
            world.slivers.clear();
            world.converge();
            world.declare("web");
        });
        after("collected-base-needed-again", GoldenPlansTest::deployed, world -> {
            world.slivers.clear();
            world.converge();
            world.now = world.now.plus(Duration.ofHours(25));
            world.converge();
            world.declare("web");
        });
        after("source-held", GoldenPlansTest::deployed, world -> {
            world.slivers.clear();
            world.hold = "the source /testbed is empty; nothing is deleted (--allow-shrink answers it)";
        });
        after("source-held-but-for-what-was-allowed", GoldenPlansTest::deployed, world -> {
            world.slivers.clear();
            world.hold = "the source /testbed is empty; nothing is deleted (--allow-shrink answers it)";
            world.removals.add(ObjectRef.of(new SliverId("default", "web")));
        });
        after("other-source", GoldenPlansTest::deployed, world -> world.source = "files-b");
        after("other-source-taken-over", GoldenPlansTest::deployed, world -> {
            world.source = "files-b";
            world.takesOver = true;
        });
        after("single-file-does-not-prune", GoldenPlansTest::deployed, world -> {
            world.slivers.clear();
            world.prunes = false;
        });
        after("suspended", GoldenPlansTest::deployed, world -> {
            web(world).suspend = true;
            webThing(world).rootfs = new RootfsFacts.Absent();
        });
        after("suspended-before", GoldenPlansTest::deployed, world -> {
            web(world).suspend = true;
            world.converge();
            webThing(world).rootfs = new RootfsFacts.Absent();
        });
        after("suspended-no-longer-declared", GoldenPlansTest::deployed, world -> {
            web(world).suspend = true;
            world.converge();
            world.slivers.clear();
        });
        after("expired", GoldenPlansTest::started, world -> web(world).expiresAt = world.now);
        after("expired-data-go", GoldenPlansTest::deployed, world -> {
            web(world).expiresAt = world.now;
            web(world).deleteAfter = Duration.ofHours(1);
            world.converge();
            world.now = world.now.plus(Duration.ofHours(2));
        });
        after("current-revision-missing", GoldenPlansTest::deployed, world -> webThing(world)
                .revisions
                .clear());
        after("store-read-only", GoldenPlansTest::deployed, world -> {
            world.readOnly = true;
            world.declare("db");
        });
        after("start-failed-lately", GoldenPlansTest::deployed, world -> {
            web(world).power = PowerState.Started;
            world.failures.put(
                    ObjectRef.of(web(world).id),
                    new PastFailure(
                            Phase.START,
                            Reason.ContainerFailed,
                            Follow.RETRY,
                            "init is missing",
                            web(world).toSliver().canonicalSpec(),
                            1,
                            world.now.plusSeconds(30)));
        });
        after("trash-left-over", GoldenPlansTest::deployed, world -> world.trash = true);
        RewritePlans.scenarios(GoldenPlansTest::after, GoldenPlansTest::deployed, GoldenPlansTest::started);
    }

    private static void stopping(FakeWorld world) {
        webThing(world).container = new ContainerState(
                ContainerState.Phase.STOPPING, 4711, List.of(), "", "its container was asked to end");
    }

    private static void crash(FakeWorld world) {
        Thing thing = webThing(world);
        thing.container = new ContainerState(
                ContainerState.Phase.CRASHED, 0, thing.container.starts(), thing.container.fingerprint(), "exit 1");
    }

    private static DesiredStore withPrefix(String prefix) {
        DesiredStore d = DesiredStore.defaults("node1");
        return new DesiredStore(
                d.name(),
                d.drivers(),
                d.minFreeBytes(),
                d.idRanges(),
                List.of(prefix),
                false,
                List.of(),
                false,
                d.maxParallelRewrites(),
                d.resync(),
                d.canonicalSpec(),
                "");
    }

    private static List<RangePromise> promised(int first) {
        return List.of(
                new RangePromise("/srv/other", "/run/veneer/id-ranges/0a1b2c3d", List.of(new IdRange(first, 65_536))));
    }

    private static DesiredStore withRange(IdRange range) {
        DesiredStore d = DesiredStore.defaults("node1");
        return new DesiredStore(
                d.name(),
                d.drivers(),
                d.minFreeBytes(),
                List.of(range),
                List.of(),
                false,
                List.of(),
                false,
                d.maxParallelRewrites(),
                d.resync(),
                d.canonicalSpec(),
                "");
    }

    @Test
    void thereAreEnough() {
        assertTrue(SCENARIOS.size() >= 30, "only " + SCENARIOS.size());
    }

    @Test
    void noFileIsLeftOver() throws IOException {
        try (Stream<Path> files = Files.list(DIRECTORY)) {
            assertEquals(
                    List.copyOf(SCENARIOS.keySet()),
                    files.map(path -> path.getFileName().toString().replace(".txt", ""))
                            .sorted()
                            .toList());
        }
    }

    @TestFactory
    Stream<DynamicTest> plans() {
        return SCENARIOS.entrySet().stream()
                .map(entry -> DynamicTest.dynamicTest(entry.getKey(), () -> check(entry.getKey(), entry.getValue())));
    }

    private static void check(String name, Consumer<FakeWorld> prepare) throws IOException {
        FakeWorld world = new FakeWorld();
        prepare.accept(world);
        String text = PlanText.of(world.plan());
        Path file = DIRECTORY.resolve(name + ".txt");
        if (Boolean.getBoolean("veneer.regenerate")) {
            Files.writeString(file, text);
        }
        assertEquals(Files.readString(file), text);
    }
}
