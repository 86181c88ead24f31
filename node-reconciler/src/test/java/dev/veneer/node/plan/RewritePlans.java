package dev.veneer.node.plan;

import dev.veneer.api.Reason;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.model.FireTimes;
import dev.veneer.node.model.RewriteSettings;
import dev.veneer.node.model.Schedule;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Situations of {@link GoldenPlansTest} in which a writable store is written anew, kept or gone back to. */
final class RewritePlans {
    static final Schedule NIGHTLY = new Schedule("0 30 3 * * ?", "UTC");
    private static final long MIB = 1 << 20;

    /** Adds a situation to the test. */
    interface Scenarios {
        void after(String name, Supplier<FakeWorld> start, Consumer<FakeWorld> change);
    }

    private RewritePlans() {}

    static void scenarios(Scenarios all, Supplier<FakeWorld> deployed, Supplier<FakeWorld> started) {
        rebases(all, deployed, started);
        rollbacks(all, deployed, started);
        snapshots(all, deployed, started);
        compactions(all, started);
    }

    private static void rebases(Scenarios all, Supplier<FakeWorld> deployed, Supplier<FakeWorld> started) {
        all.after("rebase", started, world -> edit(world));
        all.after("rebase-of-a-deployed-sliver", deployed, world -> edit(world));
        all.after("rebase-needs-a-form", deployed, world -> {
            Declared other = world.declare("other");
            other.driver = "btrfs-snapshot";
            world.converge();
            withAlpine(world);
            other.baseImage = "alpine";
        });
        all.after("rebase-to-a-base-that-is-not-declared", deployed, world -> web(world).baseImage = "alpine");
        all.after("rebase-to-the-same-content", deployed, world -> {
            world.images.put("debian-too", Declared.image("debian-too", "file:/debian.tar"));
            world.converge();
            web(world).baseImage = "debian-too";
        });
        all.after("rebase-failed-lately", started, world -> {
            edit(world);
            failed(world, Phase.REWRITE, Reason.RebaseConflict, Follow.STALLED, "3 conflicts, first /etc/hosts");
        });
        all.after("rebase-when-stopped-only", started, world -> {
            edit(world);
            web(world).restartToUpdate = false;
        });
        all.after("rebase-with-low-space", started, world -> {
            edit(world);
            world.freeBytes = 100 * MIB;
        });
        all.after("run-inside-after-a-rebase", started, world -> {
            edit(world);
            world.execute(world.plan(), Integer.MAX_VALUE);
        });
        all.after("run-inside-failed-lately", started, world -> {
            edit(world);
            world.execute(world.plan(), Integer.MAX_VALUE);
            world.now = world.now.plus(Duration.ofHours(25));
            failed(world, Phase.RUN_INSIDE, Reason.Failed, Follow.RETRY, "lxc-attach is not installed");
        });
        all.after("rebased-revision-runs-out", deployed, world -> {
            edit(world);
            world.converge();
            world.now = world.now.plus(Duration.ofHours(25));
        });
    }

    private static void rollbacks(Scenarios all, Supplier<FakeWorld> deployed, Supplier<FakeWorld> started) {
        all.after("rollback-after-a-rebase", started, world -> {
            edit(world);
            world.converge();
            order(world, 1, 1);
        });
        all.after("rollback-asked-for", deployed, world -> {
            web(world).instanceSerial = 2;
            world.converge();
            world.requests = Requests.toRollBack(web(world).id, Requests.LAST);
        });
        all.after(
                "rollback-asked-for-without-anything-kept",
                deployed,
                world -> world.requests = Requests.toRollBack(web(world).id, Requests.LAST));
        all.after("rollback-to-what-is-not-kept", deployed, world -> {
            web(world).instanceSerial = 2;
            world.converge();
            order(world, 7, 1);
        });
        all.after("rollback-to-the-revision-in-force", deployed, world -> order(world, 1, 1));
        all.after("rollback-wins-over-a-base-edited-with-it", deployed, world -> {
            web(world).instanceSerial = 2;
            world.converge();
            edit(world);
            order(world, 1, 1);
        });
        all.after("rollback-answered-before", deployed, world -> {
            web(world).instanceSerial = 2;
            world.converge();
            order(world, 1, 4);
            world.converge();
            order(world, 2, 4);
        });
        all.after("rollback-ordered-of-a-new-sliver", deployed, world -> {
            Declared made = world.declare("made");
            made.rewriting = new RewriteSettings(
                    RewriteSettings.DEFAULT_REBASE,
                    java.util.List.of(),
                    null,
                    null,
                    new RewriteSettings.Rollback(3, 9));
            world.execute(world.plan(), Integer.MAX_VALUE);
        });
        all.after("held-after-a-rollback", started, world -> {
            goneBack(world);
            web(world).memory = 1 << 28;
        });
        all.after("held-until-the-base-is-edited", deployed, world -> {
            goneBack(world);
            world.declareImage("fedora");
            world.converge();
            web(world).baseImage = "fedora";
        });
        all.after("held-until-the-serial-is-raised", deployed, world -> {
            goneBack(world);
            web(world).instanceSerial++;
        });
        all.after("held-until-the-base-is-declared-back", deployed, world -> {
            goneBack(world);
            web(world).baseImage = "debian";
        });
        all.after("held-and-the-other-base-collected", deployed, world -> {
            goneBack(world);
            world.now = world.now.plus(Duration.ofHours(25));
            world.converge();
            world.now = world.now.plus(Duration.ofHours(25));
        });
    }

    private static void snapshots(Scenarios all, Supplier<FakeWorld> deployed, Supplier<FakeWorld> started) {
        all.after("snapshot-due", started, world -> {
            snapshots(world, 2);
            fire(world);
        });
        all.after("snapshot-not-due", started, world -> {
            snapshots(world, 2);
            world.occasions = new Occasions(Map.of(NIGHTLY, new FireTimes(null, world.now.plusSeconds(60))), Map.of());
        });
        all.after("snapshot-beyond-keep", deployed, world -> {
            snapshots(world, 2);
            for (int i = 0; i < 2; i++) {
                fire(world);
                world.converge();
            }
            fire(world);
        });
        all.after("snapshots-kept-lowered", deployed, world -> {
            snapshots(world, 2);
            for (int i = 0; i < 2; i++) {
                fire(world);
                world.converge();
            }
            snapshots(world, 1);
        });
        all.after("snapshot-with-low-space", deployed, world -> {
            snapshots(world, 2);
            fire(world);
            world.freeBytes = 100 * MIB;
        });
        all.after("snapshot-failed-lately", deployed, world -> {
            snapshots(world, 1);
            fire(world);
            world.converge();
            web(world).instanceSerial = 2;
            world.converge();
            fire(world);
            world.converge();
            fire(world);
            failed(world, Phase.SNAPSHOT, Reason.LowSpace, Follow.WAIT, "a snapshot takes 3 GiB");
        });
        all.after("snapshot-restored", started, world -> {
            snapshots(world, 2);
            fire(world);
            world.converge();
            order(world, 2, 1);
        });
        all.after("snapshots-go-with-the-sliver", deployed, world -> {
            snapshots(world, 2);
            fire(world);
            world.converge();
            world.slivers.clear();
        });
    }

    private static void compactions(Scenarios all, Supplier<FakeWorld> started) {
        all.after("compaction-due", started, world -> {
            compacts(world);
            fire(world, 64 * MIB);
        });
        all.after("compaction-gives-too-little", started, world -> {
            compacts(world);
            fire(world, 31 * MIB);
        });
        all.after("compaction-not-estimated", started, world -> {
            compacts(world);
            fire(world);
        });
        all.after("compaction-did-not-help", started, world -> {
            compacts(world);
            fire(world, 64 * MIB);
            world.converge();
        });
        all.after("compaction-due-when-stopped-only", started, world -> {
            compacts(world);
            web(world).restartToUpdate = false;
            world.converge();
            fire(world, 64 * MIB);
        });
        all.after("compaction-failed-since-it-was-due", started, world -> {
            compacts(world);
            world.converge();
            fire(world, 64 * MIB);
            failed(world, Phase.UNMOUNT, Reason.InUse, Follow.WAIT, "in use by process 7 (sh)");
            world.now = world.now.plusSeconds(90);
        });
        all.after("compaction-failed-and-is-due-again", started, world -> {
            compacts(world);
            world.converge();
            fire(world, 64 * MIB);
            failed(world, Phase.UNMOUNT, Reason.InUse, Follow.WAIT, "in use by process 7 (sh)");
            fire(world, 64 * MIB);
        });
        all.after("container-down-after-a-compaction-that-failed", started, world -> {
            compacts(world);
            world.converge();
            fire(world, 64 * MIB);
            world.execute(world.plan(), 1);
            failed(world, Phase.UNMOUNT, Reason.InUse, Follow.WAIT, "in use by process 7 (sh)");
        });
    }

    private static Declared web(FakeWorld world) {
        return world.slivers.values().stream()
                .filter(sliver -> sliver.id.name().equals("web"))
                .findFirst()
                .orElseThrow();
    }

    private static void withAlpine(FakeWorld world) {
        world.declareImage("alpine");
        world.converge();
    }

    private static void edit(FakeWorld world) {
        withAlpine(world);
        web(world).baseImage = "alpine";
    }

    private static void goneBack(FakeWorld world) {
        edit(world);
        world.converge();
        order(world, 1, 1);
        world.converge();
    }

    private static void order(FakeWorld world, int to, int serial) {
        Declared web = web(world);
        RewriteSettings now = web.rewriting;
        web.rewriting = new RewriteSettings(
                now.rebase(), now.pins(), now.compaction(), now.snapshots(), new RewriteSettings.Rollback(to, serial));
    }

    private static void snapshots(FakeWorld world, int keep) {
        Declared web = web(world);
        RewriteSettings now = web.rewriting;
        web.rewriting = new RewriteSettings(
                now.rebase(),
                now.pins(),
                now.compaction(),
                new RewriteSettings.Snapshots(NIGHTLY, keep),
                now.rollback());
    }

    private static void compacts(FakeWorld world) {
        Declared web = web(world);
        RewriteSettings now = web.rewriting;
        web.rewriting = new RewriteSettings(
                now.rebase(),
                now.pins(),
                new RewriteSettings.Compaction(NIGHTLY, 32 * MIB),
                now.snapshots(),
                now.rollback());
    }

    /** A day later the schedule's time has just come. */
    private static void fire(FakeWorld world) {
        world.now = world.now.plus(Duration.ofHours(20));
        world.occasions = new Occasions(Map.of(NIGHTLY, new FireTimes(world.now, null)), Map.of());
    }

    private static void fire(FakeWorld world, long reclaimable) {
        fire(world);
        world.occasions = new Occasions(world.occasions.schedules(), Map.of(web(world).id, reclaimable));
    }

    private static void failed(FakeWorld world, Phase phase, Reason reason, Follow follow, String message) {
        Instant retryAt = follow == Follow.STALLED ? Instant.parse("9999-12-31T23:59:59Z") : world.now.plusSeconds(30);
        world.failures.put(
                dev.veneer.node.model.ObjectRef.of(web(world).id),
                new PastFailure(
                        phase, reason, follow, message, web(world).toSliver().canonicalSpec(), 1, retryAt));
    }
}
