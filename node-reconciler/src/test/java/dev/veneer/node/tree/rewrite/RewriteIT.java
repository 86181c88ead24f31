package dev.veneer.node.tree.rewrite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.linux.JnrLinuxCalls;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.testkit.LoopDevice;
import dev.veneer.node.tree.TreeCopier;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * Random bases and random changes in a mounted sliver: a rewritten store gives the same view, whichever reader and
 * writer made it (invariant 5). What is compared is read from the mounted views by a program that shares no code with
 * the engine.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RewriteIT {
    private static final int SEEDS = Integer.getInteger("veneer.rewrite.seeds", 150);
    private static final long FIRST_SEED = Long.getLong("veneer.rewrite.first", 1);
    private static final String OFF = "index=off,nfs_export=off,metacopy=off,redirect_dir=nofollow,xino=off";
    private static final List<String> OPTIONS = List.of(
            OFF,
            OFF,
            OFF,
            "index=off,metacopy=on,redirect_dir=on,xino=off",
            "index=on,redirect_dir=nofollow,metacopy=off,xino=off",
            "index=off,redirect_dir=nofollow,metacopy=off,xino=on");

    private final LinuxCalls calls = new JnrLinuxCalls();
    private LoopDevice device;

    @BeforeAll
    void makeFileSystem() {
        device = LoopDevice.create(LoopDevice.Kind.XFS, 600);
    }

    @AfterAll
    void removeFileSystem() {
        device.close();
    }

    private static void assertSame(Map<String, String> expected, Map<String, String> actual, String what) {
        if (!expected.equals(actual)) {
            StringBuilder differences = new StringBuilder();
            TreeMap<String, String> all = new TreeMap<>(expected);
            all.putAll(actual);
            for (String path : all.keySet()) {
                String before = expected.getOrDefault(path, "absent");
                String after = actual.getOrDefault(path, "absent");
                if (!before.equals(after)) {
                    differences.append(String.format("%n%s%n   %s%n   %s", path, before, after));
                }
            }
            throw new AssertionError(what + ": the view changed" + differences);
        }
    }

    @Test
    void rewrittenStoresGiveTheSameView() throws Exception {
        for (long seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
            try (Stage world = new Stage(calls, device.mountPoint().resolve("w" + seed))) {
                run(world, new Random(seed), "seed " + seed);
            }
        }
    }

    private void run(Stage world, Random random, String what) throws Exception {
        Path base = world.make("base");
        new RandomTree(calls, random, base.toString(), false).change(60);
        BaseRecords records = world.records(base);
        String options = OPTIONS.get(random.nextInt(OPTIONS.size()));
        Path upper = world.likeRoot(base, "upper");
        Path view = world.mount("view", base, upper, options);
        new RandomTree(calls, random, view.toString(), true).change(1 + random.nextInt(80));
        Map<String, String> before = world.text(view);
        String told = what + " " + options;

        compaction(world, base, upper, view, records, before, told);
        otherBase(world, base, view, before, random, told);
        wholeTree(world, base, records, random, told);
    }

    private void compaction(
            Stage world, Path base, Path upper, Path view, BaseRecords records, Map<String, String> before, String what)
            throws Exception {
        Path compact = world.likeRoot(base, "compact");
        boolean read = true;
        try (Change change = Compaction.of(
                calls, UpperReader.exact(calls, records, world.open(upper)), records, path -> false, world.scratch)) {
            new RevisionWriter(calls, records)
                    .writeUpper(change, Source.of(world.open(upper), true, true), world.open(compact));
        } catch (ForeignLayerException e) {
            assertTrue(what.contains("redirect_dir=on") || what.contains("index=on"), what + ": " + e.getMessage());
            read = false;
        }
        if (read) {
            Path after = world.mount("after", base, compact, OFF);
            assertSame(before, world.text(after), what + ", compacted by upper and manifest");
            int views = world.open(view);
            int afters = world.open(after);
            try (ViewComparison comparison = new ViewComparison(calls, records, views, afters, true, world.scratch)) {
                assertEquals(List.of(), comparison.touchedBy(world.open(upper)), what + ": the engine's own check");
            }
            world.forget(views, afters);
            world.unmount(after);
            try (Change again = Compaction.of(
                    calls,
                    UpperReader.exact(calls, records, world.open(compact)),
                    records,
                    path -> false,
                    world.scratch)) {
                assertEquals(0, again.tally().droppedPaths(), what + ": compacting again finds something");
            }
        }
        Path general = world.likeRoot(base, "general");
        try (Change change = Compaction.of(
                calls, TreeReader.exact(calls, records, world.open(view)), records, path -> false, world.scratch)) {
            new RevisionWriter(calls, records)
                    .writeUpper(change, Source.of(world.open(view), false, false), world.open(general));
        }
        Path after = world.mount("general-view", base, general, OFF);
        assertSame(before, world.text(after), what + ", compacted by the mounted view");
        world.unmount(after);
    }

    private void otherBase(Stage world, Path base, Path view, Map<String, String> before, Random random, String what)
            throws Exception {
        Path other = world.make("other");
        new TreeCopier(calls).copy(base.toString(), other.toString());
        new RandomTree(calls, random, other.toString(), false).change(random.nextInt(40));
        BaseRecords records = world.records(other);
        Path upper = world.likeRoot(other, "other-upper");
        try (Change change = Compaction.of(
                calls, TreeReader.exact(calls, records, world.open(view)), records, path -> false, world.scratch)) {
            new RevisionWriter(calls, records)
                    .writeUpper(change, Source.of(world.open(view), false, false), world.open(upper));
        }
        Path after = world.mount("other-view", other, upper, OFF);
        assertSame(before, world.text(after), what + ", moved to another base");
        world.unmount(after);
    }

    private void wholeTree(Stage world, Path base, BaseRecords records, Random random, String what) throws Exception {
        Path tree = world.make("tree");
        new TreeCopier(calls).copy(base.toString(), tree.toString());
        new RandomTree(calls, random, tree.toString(), false).change(40);
        Map<String, String> before = world.text(tree);
        Path fresh = world.make("fresh");
        new TreeCopier(calls).copy(base.toString(), fresh.toString());
        try (Change change = Compaction.of(
                calls,
                TreeReader.ofClone(calls, records, world.open(tree), world.open(base)),
                records,
                path -> false,
                world.scratch)) {
            new RevisionWriter(calls, records)
                    .writeTree(change, Source.of(world.open(tree), false, false), world.open(fresh), fresh.toString());
        }
        assertSame(before, world.text(fresh), what + ", a whole tree made anew from its base");
    }
}
