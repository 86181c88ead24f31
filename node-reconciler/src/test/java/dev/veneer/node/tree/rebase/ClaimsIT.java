package dev.veneer.node.tree.rebase;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.linux.JnrLinuxCalls;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.testkit.Commands;
import dev.veneer.node.testkit.LoopDevice;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.PathPattern;
import dev.veneer.node.tree.coupled.DebianTree;
import dev.veneer.node.tree.merge.OnConflict;
import dev.veneer.node.tree.merge.Verdict;
import dev.veneer.node.tree.rebase.WholeMove.Moved;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What mergers claim, what is pinned and what the table says of one path: decided together, written and looked at. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ClaimsIT {
    private static final String DOC = "usr/share/doc/tool";

    private final LinuxCalls calls = new JnrLinuxCalls();
    private LoopDevice device;
    private int cases;

    private DebianTree oldBase = new DebianTree();
    private DebianTree newBase = oldBase;
    private DebianTree sliver = oldBase;

    @BeforeAll
    void makeFileSystem() {
        device = LoopDevice.create(LoopDevice.Kind.XFS, 400);
    }

    @BeforeEach
    void makeOldBase() {
        oldBase = new DebianTree();
        oldBase.install("tool", "1", "", files("1")).tree().file("etc/passwd", user("root", 0));
        oldBase.tree().file("srv/doc/a", "a").file("srv/doc/b", "b").file("srv/doc/sub/c", "c");
    }

    @AfterAll
    void removeFileSystem() {
        device.close();
    }

    private static Map<String, String> files(String version, String... more) {
        Map<String, String> files = new TreeMap<>(Map.of("usr/bin/tool", version, DOC + "/copyright", "c"));
        files.put(DOC + "/changelog", version);
        for (String path : more) {
            files.put(path, version);
        }
        return files;
    }

    private static String user(String name, int id) {
        return name + ":x:" + id + ":" + id + "::/:/bin/sh\n";
    }

    private static RebaseRules rules(OnConflict onConflict, String... pins) {
        return new RebaseRules(
                List.of(),
                onConflict,
                List.of(pins).stream().map(PathPattern::parse).toList());
    }

    private static RebaseRules takingBase(String pattern) {
        RebaseRules.Rule rule = new RebaseRules.Rule(PathPattern.parse(pattern), OnConflict.TAKE_BASE);
        return new RebaseRules(List.of(rule), OnConflict.KEEP_SLIVER, List.of());
    }

    private WholeMove begin() throws Exception {
        WholeMove move =
                new WholeMove(calls, device.mountPoint().resolve("case" + ++cases), oldBase.tree(), newBase.tree());
        sliver = oldBase.copy();
        return move;
    }

    private void fresh() {
        newBase = oldBase.copy();
    }

    /** The sliver's owner uses the package manager. */
    private void change(WholeMove move, Consumer<DebianTree> what) throws Exception {
        DebianTree before = sliver.copy();
        what.accept(sliver);
        WholeMove.apply(before.tree(), sliver.tree(), move.view());
    }

    private static void remove(Path tree) {
        Commands.run("rm", "-rf", tree.toString());
    }

    /** Nested deletions of what no view tells of. */
    @Test
    void aPackageThatOnlyTheNewBaseHasIsKeptOut() throws Exception {
        fresh();
        newBase.install("tool", "2", "Depends: extra\n", files("2"));
        newBase.install("extra", "1", "Conflicts: own\n", Map.of("usr/share/doc/extra/deep/copyright", "x"));
        try (WholeMove move = begin()) {
            change(move, s -> s.install("own", "1", "", Map.of("usr/bin/own", "1")));
            Moved moved = move.move(rules(OnConflict.KEEP_SLIVER));
            assertFalse(moved.has("usr/share/doc/extra"));
            assertEquals("1", moved.text("usr/bin/own"));
            assertEquals("1", moved.text("usr/bin/tool"));
        }
    }

    /** The same below a directory that only the newer version of a purged package has. */
    @Test
    void aPurgedPackageStaysAwayWithTheDirectoriesOfItsNewVersion() throws Exception {
        fresh();
        newBase.install("tool", "2", "", files("2", "usr/share/tool/deep/data", "usr/share/tool/top"));
        try (WholeMove move = begin()) {
            change(move, s -> s.purge("tool"));
            Moved moved = move.move(rules(OnConflict.FAIL));
            assertFalse(moved.plan().failed(), moved.plan().conflicts().toString());
            assertFalse(moved.has("usr/share/tool"));
            assertFalse(moved.has(DOC));
            assertFalse(moved.has("usr/bin/tool"));
        }
    }

    /** One whiteout for a directory in which the new base changed what mergers know to be gone. */
    @Test
    void aPurgedPackageThatTheBaseUpdatesIsNoConflict() throws Exception {
        fresh();
        newBase.install("tool", "2", "", files("2", DOC + "/news"));
        try (WholeMove move = begin()) {
            change(move, s -> s.purge("tool"));
            assertFalse(Files.exists(move.view().resolve(DOC)));
            Moved moved = move.move(rules(OnConflict.FAIL));
            assertEquals(List.of(), moved.plan().conflicts());
            assertFalse(moved.has(DOC));
        }
    }

    @Test
    void whatThePackageAddsInADirectoryThatCameAnewIsThere() throws Exception {
        fresh();
        newBase.install("tool", "2", "", files("2", DOC + "/news", DOC + "/more/deep"));
        try (WholeMove move = begin()) {
            change(move, s -> s.purge("tool"));
            change(move, s -> s.install("tool", "1", "", files("1")));
            Moved moved = move.move(rules(OnConflict.FAIL));
            assertEquals(List.of(), moved.plan().conflicts());
            assertEquals("2", moved.text(DOC + "/news"));
            assertEquals("2", moved.text(DOC + "/more/deep"));
            assertEquals("2", moved.text("usr/bin/tool"));
        }
    }

    @Test
    void whatABuiltInRuleKeepsIsNoConflictWhereItIsHidden() throws Exception {
        fresh();
        oldBase.tree().file("var/lib/apt/lists/one", "1");
        newBase.tree().file("var/lib/apt/lists/one", "2").file("var/lib/apt/lists/two", "2");
        try (WholeMove move = begin()) {
            Path lists = move.view().resolve("var/lib/apt/lists");
            remove(lists);
            Files.createDirectory(lists);
            Files.writeString(lists.resolve("one"), "own");
            Moved moved = move.move(rules(OnConflict.FAIL));
            assertEquals(List.of(), moved.plan().conflicts());
            assertEquals("own", moved.text("var/lib/apt/lists/one"));
            assertFalse(moved.has("var/lib/apt/lists/two"));
        }
    }

    /** A sliver's package is kept with the mode that its owner gave its directory. */
    @Test
    void aKeptPackagesDirectoryKeepsItsMode() throws Exception {
        fresh();
        newBase.purge("tool");
        try (WholeMove move = begin()) {
            change(move, s -> s.install("tool", "2", "", files("2")));
            Files.setPosixFilePermissions(move.view().resolve(DOC), PosixFilePermissions.fromString("rwx------"));
            Moved moved = move.move(rules(OnConflict.KEEP_SLIVER));
            assertEquals(
                    "rwx------",
                    PosixFilePermissions.toString(
                            Files.getPosixFilePermissions(moved.view().resolve(DOC))));
            assertEquals("2", moved.text(DOC + "/changelog"));
        }
    }

    /** The new version has a link where the one that stays has a directory. */
    @Test
    void aKeptPackagesDirectoryStaysWhereTheBaseHasALink() throws Exception {
        oldBase.install("tool", "1", "", files("1", "usr/lib/tool/x"));
        fresh();
        newBase.install(
                "tool", "2", "", Map.of("usr/bin/tool", "2", "usr/lib/tool", "-> tool-2", "usr/lib/tool-2/x", "2"));
        try (WholeMove move = begin()) {
            change(move, s -> s.install("own", "1", "Depends: tool (<< 2)\n", Map.of("usr/bin/own", "1")));
            assertTrue(move.plan(rules(OnConflict.FAIL)).failed());
            Moved kept = move.move(rules(OnConflict.KEEP_SLIVER));
            assertEquals("1", kept.text("usr/lib/tool/x"));
            assertFalse(kept.has("usr/lib/tool-2"));
            Moved taken = move.move(rules(OnConflict.TAKE_BASE));
            assertTrue(Files.isSymbolicLink(taken.view().resolve("usr/lib/tool")));
            assertFalse(taken.has("usr/bin/own"));
        }
    }

    @ParameterizedTest
    @EnumSource(OnConflict.class)
    void aPinnedFileKeepsItsDirectory(OnConflict onConflict) throws Exception {
        fresh();
        oldBase.tree().file("opt/app/program", "1");
        newBase.tree().link("opt/app", "/opt/other");
        try (WholeMove move = begin()) {
            Files.writeString(move.view().resolve("opt/app/conf"), "mine");
            Moved moved = move.move(rules(onConflict, "/opt/app/conf"));
            assertEquals(List.of(), moved.plan().conflicts());
            assertEquals("mine", moved.text("opt/app/conf"));
        }
    }

    @ParameterizedTest
    @EnumSource(OnConflict.class)
    void aPinnedFileIsHeldWhereTheRestOfItsDirectoryIsGiven(OnConflict onConflict) throws Exception {
        fresh();
        oldBase.tree().file("opt/app/program", "1");
        newBase.tree().link("opt/app", "/opt/other");
        try (WholeMove move = begin()) {
            Files.writeString(move.view().resolve("opt/app/a"), "other");
            Files.writeString(move.view().resolve("opt/app/conf"), "mine");
            Moved moved = move.move(rules(onConflict, "/opt/app/conf"));
            assertEquals("mine", moved.text("opt/app/conf"));
            assertEquals(onConflict == OnConflict.FAIL, moved.plan().failed());
            boolean taken = onConflict == OnConflict.TAKE_BASE;
            assertEquals(!taken, moved.has("opt/app/a"));
            assertEquals(taken, moved.has("var/lib/veneer/displaced/2/opt/app/a"));
            assertEquals(taken ? List.of(Verdict.DISPLACED) : List.of(Verdict.KEPT), moved.verdicts("opt/app/a"));
        }
    }

    @Test
    void whatIsPinnedIsNoConflictOfMergers() throws Exception {
        fresh();
        newBase.tree().file("etc/passwd", user("root", 0) + user("statd", 1000));
        try (WholeMove move = begin()) {
            Files.writeString(move.view().resolve("etc/passwd"), user("root", 0) + user("alice", 1000));
            assertTrue(move.plan(rules(OnConflict.FAIL)).failed());
            Moved moved = move.move(rules(OnConflict.FAIL, "/etc/passwd"));
            assertFalse(moved.plan().failed(), moved.plan().conflicts().toString());
            assertEquals(user("root", 0) + user("alice", 1000), moved.text("etc/passwd"));
        }
    }

    @Test
    void onlyWhatChangedOfADeletedDirectoryComesBack() throws Exception {
        fresh();
        newBase.tree().file("srv/doc/b", "b2").file("srv/doc/sub/new", "n");
        try (WholeMove move = begin()) {
            remove(move.view().resolve("srv/doc"));
            assertTrue(move.plan(rules(OnConflict.FAIL)).failed());
            Moved kept = move.move(rules(OnConflict.KEEP_SLIVER));
            assertFalse(kept.has("srv/doc"));
            Moved taken = move.move(rules(OnConflict.TAKE_BASE));
            assertFalse(taken.has("srv/doc/a"));
            assertFalse(taken.has("srv/doc/sub/c"));
            assertEquals("b2", taken.text("srv/doc/b"));
            assertEquals("n", taken.text("srv/doc/sub/new"));
            Moved ruled = move.move(takingBase("/srv/doc/sub/**"));
            assertFalse(ruled.has("srv/doc/b"));
            assertEquals("n", ruled.text("srv/doc/sub/new"));
        }
    }

    @Test
    void whatAMergersConflictGivesUpIsLaidAside() throws Exception {
        fresh();
        oldBase.tree().file("etc/tool.conf", "a");
        oldBase.install("conf", "1", "", Map.of("etc/tool.conf", "a"));
        newBase = oldBase.copy();
        newBase.tree().delete("etc/tool.conf");
        newBase.install("conf", "2", "", Map.of("etc/tool.conf", "b"));
        newBase.tree().file("etc/passwd", user("root", 0) + user("statd", 1000));
        try (WholeMove move = begin()) {
            Files.writeString(move.view().resolve("etc/tool.conf"), "mine");
            String own = user("root", 0) + user("alice", 1000);
            Files.writeString(move.view().resolve("etc/passwd"), own);
            Moved moved = move.move(rules(OnConflict.TAKE_BASE));
            assertEquals("b", moved.text("etc/tool.conf"));
            assertEquals("mine", moved.text("var/lib/veneer/displaced/2/etc/tool.conf"));
            assertFalse(moved.text("etc/passwd").contains("alice"));
            assertEquals(own, moved.text("var/lib/veneer/displaced/2/etc/passwd"));
        }
    }

    @Test
    void aDatabaseThatDoesNotParseIsLaidAside() throws Exception {
        fresh();
        newBase.install("tool", "2", "", files("2"));
        try (WholeMove move = begin()) {
            Files.writeString(move.view().resolve("var/lib/dpkg/status"), "nonsense");
            Moved moved = move.move(rules(OnConflict.TAKE_BASE));
            assertEquals("nonsense", moved.text("var/lib/veneer/displaced/2/var/lib/dpkg/status"));
            assertTrue(moved.text("var/lib/dpkg/status").contains("Version: 2"));
        }
    }

    @Test
    void aLinkInPlaceOfAPackagesDirectoryIsAConflict() throws Exception {
        oldBase.tree().file("var/www/unowned", "x");
        fresh();
        newBase.install("tool", "2", "", files("2"));
        try (WholeMove move = begin()) {
            Path doc = move.view().resolve(DOC);
            Commands.run("mv", doc.toString(), move.view().resolve("srv/moved").toString());
            Files.createSymbolicLink(doc, Path.of("/srv/moved"));
            RebasePlan failing = move.plan(rules(OnConflict.FAIL));
            assertTrue(failing.failed());
            assertEquals(
                    List.of(Bytes.utf8(DOC)),
                    failing.conflicts().stream().map(PathReport::path).toList());
            Moved kept = move.move(rules(OnConflict.KEEP_SLIVER));
            assertTrue(Files.isSymbolicLink(kept.view().resolve(DOC)));
            assertEquals("2", kept.text("usr/bin/tool"));
        }
    }

    @Test
    void aModeThatTheOwnerSetStaysOnAnUpdatedPackagesFile() throws Exception {
        fresh();
        newBase.install("tool", "2", "", files("2"));
        try (WholeMove move = begin()) {
            Path tool = move.view().resolve("usr/bin/tool");
            Files.setPosixFilePermissions(tool, PosixFilePermissions.fromString("rwxr-x---"));
            Moved moved = move.move(rules(OnConflict.FAIL));
            assertEquals(List.of(), moved.plan().conflicts());
            assertEquals("2", moved.text("usr/bin/tool"));
            assertEquals(
                    "rwxr-x---",
                    PosixFilePermissions.toString(
                            Files.getPosixFilePermissions(moved.view().resolve("usr/bin/tool"))));
        }
    }

    /** Nothing can be laid aside: a conflict that no rule settles, before anything is written. */
    @Test
    void aLinkInPlaceOfTheDirectoryForWhatIsLaidAsideIsAConflict() throws Exception {
        fresh();
        newBase.tree().file("srv/doc/a", "a2");
        try (WholeMove move = begin()) {
            Files.writeString(move.view().resolve("srv/doc/a"), "mine");
            Files.createDirectories(move.view().resolve("var/lib"));
            Files.createSymbolicLink(move.view().resolve("var/lib/veneer"), Path.of("/srv/x"));
            RebasePlan plan = move.plan(rules(OnConflict.TAKE_BASE));
            assertTrue(plan.failed());
            PathReport left = plan.conflicts().stream()
                    .filter(report -> report.settled() == OnConflict.FAIL)
                    .findFirst()
                    .orElseThrow();
            assertEquals(Bytes.utf8("var/lib/veneer"), left.path());
            assertTrue(left.detail().contains("remove it"), left.detail());
            assertFalse(move.plan(rules(OnConflict.KEEP_SLIVER)).failed());
        }
    }

    /** What the owner has at the place already is not written over, and what the owner deleted there stays so. */
    @Test
    void whatIsLaidAsideGetsADirectoryOfItsOwn() throws Exception {
        fresh();
        oldBase.tree().file("var/lib/veneer/displaced/1/x", "of the base");
        newBase.tree().file("srv/doc/a", "a2").file("var/lib/veneer/displaced/1/x", "of the base");
        try (WholeMove move = begin()) {
            Files.writeString(move.view().resolve("srv/doc/a"), "mine");
            Files.createDirectories(move.view().resolve("var/lib/veneer/displaced/2/srv/doc/a"));
            Moved moved = move.move(rules(OnConflict.TAKE_BASE));
            assertEquals("mine", moved.text("var/lib/veneer/displaced/2.2/srv/doc/a"));
            assertTrue(moved.has("var/lib/veneer/displaced/1/x"));
            remove(move.view().resolve("var/lib/veneer"));
            Moved again = move.move(rules(OnConflict.TAKE_BASE));
            assertEquals("mine", again.text("var/lib/veneer/displaced/2/srv/doc/a"));
            assertFalse(again.has("var/lib/veneer/displaced/1"));
        }
    }

    @Test
    void aNewVersionIsNotWrittenOverADirectory() throws Exception {
        oldBase.tree().file("var/lib/dpkg/diversions", "");
        fresh();
        newBase.install("tool", "2", "", files("2"));
        try (WholeMove move = begin()) {
            change(move, s -> s.install("mine", "1", "", Map.of("usr/bin/mine", "1")));
            Files.writeString(
                    move.view().resolve("var/lib/dpkg/diversions"), "/usr/bin/tool\n/usr/bin/tool.distrib\nmine\n");
            Files.createDirectory(move.view().resolve("usr/bin/tool.distrib"));
            Files.writeString(move.view().resolve("usr/bin/tool.distrib/own"), "own");
            Files.writeString(move.view().resolve("usr/bin/tool"), "mine");
            assertTrue(move.plan(rules(OnConflict.FAIL)).failed());
            Moved moved = move.move(rules(OnConflict.TAKE_BASE));
            assertEquals("own", moved.text("usr/bin/tool.distrib/own"));
        }
    }

    @Test
    void hardLinksOfWhichTheBaseAddsOneStayOneFile() throws Exception {
        fresh();
        newBase.tree().file("srv/both/a", "x").file("srv/both/c", "y");
        try (WholeMove move = begin()) {
            Files.createDirectories(move.view().resolve("srv/both"));
            for (String[] names : List.of(new String[] {"a", "b"}, new String[] {"c", "d"})) {
                Path first = move.view().resolve("srv/both/" + names[0]);
                Files.writeString(first, names[0].equals("a") ? "x" : "y");
                Files.setPosixFilePermissions(first, PosixFilePermissions.fromString("rw-r--r--"));
                Files.createLink(move.view().resolve("srv/both/" + names[1]), first);
            }
            Files.createLink(
                    move.newBase().resolve("srv/both/d"), move.newBase().resolve("srv/both/c"));
            Moved moved = move.move(rules(OnConflict.FAIL));
            assertEquals(List.of(), moved.plan().conflicts());
            Path a = moved.view().resolve("srv/both/a");
            assertTrue(Files.isSameFile(a, moved.view().resolve("srv/both/b")));
            assertEquals(2, Files.getAttribute(a, "unix:nlink"));
            assertEquals(List.of(Verdict.CONVERGED), moved.verdicts("srv/both/c"));
            assertEquals(List.of(Verdict.CONVERGED), moved.verdicts("srv/both/d"));
            assertEquals(List.of(Verdict.KEPT), moved.verdicts("srv/both/a"));
        }
    }
}
