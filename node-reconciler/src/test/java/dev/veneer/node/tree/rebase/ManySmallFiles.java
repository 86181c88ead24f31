package dev.veneer.node.tree.rebase;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.veneer.node.linux.JnrLinuxCalls;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.tree.merge.OnConflict;
import dev.veneer.node.tree.merge.ThreeTrees;
import dev.veneer.node.tree.rewrite.BaseRecords;
import dev.veneer.node.tree.rewrite.Change;
import dev.veneer.node.tree.rewrite.Compaction;
import dev.veneer.node.tree.rewrite.LinkSets;
import dev.veneer.node.tree.rewrite.ManifestTree;
import dev.veneer.node.tree.rewrite.OpenTree;
import dev.veneer.node.tree.rewrite.RevisionWriter;
import dev.veneer.node.tree.rewrite.Source;
import dev.veneer.node.tree.rewrite.Stage;
import dev.veneer.node.tree.rewrite.Steps;
import dev.veneer.node.tree.rewrite.Tally;
import dev.veneer.node.tree.rewrite.UpperReader;
import dev.veneer.node.tree.rewrite.ViewComparison;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A program that compacts and moves a store of many small files, in a directory that it is given and with as many files
 * as it is told: what it gets by in how much memory is for its caller to see.
 */
final class ManySmallFiles {
    private static final String OFF = "index=off,nfs_export=off,metacopy=off,redirect_dir=nofollow,xino=off";
    private static final int IN_DIRECTORY = 10_000;

    private ManySmallFiles() {}

    public static void main(String[] arguments) throws Exception {
        LinuxCalls calls = new JnrLinuxCalls();
        int count = Integer.parseInt(arguments[1]);
        try (Stage stage = new Stage(calls, Path.of(arguments[0]))) {
            Path old = stage.make("old");
            Files.writeString(old.resolve("file"), "1");
            Path renewed = stage.make("new");
            Files.writeString(renewed.resolve("file"), "2");
            Path upper = stage.likeRoot(old, "upper");
            fill(upper, count);
            long begin = System.nanoTime();
            compact(calls, stage, old, upper);
            long middle = System.nanoTime();
            move(calls, stage, old, renewed, upper);
            System.out.printf(
                    "%d files: compaction %d ms, move %d ms%n",
                    count, (middle - begin) / 1_000_000, (System.nanoTime() - middle) / 1_000_000);
        }
    }

    private static void fill(Path upper, int count) throws Exception {
        for (int i = 0; i < count; i++) {
            Path directory = upper.resolve("directory-" + i / IN_DIRECTORY);
            if (i % IN_DIRECTORY == 0) {
                Files.createDirectory(directory);
            }
            Files.write(directory.resolve("file-" + i), String.valueOf(i).getBytes(ISO_8859_1));
        }
    }

    private static void compact(LinuxCalls calls, Stage stage, Path base, Path upper) throws Exception {
        BaseRecords records = stage.records(base);
        Path compact = stage.likeRoot(base, "compact");
        Steps steps;
        try (Change change = Compaction.of(
                calls, UpperReader.exact(calls, records, stage.open(upper)), records, path -> false, stage.scratch)) {
            new RevisionWriter(calls, records)
                    .writeUpper(change, Source.of(stage.open(upper), true, true), stage.open(compact));
            steps = change.steps();
        }
        Path before = stage.mount("before", base, upper, OFF);
        Path after = stage.mount("after", base, compact, OFF);
        int befores = stage.open(before);
        int afters = stage.open(after);
        try (ViewComparison views = new ViewComparison(calls, records, befores, afters, true, stage.scratch)) {
            require(views.whole(befores, steps));
        }
        stage.forget(befores, afters);
        stage.unmount(after);
        stage.unmount(before);
    }

    private static void move(LinuxCalls calls, Stage stage, Path old, Path renewed, Path upper) throws Exception {
        BaseRecords oldRecords = stage.records(old, "old-again");
        BaseRecords newRecords = stage.records(renewed);
        BaseDifference difference = BaseDifference.between(oldRecords.manifest(), newRecords.manifest());
        Path moved = stage.likeRoot(renewed, "moved");
        int from = stage.open(upper);
        RebaseRules rules = new RebaseRules(List.of(), OnConflict.FAIL, List.of());
        try (OpenTree held = new OpenTree(calls, from, true);
                ManifestTree olds = new ManifestTree(calls, oldRecords, stage.open(old));
                ManifestTree news = new ManifestTree(calls, newRecords, stage.open(renewed))) {
            RebasePlan plan = new RebasePlanner(oldRecords, newRecords, difference, rules, List.of())
                    .plan(UpperReader.exact(calls, oldRecords, from), new ThreeTrees(olds, news, held), 2);
            Source source = new Source(from, true, stage.open(old), stage.open(renewed), false);
            try (LinkSets links = new LinkSets(calls, stage.scratch)) {
                new RevisionWriter(calls, newRecords)
                        .writeUpper(
                                new Change(plan.steps(), plan.recipes(), links, new Tally()),
                                source,
                                stage.open(moved));
            }
            Path after = stage.mount("moved-view", renewed, moved, OFF);
            int root = stage.open(after);
            try (OpenTree view = new OpenTree(calls, root);
                    RebaseCheck check =
                            new RebaseCheck(calls, plan, newRecords, held, olds, news, view, true, stage.scratch)) {
                require(check.whole(root));
            }
            stage.forget(root);
            stage.unmount(after);
        }
    }

    private static void require(List<?> differences) {
        if (!differences.isEmpty()) {
            throw new IllegalStateException(differences.toString());
        }
    }
}
