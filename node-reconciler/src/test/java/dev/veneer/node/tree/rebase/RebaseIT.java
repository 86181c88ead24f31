package dev.veneer.node.tree.rebase;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.driver.conformance.TreeText;
import dev.veneer.node.linux.JnrLinuxCalls;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.testkit.Commands;
import dev.veneer.node.testkit.LoopDevice;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.Identity;
import dev.veneer.node.tree.TreeCopier;
import dev.veneer.node.tree.merge.MergeTree;
import dev.veneer.node.tree.merge.OnConflict;
import dev.veneer.node.tree.merge.ThreeTrees;
import dev.veneer.node.tree.rewrite.BaseRecords;
import dev.veneer.node.tree.rewrite.Change;
import dev.veneer.node.tree.rewrite.LinkSets;
import dev.veneer.node.tree.rewrite.ManifestTree;
import dev.veneer.node.tree.rewrite.OpenTree;
import dev.veneer.node.tree.rewrite.Property;
import dev.veneer.node.tree.rewrite.RandomTree;
import dev.veneer.node.tree.rewrite.RevisionWriter;
import dev.veneer.node.tree.rewrite.Source;
import dev.veneer.node.tree.rewrite.Stage;
import dev.veneer.node.tree.rewrite.Tally;
import dev.veneer.node.tree.rewrite.TestDisks;
import dev.veneer.node.tree.rewrite.TreeReader;
import dev.veneer.node.tree.rewrite.Trial;
import dev.veneer.node.tree.rewrite.UpperReader;
import dev.veneer.node.tree.rewrite.ViewDifference;
import dev.veneer.node.tree.rewrite.ViewReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Random bases, random second bases and random changes in a mounted sliver: the engine against the plain table. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RebaseIT {
    private static final int SEEDS = 900;
    private static final String OFF = "index=off,nfs_export=off,metacopy=off,redirect_dir=nofollow,xino=off";
    private static final List<String> OPTIONS = List.of(
            OFF,
            OFF,
            OFF,
            "index=off,metacopy=on,redirect_dir=on,xino=off",
            "index=on,redirect_dir=nofollow,metacopy=off,xino=off",
            "index=off,redirect_dir=nofollow,metacopy=off,xino=on");
    private static final String ASIDE = "var";
    private static final MergeTree NOTHING = new MergeTree() {
        @Override
        public Identity find(Bytes path) {
            return null;
        }

        @Override
        public Bytes content(Bytes path, int limit) {
            throw new IllegalStateException("no merger is asked here");
        }

        @Override
        public List<Bytes> names(Bytes directory) {
            return List.of();
        }
    };

    private final LinuxCalls calls = new JnrLinuxCalls();
    private final TestDisks disks = new TestDisks();

    @AfterAll
    void removeFileSystems() {
        disks.close();
    }

    @Test
    void theEngineDecidesAsTheTableDoes() {
        Property.holds(SEEDS, trial -> run(trial, false));
    }

    /** A test that cannot fail tells nothing: here the table keeps what the sliver deleted and the base changed. */
    @Test
    void aFaultIsFoundAndMadeSmall() {
        AssertionError found = assertThrows(AssertionError.class, () -> Property.holds(200, trial -> run(trial, true)));
        assertTrue(
                found.getMessage().matches("(?s)seed \\d+, made smaller from \\d+ to [1-6] operations.*"),
                found.getMessage());
    }

    /** @param wrong whether what is expected is not what is right */
    private void run(Trial trial, boolean wrong) throws Exception {
        switch ((int) (trial.seed() % 8)) {
            case 5 -> wholeTrees(trial, LoopDevice.Kind.XFS, wrong);
            case 6 -> wholeTrees(trial, LoopDevice.Kind.BTRFS, wrong);
            case 7 -> wholeTrees(trial, LoopDevice.Kind.EXT4, wrong);
            default -> layers(trial, wrong);
        }
    }

    /** Two bases with their records, and what they differ in. */
    private record Bases(
            Path old, Path renewed, BaseRecords oldRecords, BaseRecords newRecords, BaseDifference difference) {}

    private Bases bases(Stage stage, Trial trial) throws Exception {
        Path old = stage.makeTop("old");
        RandomTree.change(calls, trial, "base", old.toString(), false);
        Path renewed = stage.cloned(old, "new");
        RandomTree.change(calls, trial, "second", renewed.toString(), false);
        BaseRecords oldRecords = stage.records(old);
        BaseRecords newRecords = stage.records(renewed);
        return new Bases(
                old,
                renewed,
                oldRecords,
                newRecords,
                BaseDifference.between(oldRecords.manifest(), newRecords.manifest()));
    }

    private void layers(Trial trial, boolean wrong) throws Exception {
        String options = OPTIONS.get(trial.random("options", 0).nextInt(OPTIONS.size()));
        try (Stage stage = disks.stage(calls, LoopDevice.Kind.XFS)) {
            Bases bases = bases(stage, trial);
            Path upper = stage.likeRoot(bases.old, "upper");
            Path view = stage.mount("view", bases.old, upper, options);
            RandomTree.change(calls, trial, "sliver", view.toString(), false);
            Map<String, TreeText.Line> seen = text(view);
            for (OnConflict onConflict : List.of(OnConflict.KEEP_SLIVER, OnConflict.TAKE_BASE)) {
                String what = options + ", " + onConflict;
                // What a sliver's own mount never leaves is read from the view, which does not tell what is hidden.
                boolean foreign = !options.equals(OFF);
                Set<String> opaque = foreign ? Set.of() : opaque(upper, view, bases.old);
                PlainMerge plain = new PlainMerge(onConflict == OnConflict.TAKE_BASE, opaque);
                PlainMerge.Node expected = expected(plain, bases, seen, wrong);
                Path held = foreign ? view : upper;
                RebasePlan plan = plan(reader(stage, bases, held, !foreign), bases, onConflict);
                Path made = stage.likeRoot(bases.renewed, "made-" + onConflict);
                write(stage, plan, bases, held, !foreign, true, made);
                Path after = stage.mount("after-" + onConflict, bases.renewed, made, OFF);
                looksRight(stage, plain, expected, plan, bases, held, !foreign, after, what);
                stage.unmount(after);
                RebasePlan failing = plan(reader(stage, bases, held, !foreign), bases, OnConflict.FAIL);
                assertEquals(!plain.conflicts().isEmpty(), failing.failed(), what);
            }
        }
    }

    private ViewReader reader(Stage stage, Bases bases, Path held, boolean upper) throws Exception {
        return upper
                ? UpperReader.exact(calls, bases.oldRecords, stage.open(held))
                : TreeReader.exact(calls, bases.oldRecords, stage.open(held));
    }

    /** As the drivers without layers have it. */
    private void wholeTrees(Trial trial, LoopDevice.Kind kind, boolean wrong) throws Exception {
        try (Stage stage = disks.stage(calls, kind)) {
            Bases bases = bases(stage, trial);
            Path tree = stage.cloned(bases.old, "tree");
            RandomTree.change(calls, trial, "sliver", tree.toString(), false);
            Map<String, TreeText.Line> seen = text(tree);
            for (OnConflict onConflict : List.of(OnConflict.KEEP_SLIVER, OnConflict.TAKE_BASE)) {
                String what = "whole trees on " + kind + ", " + onConflict;
                PlainMerge plain = new PlainMerge(onConflict == OnConflict.TAKE_BASE, Set.of());
                PlainMerge.Node expected = expected(plain, bases, seen, wrong);
                ViewReader reader =
                        TreeReader.ofClone(calls, bases.oldRecords, stage.open(tree), stage.open(bases.old));
                RebasePlan plan = plan(reader, bases, onConflict);
                Path made = stage.cloned(bases.renewed, "made-" + onConflict);
                write(stage, plan, bases, tree, false, false, made);
                looksRight(stage, plain, expected, plan, bases, tree, false, made, what);
            }
        }
    }

    private PlainMerge.Node expected(PlainMerge plain, Bases bases, Map<String, TreeText.Line> seen, boolean wrong) {
        Map<String, TreeText.Line> before = text(bases.old);
        PlainMerge.Node sliver = PlainMerge.tree(seen);
        PlainMerge.Node merged = plain.merge(PlainMerge.tree(before), PlainMerge.tree(text(bases.renewed)), sliver, "");
        boolean deletes = wrong && !seen.keySet().containsAll(before.keySet());
        return deletes ? sliver : merged;
    }

    private void looksRight(
            Stage stage,
            PlainMerge plain,
            PlainMerge.Node expected,
            RebasePlan plan,
            Bases bases,
            Path held,
            boolean upper,
            Path after,
            String what)
            throws Exception {
        assertTree(expected, text(after), what);
        assertEquals(
                List.of(),
                check(stage, plan, bases, held, upper, after),
                what + ", by what looks at it before it counts");
        assertEquals(plain.conflicts().isEmpty(), plan.conflicts().isEmpty(), what + ": " + plan.conflicts());
    }

    /** What a move's own check finds. */
    private List<ViewDifference> check(Stage stage, RebasePlan plan, Bases bases, Path from, boolean upper, Path after)
            throws Exception {
        int root = stage.open(after);
        try (OpenTree held = new OpenTree(calls, stage.open(from), upper);
                ManifestTree olds = new ManifestTree(calls, bases.oldRecords, stage.open(bases.old));
                ManifestTree news = new ManifestTree(calls, bases.newRecords, stage.open(bases.renewed));
                OpenTree view = new OpenTree(calls, root);
                RebaseCheck check =
                        new RebaseCheck(calls, plan, bases.newRecords, held, olds, news, view, true, stage.scratch)) {
            return check.whole(root);
        } finally {
            stage.forget(root);
        }
    }

    /** Same names, same contents, but not one file. */
    @Test
    void theCheckFindsAGroupOfHardLinksThatCameApart() throws Exception {
        try (Stage stage = disks.stage(calls, LoopDevice.Kind.XFS)) {
            Path old = stage.make("old");
            Files.writeString(old.resolve("base"), "b");
            Path renewed = stage.make("new");
            new TreeCopier(calls).copy(old.toString(), renewed.toString());
            Path upper = stage.likeRoot(old, "upper");
            Path view = stage.mount("view", old, upper, OFF);
            Files.writeString(view.resolve("one"), "x");
            Files.createLink(view.resolve("two"), view.resolve("one"));
            stage.unmount(view);
            BaseRecords oldRecords = stage.records(old);
            BaseRecords newRecords = stage.records(renewed);
            BaseDifference difference = BaseDifference.between(oldRecords.manifest(), newRecords.manifest());
            Bases bases = new Bases(old, renewed, oldRecords, newRecords, difference);
            RebasePlan plan = plan(reader(stage, bases, upper, true), bases, OnConflict.FAIL);
            for (boolean apart : new boolean[] {false, true}) {
                Path made = stage.likeRoot(renewed, "made-" + apart);
                write(stage, plan, bases, upper, true, true, made);
                if (apart) {
                    Commands.run(
                            "cp",
                            "-a",
                            made.resolve("two").toString(),
                            made.resolve("copy").toString());
                    Commands.run(
                            "mv",
                            made.resolve("copy").toString(),
                            made.resolve("two").toString());
                    Commands.run("touch", "-r", upper.toString(), made.toString());
                }
                Path after = stage.mount("after-" + apart, renewed, made, OFF);
                List<ViewDifference> found = check(stage, plan, bases, upper, true, after);
                assertEquals(apart ? 1 : 0, found.size(), found.toString());
                assertEquals(apart, found.toString().contains("hard link"), found.toString());
                stage.unmount(after);
            }
        }
    }

    private RebasePlan plan(ViewReader view, Bases bases, OnConflict onConflict) throws Exception {
        RebaseRules rules = new RebaseRules(List.of(), onConflict, List.of());
        return new RebasePlanner(bases.oldRecords, bases.newRecords, bases.difference, rules, List.of())
                .plan(view, new ThreeTrees(NOTHING, NOTHING, NOTHING), 2);
    }

    /**
     * Carries a plan out.
     *
     * @param upper whether what it comes from is an upper directory
     * @param layer whether what it goes to is one
     */
    private void write(Stage stage, RebasePlan plan, Bases bases, Path from, boolean upper, boolean layer, Path to)
            throws Exception {
        Source source = new Source(stage.open(from), upper, stage.open(bases.old), stage.open(bases.renewed), false);
        try (LinkSets links = new LinkSets(calls, stage.scratch)) {
            Change change = new Change(plan.steps(), plan.recipes(), links, new Tally());
            RevisionWriter writer = new RevisionWriter(calls, bases.newRecords);
            if (layer) {
                writer.writeUpper(change, source, stage.open(to));
            } else {
                writer.writeTree(change, source, stage.open(to), to.toString());
            }
        }
    }

    /** By path; what is laid aside is left out. */
    private Map<String, TreeText.Line> text(Path root) {
        Map<String, TreeText.Line> text = TreeText.of(calls, root.toString(), Long.MAX_VALUE);
        text.keySet().removeIf(path -> path.equals(ASIDE) || path.startsWith(ASIDE + "/"));
        return text;
    }

    private static void assertTree(PlainMerge.Node expected, Map<String, TreeText.Line> actual, String what) {
        Map<String, String> wanted = PlainMerge.lines(expected);
        Map<String, String> found = PlainMerge.lines(PlainMerge.tree(actual));
        if (!wanted.equals(found)) {
            StringBuilder differences = new StringBuilder();
            TreeMap<String, String> all = new TreeMap<>(wanted);
            all.putAll(found);
            for (String path : all.keySet()) {
                String before = wanted.getOrDefault(path, "absent");
                String after = found.getOrDefault(path, "absent");
                if (!before.equals(after)) {
                    differences.append(String.format("%n%s%n   %s%n   %s", path, before, after));
                }
            }
            throw new AssertionError(what + differences);
        }
    }

    /** The directories in which nothing of the base is seen though it has them, by what the kernel noted. */
    private Set<String> opaque(Path upper, Path view, Path old) {
        Set<String> opaque = new TreeSet<>();
        Map<String, TreeText.Line> based = text(old);
        for (Map.Entry<String, TreeText.Line> line : text(view).entrySet()) {
            String path = line.getKey();
            boolean both = line.getValue().directory()
                    && based.containsKey(path)
                    && based.get(path).directory();
            if (both && !path.isEmpty()) {
                int slash = path.lastIndexOf('/');
                boolean inOpaque = slash > 0 && opaque.contains(path.substring(0, slash));
                if (inOpaque || marked(upper, path)) {
                    opaque.add(path);
                }
            }
        }
        return opaque;
    }

    private boolean marked(Path upper, String path) {
        try {
            byte[] name = (upper + "/" + path).getBytes(StandardCharsets.ISO_8859_1);
            return calls.lgetxattr(name, PathBytes.of("trusted.overlay.opaque")).length == 1;
        } catch (LinuxException e) {
            return false; // no such attribute, or no such directory in the upper one
        }
    }
}
