package dev.veneer.node.tree.rebase;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.driver.conformance.TreeText;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.FileType;
import dev.veneer.node.tree.Identity;
import dev.veneer.node.tree.TreeCopier;
import dev.veneer.node.tree.coupled.CoupledStates;
import dev.veneer.node.tree.merge.MemoryTree;
import dev.veneer.node.tree.merge.MergeTree;
import dev.veneer.node.tree.merge.ThreeTrees;
import dev.veneer.node.tree.merge.Verdict;
import dev.veneer.node.tree.rewrite.BaseRecords;
import dev.veneer.node.tree.rewrite.Change;
import dev.veneer.node.tree.rewrite.LayeredTree;
import dev.veneer.node.tree.rewrite.LinkSets;
import dev.veneer.node.tree.rewrite.ManifestTree;
import dev.veneer.node.tree.rewrite.OpenTree;
import dev.veneer.node.tree.rewrite.RevisionWriter;
import dev.veneer.node.tree.rewrite.Source;
import dev.veneer.node.tree.rewrite.Stage;
import dev.veneer.node.tree.rewrite.Tally;
import dev.veneer.node.tree.rewrite.TreeReader;
import dev.veneer.node.tree.rewrite.UpperReader;
import dev.veneer.node.tree.rewrite.ViewReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * A mounted sliver that its owner changes, moved by all that a move consists of: mergers, planner, writer and check; as
 * an overlay and as a whole tree.
 */
final class WholeMove implements AutoCloseable {
    private static final String OFF = "index=off,nfs_export=off,metacopy=off,redirect_dir=nofollow,xino=off";
    private static final FileTime BUILT = FileTime.fromMillis(1_700_000_000_000L);
    private static final int REVISION = 2;

    private final LinuxCalls calls;
    private final Stage stage;
    private final Path old;
    private final Path renewed;
    private final Path upper;
    private final Path view;
    private int moves;

    /** @param directory which does not exist yet */
    WholeMove(LinuxCalls calls, Path directory, MemoryTree oldBase, MemoryTree newBase) throws Exception {
        this.calls = calls;
        stage = new Stage(calls, directory);
        old = stage.make("old");
        apply(new MemoryTree(), oldBase, old);
        renewed = stage.make("new");
        apply(new MemoryTree(), newBase, renewed);
        upper = stage.likeRoot(old, "upper");
        view = stage.mount("view", old, upper, OFF);
    }

    /** What programs of the sliver see, and may change. */
    Path view() {
        return view;
    }

    /** The old base's tree, to be changed before anything is decided. */
    Path oldBase() {
        return old;
    }

    /** The new base's. */
    Path newBase() {
        return renewed;
    }

    /** What came out, mounted. */
    record Moved(RebasePlan plan, Path view) {
        /** The verdicts of a path. */
        List<Verdict> verdicts(String path) {
            return plan.reports().stream()
                    .filter(report -> report.path().equals(Bytes.utf8(path)))
                    .map(PathReport::verdict)
                    .toList();
        }

        String text(String path) throws IOException {
            return Files.readString(view.resolve(path));
        }

        boolean has(String path) {
            return Files.exists(view.resolve(path), LinkOption.NOFOLLOW_LINKS);
        }
    }

    /** Decides, and writes nothing. */
    RebasePlan plan(RebaseRules rules) throws Exception {
        moves++;
        try (Sides sides = new Sides("plan" + moves);
                LayeredTree sliver = new LayeredTree(calls, sides.olds, sides.news, sides.open(upper))) {
            return sides.plan(rules, UpperReader.exact(calls, sides.oldRecords, sides.open(upper)), sliver);
        }
    }

    /** Moves it twice, to no effect on what is there; the two must come to the same. */
    Moved move(RebaseRules rules) throws Exception {
        moves++;
        try (Sides sides = new Sides("move" + moves)) {
            Moved layer = asLayer(sides, rules);
            Moved tree = asTree(sides, rules);
            compare(layer, tree, rules);
            return layer;
        }
    }

    private Moved asLayer(Sides sides, RebaseRules rules) throws Exception {
        try (LayeredTree sliver = new LayeredTree(calls, sides.olds, sides.news, sides.open(upper))) {
            RebasePlan plan = sides.plan(rules, UpperReader.exact(calls, sides.oldRecords, sides.open(upper)), sliver);
            Path made = stage.likeRoot(renewed, "made" + moves);
            sides.write(plan, upper, true, made);
            Path after = stage.mount("after" + moves, renewed, made, OFF);
            sides.check(plan, upper, true, after);
            return new Moved(plan, after);
        }
    }

    private Moved asTree(Sides sides, RebaseRules rules) throws Exception {
        Path copy = stage.make("copy" + moves);
        new TreeCopier(calls).copy(view.toString(), copy.toString());
        try (OpenTree sliver = new OpenTree(calls, sides.open(copy), List.of(sides.olds, sides.news))) {
            RebasePlan plan = sides.plan(rules, TreeReader.exact(calls, sides.oldRecords, sides.open(copy)), sliver);
            Path tree = stage.make("tree" + moves);
            new TreeCopier(calls).copy(renewed.toString(), tree.toString());
            sides.write(plan, copy, false, tree);
            sides.check(plan, copy, false, tree);
            return new Moved(plan, tree);
        }
    }

    private void compare(Moved layer, Moved tree, RebaseRules rules) {
        Map<String, String> byLayer = text(layer.view);
        Map<String, String> byTree = text(tree.view);
        // Only a layer tells that the owner replaced a directory, so that what the new base adds there stays hidden.
        for (Map<String, String> each : List.of(byLayer, byTree)) {
            each.keySet().removeIf(this::mayBeHidden);
            // And what its owner never wrote: in a tree all is the sliver's, and held by a pin.
            each.keySet().removeIf(path -> rules.pins(PathBytes.of(path)));
        }
        assertEquals(
                without(byLayer, byTree),
                without(byTree, byLayer),
                () -> "layer " + layer.plan.reports() + "\n, tree " + tree.plan.reports());
        if (layer.plan.reports().stream().noneMatch(report -> report.verdict() == Verdict.HIDDEN)) {
            assertEquals(layer.plan.conflicts(), tree.plan.conflicts());
        }
    }

    /** Whether it is new in the new base, or in a directory that is, and that lies in one that hides the old base's. */
    private boolean mayBeHidden(String path) {
        for (int slash = path.indexOf('/'); slash > 0; slash = path.indexOf('/', slash + 1)) {
            int end = path.indexOf('/', slash + 1);
            String child = end < 0 ? path : path.substring(0, end);
            boolean added = !Files.exists(old.resolve(child), LinkOption.NOFOLLOW_LINKS)
                    && Files.exists(renewed.resolve(child), LinkOption.NOFOLLOW_LINKS);
            if (added && isOpaque(path.substring(0, slash))) {
                return true;
            }
        }
        return false;
    }

    private static Map<String, String> without(Map<String, String> lines, Map<String, String> others) {
        Map<String, String> left = new TreeMap<>(lines);
        left.entrySet().removeAll(others.entrySet());
        return left;
    }

    private boolean isOpaque(String path) {
        try {
            byte[] opaque = PathBytes.of("trusted.overlay.opaque");
            return calls.lgetxattr(PathBytes.of(upper.resolve(path).toString()), opaque).length == 1
                    || (path.contains("/") && isOpaque(path.substring(0, path.lastIndexOf('/'))));
        } catch (LinuxException e) {
            return path.contains("/") && isOpaque(path.substring(0, path.lastIndexOf('/')));
        }
    }

    private Map<String, String> text(Path root) {
        Map<String, String> text = new TreeMap<>();
        TreeText.of(calls, root.toString(), Long.MAX_VALUE).forEach((path, line) -> text.put(path, line.withoutTime()));
        return text;
    }

    /** Both bases, open, and what is open of the sliver. */
    private final class Sides implements AutoCloseable {
        final BaseRecords oldRecords;
        final BaseRecords newRecords;
        final ManifestTree olds;
        final ManifestTree news;
        final BaseDifference difference;
        final List<Integer> open = new ArrayList<>();

        Sides(String name) throws Exception {
            oldRecords = stage.records(old, name + "-old");
            newRecords = stage.records(renewed, name + "-new");
            olds = new ManifestTree(calls, oldRecords, open(old));
            news = new ManifestTree(calls, newRecords, open(renewed));
            difference = BaseDifference.between(oldRecords.manifest(), newRecords.manifest());
        }

        int open(Path path) throws Exception {
            int fd = stage.open(path);
            open.add(fd);
            return fd;
        }

        RebasePlan plan(RebaseRules rules, ViewReader reader, MergeTree sliver) throws Exception {
            return new RebasePlanner(oldRecords, newRecords, difference, rules, CoupledStates.ALL)
                    .plan(reader, new ThreeTrees(olds, news, sliver), REVISION);
        }

        void write(RebasePlan plan, Path from, boolean layer, Path to) throws Exception {
            Source source = new Source(open(from), layer, open(old), open(renewed), false);
            try (LinkSets links = new LinkSets(calls, stage.scratch)) {
                Change change = new Change(plan.steps(), plan.recipes(), links, new Tally());
                RevisionWriter writer = new RevisionWriter(calls, newRecords);
                if (layer) {
                    writer.writeUpper(change, source, open(to));
                } else {
                    writer.writeTree(change, source, open(to), to.toString());
                }
            }
        }

        void check(RebasePlan plan, Path from, boolean layer, Path after) throws Exception {
            int root = open(after);
            try (OpenTree held = new OpenTree(calls, open(from), layer);
                    OpenTree seen = new OpenTree(calls, root);
                    RebaseCheck check =
                            new RebaseCheck(calls, plan, newRecords, held, olds, news, seen, true, stage.scratch)) {
                assertEquals(List.of(), check.whole(root));
            }
        }

        @Override
        public void close() {
            olds.close();
            news.close();
            open.forEach(stage::forget);
        }
    }

    /**
     * Changes a tree as a package manager does: new files beside the old ones and then in their place. What lies behind
     * a link is left alone.
     */
    static void apply(MemoryTree before, MemoryTree after, Path root) throws Exception {
        List<Bytes> gone = new ArrayList<>(before.paths());
        gone.removeAll(after.paths());
        for (int i = gone.size() - 1; i >= 0; i--) {
            Path path = in(root, gone.get(i));
            if (isWithin(root, path)) {
                try {
                    Files.deleteIfExists(path);
                } catch (DirectoryNotEmptyException e) {
                    // Its owner has something in it.
                    assertTrue(Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS));
                }
            }
        }
        for (Bytes path : after.paths()) {
            Identity wanted = after.find(path);
            Path to = in(root, path);
            if (!wanted.equals(before.find(path)) && !path.isEmpty() && isWithin(root, to)) {
                Files.createDirectories(to.getParent());
                if (wanted.type() == FileType.DIRECTORY || !Files.isDirectory(to, LinkOption.NOFOLLOW_LINKS)) {
                    put(to, wanted, after, path);
                }
            }
        }
    }

    /** Whether no directory on the way to a path is a link. */
    static boolean isWithin(Path root, Path path) {
        for (Path above = path.getParent(); !above.equals(root) && !path.equals(root); above = above.getParent()) {
            if (Files.exists(above, LinkOption.NOFOLLOW_LINKS)
                    && !Files.isDirectory(above, LinkOption.NOFOLLOW_LINKS)) {
                return false;
            }
        }
        return true;
    }

    private static void put(Path to, Identity wanted, MemoryTree tree, Bytes path) throws Exception {
        Path beside = to.resolveSibling("." + to.getFileName() + ".dpkg-new");
        switch (wanted.type()) {
            case DIRECTORY -> {
                if (!Files.isDirectory(to, LinkOption.NOFOLLOW_LINKS)) {
                    Files.deleteIfExists(to);
                    Files.createDirectory(to);
                }
            }
            case SYMLINK -> {
                Files.createSymbolicLink(beside, Path.of(text(wanted.target())));
                Files.move(beside, to, StandardCopyOption.ATOMIC_MOVE);
                return;
            }
            default -> {
                Files.write(beside, tree.content(path, Integer.MAX_VALUE).array());
                Files.move(beside, to, StandardCopyOption.ATOMIC_MOVE);
            }
        }
        Files.setPosixFilePermissions(to, permissions(wanted.permissions()));
        Files.setLastModifiedTime(to, BUILT);
    }

    private static Set<PosixFilePermission> permissions(int mode) {
        Set<PosixFilePermission> all = EnumSet.noneOf(PosixFilePermission.class);
        int bit = 0400;
        for (PosixFilePermission each : PosixFilePermission.values()) {
            if ((mode & bit) != 0) {
                all.add(each);
            }
            bit >>= 1;
        }
        return all;
    }

    private static Path in(Path root, Bytes path) {
        return root.resolve(text(path));
    }

    private static String text(Bytes bytes) {
        return new String(bytes.array(), StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws IOException, LinuxException, NodeException {
        stage.close();
    }
}
