package dev.veneer.node.tree.coupled.packages;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.coupled.DebianTree;
import dev.veneer.node.tree.coupled.MergedTree;
import dev.veneer.node.tree.merge.OnConflict;
import dev.veneer.node.tree.merge.Verdict;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DpkgTest {
    private static final String STATUS = "var/lib/dpkg/status";

    private final DebianTree oldBase = new DebianTree()
            .install("libc", "2.36", "", Map.of("usr/lib/libc.so", "c 2.36"))
            .install("tool", "1.0", "Depends: libc (>= 2.0)\n", Map.of("usr/bin/tool", "1.0", "etc/tool.conf", "a"))
            .install("editor", "3", "", Map.of("usr/bin/editor", "3", "usr/share/doc/editor/readme", "3"));
    private final DebianTree newBase = oldBase.copy();
    private final DebianTree sliver = oldBase.copy();

    private MergedTree merge(OnConflict onConflict) throws Exception {
        return new MergedTree(oldBase.tree(), newBase.tree(), sliver.tree(), onConflict);
    }

    private MergedTree clean() throws Exception {
        MergedTree merged = merge(OnConflict.FAIL);
        assertEquals(List.of(), merged.asked);
        assertEquals(List.of(), merged.conflicts);
        return merged;
    }

    private static String stanza(MergedTree merged, String name) {
        for (String stanza : merged.tree.text(STATUS).split("\n\n", -1)) {
            if (stanza.startsWith("Package: " + name + "\n")) {
                return stanza;
            }
        }
        return "";
    }

    private static boolean has(MergedTree merged, String path) {
        return merged.tree.find(Bytes.utf8(path)) != null;
    }

    @Test
    void installedPurgedAndUpgradedPackagesGoTogether() throws Exception {
        newBase.install("libc", "2.37", "", Map.of("usr/lib/libc.so", "c 2.37"))
                .install("editor", "4", "", Map.of("usr/bin/editor", "4", "usr/share/editor/new", "4"));
        sliver.install("own", "1", "Depends: libc (>= 2.30)\n", Map.of("usr/bin/own", "1", "etc/own", "x"))
                .purge("editor");
        sliver.tree().delete("usr/share/doc/editor");

        MergedTree merged = clean();

        assertTrue(stanza(merged, "libc").contains("Version: 2.37"));
        assertTrue(stanza(merged, "own").contains("Version: 1"));
        assertEquals("", stanza(merged, "editor"));
        assertEquals("c 2.37", merged.tree.text("usr/lib/libc.so"));
        assertEquals("1", merged.tree.text("usr/bin/own"));
        assertFalse(has(merged, "usr/bin/editor"));
        assertFalse(has(merged, "usr/share/editor"));
        assertFalse(has(merged, "var/lib/dpkg/info/editor.list"));
    }

    @ParameterizedTest
    @CsvSource({"1.5,1.2,1.5", "1.2,1.5,1.5", "1.2~rc1,1.2,1.2", "2:0.1,9.9,2:0.1"})
    void theHigherVersionTakesTheWholePackage(String own, String base, String higher) throws Exception {
        sliver.install("tool", own, "", Map.of("usr/bin/tool", own, "usr/share/tool/" + own, own));
        newBase.install("tool", base, "", Map.of("usr/bin/tool", base, "usr/share/tool/" + base, base));

        MergedTree merged = clean();

        assertTrue(stanza(merged, "tool").contains("Version: " + higher + "\n"));
        assertEquals(higher, merged.tree.text("usr/bin/tool"));
        String lower = higher.equals(own) ? base : own;
        assertTrue(has(merged, "usr/share/tool/" + higher));
        assertFalse(has(merged, "usr/share/tool/" + lower));
        assertTrue(merged.tree.text("var/lib/dpkg/info/tool.list").contains("/usr/share/tool/" + higher + "\n"));
    }

    @Test
    void bothToOneVersionConverges() throws Exception {
        sliver.install("tool", "1.1", "", Map.of("usr/bin/tool", "1.1"));
        newBase.install("tool", "1.1", "", Map.of("usr/bin/tool", "1.1"));
        MergedTree merged = clean();
        assertTrue(stanza(merged, "tool").contains("Version: 1.1\n"));
        assertNull(merged.claims.get(Bytes.utf8(STATUS)));
    }

    @Test
    void anEditedFileOfAnUpdatedPackageIsAConflict() throws Exception {
        sliver.tree().file("usr/bin/tool", "edited");
        newBase.install("tool", "1.1", "", Map.of("usr/bin/tool", "1.1"));
        assertEquals(List.of("usr/bin/tool"), merge(OnConflict.FAIL).conflicts);
    }

    @Test
    void anEditedFileOfAPackageThatBothUpdatedIsAConflict() throws Exception {
        sliver.install("tool", "1.1", "", Map.of("usr/bin/tool", "1.1")).tree().file("usr/bin/tool", "edited");
        newBase.install("tool", "1.2", "", Map.of("usr/bin/tool", "1.2"));
        assertEquals(List.of("usr/bin/tool"), merge(OnConflict.FAIL).conflicts);
    }

    @Test
    void anEditedConfigurationStaysAndTheNewOneIsLaidBeside() throws Exception {
        sliver.tree().file("etc/tool.conf", "mine");
        newBase.tree().delete("etc/tool.conf");
        newBase.install("tool", "1.1", "", Map.of("usr/bin/tool", "1.1", "etc/tool.conf", "b"));

        MergedTree kept = merge(OnConflict.KEEP_SLIVER);
        assertEquals(1, kept.asked.size());
        assertEquals(List.of(Bytes.utf8("etc/tool.conf")), kept.asked.get(0).paths());
        assertEquals(Verdict.BOTH_CHANGED, kept.asked.get(0).kind());
        assertEquals("mine", kept.tree.text("etc/tool.conf"));
        assertEquals("b", kept.tree.text("etc/tool.conf.dpkg-dist"));
        assertEquals("b", merge(OnConflict.TAKE_BASE).tree.text("etc/tool.conf"));
    }

    @Test
    void anEditedConfigurationThatTheBaseLeftIsNoConflict() throws Exception {
        sliver.tree().file("etc/tool.conf", "mine");
        newBase.install("tool", "1.1", "", Map.of("usr/bin/tool", "1.1", "etc/tool.conf", "a"));
        MergedTree merged = clean();
        assertEquals("mine", merged.tree.text("etc/tool.conf"));
        assertTrue(stanza(merged, "tool").contains("Version: 1.1\n"));
    }

    @Test
    void aBrokenDependencyIsOneConflictAndEitherSideLeavesItWhole() throws Exception {
        sliver.install("own", "1", "Depends: libc (<< 2.37)\n", Map.of("usr/bin/own", "1"));
        newBase.install("libc", "2.37", "", Map.of("usr/lib/libc.so", "c 2.37"));

        MergedTree failed = merge(OnConflict.FAIL);
        assertEquals(1, failed.asked.size());
        assertEquals(Verdict.COUPLED, failed.asked.get(0).kind());
        assertTrue(
                failed.asked.get(0).detail().contains("libc (<< 2.37)"),
                failed.asked.get(0).detail());
        assertTrue(failed.asked.get(0).paths().contains(Bytes.utf8("var/lib/dpkg/info/own.list")));

        MergedTree kept = merge(OnConflict.KEEP_SLIVER);
        assertTrue(stanza(kept, "libc").contains("Version: 2.36\n"));
        assertEquals("c 2.36", kept.tree.text("usr/lib/libc.so"));

        MergedTree taken = merge(OnConflict.TAKE_BASE);
        assertTrue(stanza(taken, "libc").contains("Version: 2.37\n"));
        assertEquals("", stanza(taken, "own"));
        assertFalse(has(taken, "usr/bin/own"));
    }

    @Test
    void whatWasBrokenBeforeIsNoConflict() throws Exception {
        sliver.install("own", "1", "Depends: nowhere\n", Map.of("usr/bin/own", "1"));
        newBase.install("libc", "2.37", "", Map.of("usr/lib/libc.so", "c 2.37"));
        clean();
    }

    @Test
    void aFileThatAKeptPackageOwnsTooStays() throws Exception {
        sliver.install("heir", "1", "Replaces: editor\n", Map.of("usr/bin/editor", "3", "usr/bin/heir", "1"));
        newBase.purge("editor");
        MergedTree merged = clean();
        assertEquals("3", merged.tree.text("usr/bin/editor"));
        assertEquals("", stanza(merged, "editor"));
    }

    @Test
    void aHoldOfTheSliverStays() throws Exception {
        sliver.hold("tool");
        newBase.install("tool", "1.1", "", Map.of("usr/bin/tool", "1.1"));
        MergedTree merged = clean();
        assertTrue(stanza(merged, "tool").contains("Status: hold ok installed\n"));
        assertTrue(stanza(merged, "tool").contains("Version: 1.1\n"));
    }

    @Test
    void instancesForTwoArchitecturesAreOfOneVersion() throws Exception {
        String same = "Multi-Arch: same\n";
        for (DebianTree each : List.of(oldBase, newBase, sliver)) {
            each.install("lib", "amd64", "1", same, Map.of("usr/lib/a/lib", "1", "usr/share/doc/lib/c", "1"));
        }
        sliver.install("lib", "i386", "1", same, Map.of("usr/lib/i/lib", "1", "usr/share/doc/lib/c", "1"));
        newBase.install("lib", "amd64", "2", same, Map.of("usr/lib/a/lib", "2", "usr/share/doc/lib/c", "2"));
        MergedTree kept = merge(OnConflict.KEEP_SLIVER);
        assertTrue(kept.asked.get(0).detail().contains("Multi-Arch"), kept.asked.toString());
        assertEquals("1", kept.tree.text("usr/lib/a/lib"));
        assertEquals("1", kept.tree.text("usr/share/doc/lib/c"));
    }

    @Test
    void aNewVersionGoesWhereTheSliverDivertsIt() throws Exception {
        sliver.install("mine", "1", "", Map.of());
        sliver.tree()
                .file("usr/bin/tool.distrib", "1.0")
                .file("usr/bin/tool", "mine")
                .file("var/lib/dpkg/diversions", "/usr/bin/tool\n/usr/bin/tool.distrib\nmine\n");
        newBase.install("tool", "1.1", "", Map.of("usr/bin/tool", "1.1"));
        newBase.tree().file("var/lib/dpkg/diversions", "");
        oldBase.tree().file("var/lib/dpkg/diversions", "");
        MergedTree merged = clean();
        assertEquals("mine", merged.tree.text("usr/bin/tool"));
        assertEquals("1.1", merged.tree.text("usr/bin/tool.distrib"));
    }

    /** Each is the sliver's status, diversions or a list, that cannot be. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "var/lib/dpkg/status|Package: tool\nStatus: install ok inst",
                "var/lib/dpkg/status|Package: ../../etc/passwd\nStatus: install ok installed\nVersion: 1\nArchitecture: amd64\n",
                "var/lib/dpkg/status|Package: /etc/passwd\nStatus: install ok installed\nVersion: 1\nArchitecture: amd64\n",
                "var/lib/dpkg/status|Package: a\0b\nStatus: install ok installed\n",
                "var/lib/dpkg/status|Package: a\nStatus: install ok not-installed\n\nPackage: a\nStatus: install ok not-installed\n",
                "var/lib/dpkg/status|",
                "var/lib/dpkg/diversions|/a\n/b\n:\n/b\n/a\n:\n",
                "var/lib/dpkg/diversions|/a\n/b\n",
                "var/lib/dpkg/info/own.list|/../etc/passwd\n",
                "var/lib/dpkg/info/own.list|etc/passwd\n",
                "var/lib/dpkg/info/own.list|/usr//bin\n",
                "var/lib/dpkg/statoverride|nonsense\n",
                "var/lib/dpkg/updates/0001|x\n"
            })
    void whatDoesNotParseIsOneConflictForTheWholeSet(String planted) throws Exception {
        newBase.install("libc", "2.37", "", Map.of("usr/lib/libc.so", "c 2.37"));
        sliver.install("own", "1", "", Map.of("usr/bin/own", "1"));
        int bar = planted.indexOf('|');
        sliver.tree().file(planted.substring(0, bar), planted.substring(bar + 1));

        MergedTree kept = merge(OnConflict.KEEP_SLIVER);
        assertEquals(1, kept.asked.size(), kept.asked.toString());
        assertEquals(Verdict.COUPLED, kept.asked.get(0).kind());
        assertEquals(sliver.tree().text(STATUS), kept.tree.text(STATUS));
        assertEquals(
                newBase.tree().text(STATUS), merge(OnConflict.TAKE_BASE).tree.text(STATUS));
    }

    @Test
    void whatDoesNotParseIsToldBeforeAnythingElseIsSettled() throws Exception {
        newBase.install("libc", "2.37", "", Map.of("usr/lib/libc.so", "c 2.37"));
        sliver.install("own", "1", "Depends: libc (<< 2.37)\n", Map.of("usr/bin/own", "1"));
        assertTrue(merge(OnConflict.KEEP_SLIVER).asked.get(0).detail().contains("own"));
        sliver.tree().file("var/lib/dpkg/info/own.list", "/../etc/passwd\n");
        MergedTree kept = merge(OnConflict.KEEP_SLIVER);
        assertEquals(1, kept.asked.size(), kept.asked.toString());
        assertEquals(sliver.tree().text(STATUS), kept.tree.text(STATUS));
    }

    @Test
    void aListCannotTakeWhatIsNotItsPackages() throws Exception {
        sliver.install("evil", "1", "", Map.of("usr/bin/evil", "1"));
        sliver.tree()
                .file("var/lib/dpkg/info/evil.list", "/usr\n/usr/bin\n/usr/lib/libc.so\n/etc/passwd\n/srv/unowned\n")
                .file("srv/unowned", "old");
        oldBase.tree().file("etc/passwd", "root:x:0:0::/:/bin/sh\n").file("srv/unowned", "old");
        sliver.tree().file("etc/passwd", "root:x:0:0::/:/bin/sh\n");
        newBase.tree().file("etc/passwd", "root:x:0:0:new:/:/bin/sh\n").file("srv/unowned", "new");
        newBase.install("libc", "2.37", "", Map.of("usr/lib/libc.so", "c 2.37"));
        MergedTree merged = clean();
        assertEquals("c 2.37", merged.tree.text("usr/lib/libc.so"));
        assertEquals("new", merged.tree.text("srv/unowned"));
        assertEquals("root:x:0:0:new:/:/bin/sh\n", merged.tree.text("etc/passwd"));
    }

    @Test
    void nothingIsClaimedWhereOnlyOneSideChangedAnything() throws Exception {
        sliver.install("own", "1", "", Map.of("usr/bin/own", "1"));
        assertEquals(Map.of(), merge(OnConflict.FAIL).claims);
        MergedTree followed = new MergedTree(oldBase.tree(), sliver.tree(), newBase.tree(), OnConflict.FAIL);
        followed.claims.values().forEach(claim -> assertEquals(Verdict.FOLLOWED, claim.verdict()));
        assertNotNull(followed.tree.find(Bytes.utf8("usr/bin/own")));
    }

    @Test
    void alternativesAreMergedByProgram() throws Exception {
        String head = "auto\n/usr/bin/ed\n\n";
        String tool = "/usr/bin/tool\n10\n";
        String editor = "/usr/bin/editor\n50\n";
        oldBase.tree().file("var/lib/dpkg/alternatives/ed", head + editor + tool + "\n");
        oldBase.tree().link("etc/alternatives/ed", "/usr/bin/editor").link("usr/bin/ed", "/etc/alternatives/ed");
        sliver.purge("editor");
        sliver.tree().file("var/lib/dpkg/alternatives/ed", head + tool + "\n");
        sliver.tree().link("etc/alternatives/ed", "/usr/bin/tool").link("usr/bin/ed", "/etc/alternatives/ed");
        newBase.install("vi", "1", "", Map.of("usr/bin/vi", "1"));
        newBase.tree().file("var/lib/dpkg/alternatives/ed", head + editor + tool + "/usr/bin/vi\n30\n\n");
        newBase.tree().link("etc/alternatives/ed", "/usr/bin/editor").link("usr/bin/ed", "/etc/alternatives/ed");
        MergedTree merged = clean();
        assertEquals(head + tool + "/usr/bin/vi\n30\n\n", merged.tree.text("var/lib/dpkg/alternatives/ed"));
        assertEquals("update-alternatives", merged.reruns.get(0).command().get(0));
    }

    /** A link that somebody led elsewhere is not the package's any more, though the package has the path. */
    @ParameterizedTest
    @CsvSource({"/usr/local/bin/mine", "editor"})
    void aLinkThatTheOwnerChangedIsAConflict(String target) throws Exception {
        linked(oldBase, "1.0");
        linked(newBase, "1.1");
        linked(sliver, "1.0");
        sliver.tree().link("usr/bin/t", target);
        assertEquals(List.of("usr/bin/t"), merge(OnConflict.FAIL).conflicts);
        assertEquals(
                Bytes.utf8(target),
                merge(OnConflict.KEEP_SLIVER).tree.find(Bytes.utf8("usr/bin/t")).target());
    }

    private static DebianTree linked(DebianTree tree, String version) {
        return tree.install(
                "tool", version, "", Map.of("usr/bin/tool-" + version, version, "usr/bin/t", "-> tool-" + version));
    }

    @Test
    void aLinkThatCameWithANewerPackageGoesWithIt() throws Exception {
        linked(oldBase, "1.0");
        linked(newBase, "1.2");
        linked(sliver, "1.1");
        MergedTree merged = clean();
        assertEquals(
                Bytes.utf8("tool-1.2"),
                merged.tree.find(Bytes.utf8("usr/bin/t")).target());
        assertFalse(has(merged, "usr/bin/tool-1.1"));
    }

    @Test
    void aDirectoryThatTheOwnerReplacedIsAConflict() throws Exception {
        newBase.install("editor", "4", "", Map.of("usr/bin/editor", "4", "usr/share/doc/editor/readme", "4"));
        sliver.tree().delete("usr/share/doc/editor").link("usr/share/doc/editor", "/srv/doc");
        assertNull(merge(OnConflict.FAIL).claims.get(Bytes.utf8("usr/share/doc/editor")));
    }

    @Test
    void aModeThatTheOwnerSetIsLeftToTheTableOfPaths() throws Exception {
        newBase.install("tool", "1.1", "", Map.of("usr/bin/tool", "1.1"));
        mode(sliver, "usr/bin/tool", "1.0", 0700);
        assertNull(merge(OnConflict.FAIL).claims.get(Bytes.utf8("usr/bin/tool")));
    }

    private static void mode(DebianTree tree, String path, String content, int mode) {
        tree.tree().file(Bytes.utf8(path), content.getBytes(StandardCharsets.UTF_8), mode);
    }

    @Test
    void anOverriddenModeStaysOnANewerFile() throws Exception {
        for (DebianTree each : List.of(oldBase, newBase, sliver)) {
            each.tree().file("var/lib/dpkg/statoverride", "");
        }
        sliver.install("tool", "1.1", "", Map.of("usr/bin/tool", "1.1"));
        newBase.install("tool", "1.2", "", Map.of("usr/bin/tool", "1.2"));
        mode(sliver, "usr/bin/tool", "1.1", 04750);
        sliver.tree().file("var/lib/dpkg/statoverride", "root root 4750 /usr/bin/tool\n");
        MergedTree merged = clean();
        assertEquals("1.2", merged.tree.text("usr/bin/tool"));
        assertEquals(04750, merged.tree.find(Bytes.utf8("usr/bin/tool")).permissions());
        assertEquals(List.of(), merged.reruns);
    }

    @Test
    void anOverriddenModeIsSetOnAFileThatComes() throws Exception {
        for (DebianTree each : List.of(oldBase, newBase, sliver)) {
            each.tree().file("var/lib/dpkg/statoverride", "");
        }
        newBase.install("tool", "1.1", "", Map.of("usr/bin/tool", "1.1", "usr/bin/helper", "1.1"));
        sliver.tree().file("var/lib/dpkg/statoverride", "root root 4750 /usr/bin/helper\n");
        MergedTree merged = clean();
        assertEquals(
                List.of(
                        "dpkg-statoverride",
                        "--force-statoverride-add",
                        "--update",
                        "--add",
                        "root",
                        "root",
                        "4750",
                        "/usr/bin/helper"),
                merged.reruns.get(0).command());
    }

    /** What the package manager cannot know to be empty stays. */
    @Test
    void aDirectoryWithAFileOfNobodysIsNotKeptOut() throws Exception {
        newBase.install("editor", "4", "", Map.of("usr/bin/editor", "4", "usr/share/editor/new", "4"));
        newBase.tree().file("usr/share/editor/unowned", "x");
        sliver.purge("editor");
        MergedTree merged = clean();
        assertEquals("x", merged.tree.text("usr/share/editor/unowned"));
        assertFalse(has(merged, "usr/share/editor/new"));
    }

    private static final String MANUAL = "%s\n/usr/bin/ed\ned.1\n/usr/share/man/ed.1\n\n";

    private static void group(DebianTree tree, String mode, String used, String programs) {
        tree.tree()
                .file("var/lib/dpkg/alternatives/ed", MANUAL.formatted(mode) + programs + "\n")
                .link("etc/alternatives/ed", "/usr/bin/" + used)
                .link("etc/alternatives/ed.1", "/usr/share/man/" + used + ".1")
                .link("usr/share/man/ed.1", "/etc/alternatives/ed.1")
                .link("usr/bin/ed", "/etc/alternatives/ed");
    }

    private static String program(String name, int priority, String man) {
        return "/usr/bin/" + name + "\n" + priority + "\n" + man + "\n";
    }

    /** What has to be made anew is made as its owner chose. */
    @Test
    void aManualChoiceOfAnAlternativeStaysOne() throws Exception {
        String editor = program("editor", 50, "/usr/share/man/editor.1");
        group(oldBase, "auto", "editor", editor + program("tool", 10, "/usr/share/man/tool.1"));
        group(sliver, "manual", "tool", editor + program("tool", 10, "/usr/share/man/tool.1"));
        newBase.install("tool", "1.1", "", Map.of("usr/bin/tool", "1.1"));
        group(newBase, "auto", "editor", editor + program("tool", 10, "/usr/share/man/tool-new.1"));
        MergedTree merged = clean();
        assertTrue(merged.tree.text("var/lib/dpkg/alternatives/ed").startsWith("manual\n"));
        assertEquals(
                List.of("update-alternatives", "--set", "ed", "/usr/bin/tool"),
                merged.reruns.get(0).command());
    }

    @Test
    void aLinkOfAnAlternativeThatTheChoiceLacksIsGone() throws Exception {
        String editor = program("editor", 50, "/usr/share/man/editor.1");
        group(oldBase, "auto", "editor", editor + program("tool", 10, "/usr/share/man/tool.1"));
        group(newBase, "auto", "editor", editor + program("tool", 60, ""));
        group(sliver, "auto", "editor", program("editor", 51, "/usr/share/man/editor.1"));
        newBase.install("tool", "1.1", "", Map.of("usr/bin/tool", "1.1"));
        MergedTree merged = clean();
        assertTrue(
                merged.tree.text("var/lib/dpkg/alternatives/ed").contains("/usr/bin/tool\n60\n\n"),
                merged.tree.text("var/lib/dpkg/alternatives/ed"));
        assertFalse(has(merged, "etc/alternatives/ed.1"));
        assertFalse(has(merged, "usr/share/man/ed.1"));
    }

    @Test
    void aCommonNameThatTheOwnerLedElsewhereIsLeftAlone() throws Exception {
        String editor = program("editor", 50, "/usr/share/man/editor.1");
        group(oldBase, "auto", "editor", editor + program("tool", 10, ""));
        group(newBase, "auto", "editor", editor + program("tool", 11, ""));
        group(sliver, "auto", "editor", program("editor", 51, "/usr/share/man/editor.1"));
        sliver.tree().link("usr/bin/ed", "/usr/local/bin/mine");
        assertEquals(
                Bytes.utf8("/usr/local/bin/mine"),
                clean().tree.find(Bytes.utf8("usr/bin/ed")).target());
    }
}
