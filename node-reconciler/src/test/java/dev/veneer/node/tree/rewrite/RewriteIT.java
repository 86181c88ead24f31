package dev.veneer.node.tree.rewrite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.linux.JnrLinuxCalls;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.testkit.LoopDevice;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * Random bases and random changes in a mounted sliver: a rewritten store gives the same view, whichever reader and
 * writer made it (invariant 5). What is compared is read from the mounted views by a program that shares no code with
 * the engine.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RewriteIT {
    private static final int SEEDS = 1_200;
    private static final String OFF = "index=off,nfs_export=off,metacopy=off,redirect_dir=nofollow,xino=off";
    private static final List<String> OPTIONS = List.of(
            OFF,
            OFF,
            OFF,
            "index=off,metacopy=on,redirect_dir=on,xino=off",
            "index=on,redirect_dir=nofollow,metacopy=off,xino=off",
            "index=off,redirect_dir=nofollow,metacopy=off,xino=on");

    private final LinuxCalls calls = new JnrLinuxCalls();
    private final TestDisks disks = new TestDisks();

    @AfterAll
    void removeFileSystems() {
        disks.close();
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
    void rewrittenStoresGiveTheSameView() {
        Property.holds(SEEDS, trial -> run(trial, calls));
    }

    /** A test that cannot fail tells nothing: here the engine loses the owner of what it writes. */
    @Test
    void aFaultOfTheEngineIsFoundAndMadeSmall() {
        LinuxCalls faulty = Faults.losing(calls, "fchownat", "fchown");
        AssertionError found =
                assertThrows(AssertionError.class, () -> Property.holds(200, trial -> run(trial, faulty)));
        assertTrue(
                found.getMessage().matches("(?s)seed \\d+, made smaller from \\d+ to [1-5] operations.*"),
                found.getMessage());
    }

    /**
     * One trial.
     *
     * @param engine the calls by which the engine, and only it, works
     */
    private void run(Trial trial, LinuxCalls engine) throws Exception {
        switch ((int) (trial.seed() % 8)) {
            case 5 -> wholeTrees(trial, engine, LoopDevice.Kind.XFS);
            case 6 -> wholeTrees(trial, engine, LoopDevice.Kind.BTRFS);
            case 7 -> wholeTrees(trial, engine, LoopDevice.Kind.EXT4);
            default -> layers(trial, engine);
        }
    }

    private void layers(Trial trial, LinuxCalls engine) throws Exception {
        String options = OPTIONS.get(trial.random("options", 0).nextInt(OPTIONS.size()));
        try (Stage stage = disks.stage(calls, LoopDevice.Kind.XFS)) {
            Path base = stage.make("base");
            RandomTree.change(calls, trial, "base", base.toString(), false);
            BaseRecords records = stage.records(base);
            Path upper = stage.likeRoot(base, "upper");
            Path view = stage.mount("view", base, upper, options);
            RandomTree.change(calls, trial, "sliver", view.toString(), true);
            Map<String, String> before = stage.text(view);

            compaction(stage, engine, base, upper, view, records, before, options);
            otherBase(stage, engine, trial, base, view, before, options);
        }
    }

    private void compaction(
            Stage stage,
            LinuxCalls engine,
            Path base,
            Path upper,
            Path view,
            BaseRecords records,
            Map<String, String> before,
            String what)
            throws Exception {
        Path compact = stage.likeRoot(base, "compact");
        Steps steps = new Steps();
        boolean read = true;
        try (Change change = Compaction.of(
                engine, UpperReader.exact(engine, records, stage.open(upper)), records, path -> false, stage.scratch)) {
            new RevisionWriter(engine, records)
                    .writeUpper(change, Source.of(stage.open(upper), true, true), stage.open(compact));
            steps = change.steps();
        } catch (ForeignLayerException e) {
            assertTrue(what.contains("redirect_dir=on") || what.contains("index=on"), what + ": " + e.getMessage());
            read = false;
        }
        if (read) {
            Path after = stage.mount("after", base, compact, OFF);
            assertSame(before, stage.text(after), what + ", compacted by upper and manifest");
            int views = stage.open(view);
            int afters = stage.open(after);
            try (ViewComparison comparison = new ViewComparison(engine, records, views, afters, true, stage.scratch)) {
                assertEquals(
                        List.of(), comparison.touchedBy(stage.open(upper), steps), what + ": the engine's own check");
            }
            stage.forget(views, afters);
            stage.unmount(after);
            try (Change again = Compaction.of(
                    engine,
                    UpperReader.exact(engine, records, stage.open(compact)),
                    records,
                    path -> false,
                    stage.scratch)) {
                assertEquals(0, again.tally().droppedPaths(), what + ": compacting again finds something");
            }
        }
        moved(stage, engine, view, base, records, "general", before, what + ", compacted by the mounted view");
    }

    private void otherBase(
            Stage stage, LinuxCalls engine, Trial trial, Path base, Path view, Map<String, String> before, String what)
            throws Exception {
        Path other = stage.cloned(base, "other");
        RandomTree.change(calls, trial, "second", other.toString(), false);
        moved(stage, engine, view, other, stage.records(other), "other-upper", before, what + ", on another base");
    }

    /** A view as a layer over a base, by the mounted view alone. */
    private void moved(
            Stage stage,
            LinuxCalls engine,
            Path view,
            Path base,
            BaseRecords records,
            String name,
            Map<String, String> before,
            String what)
            throws Exception {
        Path upper = stage.likeRoot(base, name);
        try (Change change = Compaction.of(
                engine, TreeReader.exact(engine, records, stage.open(view)), records, path -> false, stage.scratch)) {
            new RevisionWriter(engine, records)
                    .writeUpper(change, Source.of(stage.open(view), false, false), stage.open(upper));
        }
        Path after = stage.mount(name + "-view", base, upper, OFF);
        assertSame(before, stage.text(after), what);
        stage.unmount(after);
    }

    /** As the drivers without layers have it: a tree that was cloned from its base is made anew from that, and from another. */
    private void wholeTrees(Trial trial, LinuxCalls engine, LoopDevice.Kind kind) throws Exception {
        try (Stage stage = disks.stage(calls, kind)) {
            Path base = stage.makeTop("base");
            RandomTree.change(calls, trial, "base", base.toString(), false);
            Path other = stage.cloned(base, "other");
            RandomTree.change(calls, trial, "second", other.toString(), false);
            Path tree = stage.cloned(base, "tree");
            RandomTree.change(calls, trial, "sliver", tree.toString(), false);
            Map<String, String> before = stage.text(tree);
            BaseRecords records = stage.records(base);
            BaseRecords others = stage.records(other);
            int held = stage.open(tree);
            ViewReader byBlocks = TreeReader.ofClone(engine, records, held, stage.open(base));
            madeAnew(stage, engine, byBlocks, records, held, base, "fresh", before, kind + ", made anew from its base");
            ViewReader byDigest = TreeReader.exact(engine, others, held);
            madeAnew(stage, engine, byDigest, others, held, other, "moved", before, kind + ", made from another base");
        }
    }

    private void madeAnew(
            Stage stage,
            LinuxCalls engine,
            ViewReader reader,
            BaseRecords records,
            int held,
            Path base,
            String name,
            Map<String, String> before,
            String what)
            throws Exception {
        Path fresh = stage.cloned(base, name);
        try (Change change = Compaction.of(engine, reader, records, path -> false, stage.scratch)) {
            new RevisionWriter(engine, records)
                    .writeTree(change, Source.of(held, false, false), stage.open(fresh), fresh.toString());
        }
        assertSame(before, stage.text(fresh), what);
    }
}
