package dev.veneer.node.tree.rebase;

import static org.junit.jupiter.api.Assertions.assertEquals;

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
import dev.veneer.node.tree.rewrite.RandomTree;
import dev.veneer.node.tree.rewrite.RevisionWriter;
import dev.veneer.node.tree.rewrite.Source;
import dev.veneer.node.tree.rewrite.Stage;
import dev.veneer.node.tree.rewrite.Tally;
import dev.veneer.node.tree.rewrite.TreeReader;
import dev.veneer.node.tree.rewrite.UpperReader;
import dev.veneer.node.tree.rewrite.ViewDifference;
import dev.veneer.node.tree.rewrite.ViewReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Random bases, random second bases and random changes in a mounted sliver: the engine against the plain table. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RebaseIT {
    private static final int SEEDS = Integer.getInteger("veneer.rewrite.seeds", 150);
    private static final long FIRST_SEED = Long.getLong("veneer.rewrite.first", 1);
    private static final String OFF = "index=off,nfs_export=off,metacopy=off,redirect_dir=nofollow,xino=off";
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
    private LoopDevice device;

    @BeforeAll
    void makeFileSystem() {
        device = LoopDevice.create(LoopDevice.Kind.XFS, 600);
    }

    @AfterAll
    void removeFileSystem() {
        device.close();
    }

    @Test
    void theEngineDecidesAsTheTableDoes() throws Exception {
        for (long seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
            try (Stage stage = new Stage(calls, device.mountPoint().resolve("r" + seed))) {
                run(stage, new Random(seed), "seed " + seed);
            }
        }
    }

    private void run(Stage stage, Random random, String what) throws Exception {
        Path old = stage.make("old");
        new RandomTree(calls, random, old.toString(), false).change(60);
        Path renewed = stage.make("new");
        new TreeCopier(calls).copy(old.toString(), renewed.toString());
        new RandomTree(calls, random, renewed.toString(), false).change(random.nextInt(40));
        Path upper = stage.likeRoot(old, "upper");
        Path view = stage.mount("view", old, upper, OFF);
        new RandomTree(calls, random, view.toString(), false).change(1 + random.nextInt(50));
        Set<String> opaque = opaque(upper, view, old);

        Map<String, TreeText.Line> o = text(old);
        Map<String, TreeText.Line> n = text(renewed);
        Map<String, TreeText.Line> m = text(view);
        BaseRecords oldRecords = stage.records(old);
        BaseRecords newRecords = stage.records(renewed);
        BaseDifference difference = BaseDifference.between(oldRecords.manifest(), newRecords.manifest());
        for (OnConflict onConflict : List.of(OnConflict.KEEP_SLIVER, OnConflict.TAKE_BASE)) {
            PlainMerge plain = new PlainMerge(onConflict == OnConflict.TAKE_BASE, opaque);
            PlainMerge.Node expected = plain.merge(PlainMerge.tree(o), PlainMerge.tree(n), PlainMerge.tree(m), "");
            String told = what + ", " + onConflict;

            ViewReader byUpper = UpperReader.exact(calls, oldRecords, stage.open(upper));
            RebasePlan plan = plan(byUpper, oldRecords, newRecords, difference, onConflict);
            Path made = stage.likeRoot(renewed, "made-" + onConflict);
            write(stage, plan, newRecords, upper, true, old, renewed, made);
            Path after = stage.mount("after-" + onConflict, renewed, made, OFF);
            assertTree(expected, text(after), told + ", by upper and manifests");
            assertEquals(
                    List.of(),
                    check(stage, plan, oldRecords, newRecords, upper, true, old, renewed, after),
                    told + ", by what looks at it before it counts");
            assertEquals(plain.conflicts().isEmpty(), plan.conflicts().isEmpty(), told + ": " + plan.conflicts());
            stage.unmount(after);

            RebasePlan failing = plan(byUpper, oldRecords, newRecords, difference, OnConflict.FAIL);
            assertEquals(!plain.conflicts().isEmpty(), failing.failed(), told);
            if (opaque.isEmpty()) {
                wholeTree(stage, view, oldRecords, newRecords, difference, onConflict, old, renewed, expected, told);
            }
        }
    }

    private void wholeTree(
            Stage stage,
            Path view,
            BaseRecords oldRecords,
            BaseRecords newRecords,
            BaseDifference difference,
            OnConflict onConflict,
            Path old,
            Path renewed,
            PlainMerge.Node expected,
            String what)
            throws Exception {
        RebasePlan plan = plan(
                TreeReader.exact(calls, oldRecords, stage.open(view)), oldRecords, newRecords, difference, onConflict);
        Path tree = stage.make("tree-" + onConflict);
        new TreeCopier(calls).copy(renewed.toString(), tree.toString());
        write(stage, plan, newRecords, view, false, old, renewed, tree);
        assertTree(expected, text(tree), what + ", as a whole tree");
        assertEquals(
                List.of(),
                check(stage, plan, oldRecords, newRecords, view, false, old, renewed, tree),
                what + ", as a whole tree, by what looks at it before it counts");
    }

    /** What a move's own check finds. */
    private List<ViewDifference> check(
            Stage stage,
            RebasePlan plan,
            BaseRecords oldRecords,
            BaseRecords newRecords,
            Path from,
            boolean upper,
            Path old,
            Path renewed,
            Path after)
            throws Exception {
        int root = stage.open(after);
        try (OpenTree held = new OpenTree(calls, stage.open(from), upper);
                ManifestTree olds = new ManifestTree(calls, oldRecords, stage.open(old));
                ManifestTree news = new ManifestTree(calls, newRecords, stage.open(renewed));
                OpenTree view = new OpenTree(calls, root);
                RebaseCheck check =
                        new RebaseCheck(calls, plan, newRecords, held, olds, news, view, true, stage.scratch)) {
            return check.whole(root);
        } finally {
            stage.forget(root);
        }
    }

    /** Same names, same contents, but not one file. */
    @Test
    void theCheckFindsAGroupOfHardLinksThatCameApart() throws Exception {
        try (Stage stage = new Stage(calls, device.mountPoint().resolve("links"))) {
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
            ViewReader reader = UpperReader.exact(calls, oldRecords, stage.open(upper));
            RebasePlan plan = plan(reader, oldRecords, newRecords, difference, OnConflict.FAIL);
            for (boolean apart : new boolean[] {false, true}) {
                Path made = stage.likeRoot(renewed, "made-" + apart);
                write(stage, plan, newRecords, upper, true, old, renewed, made);
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
                List<ViewDifference> found =
                        check(stage, plan, oldRecords, newRecords, upper, true, old, renewed, after);
                assertEquals(apart ? 1 : 0, found.size(), found.toString());
                assertEquals(apart, found.toString().contains("hard link"), found.toString());
                stage.unmount(after);
            }
        }
    }

    private RebasePlan plan(
            ViewReader view,
            BaseRecords oldRecords,
            BaseRecords newRecords,
            BaseDifference difference,
            OnConflict onConflict)
            throws Exception {
        RebaseRules rules = new RebaseRules(List.of(), onConflict, List.of());
        return new RebasePlanner(oldRecords, newRecords, difference, rules, List.of())
                .plan(view, new ThreeTrees(NOTHING, NOTHING, NOTHING), 2);
    }

    private void write(
            Stage stage,
            RebasePlan plan,
            BaseRecords records,
            Path from,
            boolean upper,
            Path old,
            Path renewed,
            Path to)
            throws Exception {
        Source source = new Source(stage.open(from), upper, stage.open(old), stage.open(renewed), false);
        try (LinkSets links = new LinkSets(calls, stage.scratch)) {
            Change change = new Change(plan.steps(), plan.recipes(), links, new Tally());
            RevisionWriter writer = new RevisionWriter(calls, records);
            if (upper) {
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
