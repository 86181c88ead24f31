package dev.veneer.node.tree.coupled.packages;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.coupled.AlpineTree;
import dev.veneer.node.tree.coupled.MergedTree;
import dev.veneer.node.tree.merge.OnConflict;
import dev.veneer.node.tree.merge.Verdict;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Alpine's packages, by record. */
class ApkTest {
    private static final String INSTALLED = "lib/apk/db/installed";
    private static final String TLS = "p:so:libtls.so.3=3.3\n";

    private final AlpineTree oldBase = new AlpineTree()
            .install("tls", "3.3-r0", TLS, Map.of("usr/lib/libtls.so.3", "tls 3.3"))
            .install("tool", "1.0-r0", "D:so:libtls.so.3\n", Map.of("usr/bin/tool", "1.0", "etc/tool.conf", "a"))
            .install("editor", "3-r0", "", Map.of("usr/bin/editor", "3", "etc/init.d/editor", "3"))
            .trigger("editor", "/usr/share/words")
            .world("editor", "tool");
    private final AlpineTree newBase = oldBase.copy();
    private final AlpineTree sliver = oldBase.copy();

    private MergedTree merge(OnConflict onConflict) throws Exception {
        return new MergedTree(oldBase.tree(), newBase.tree(), sliver.tree(), onConflict);
    }

    private MergedTree clean() throws Exception {
        MergedTree merged = merge(OnConflict.FAIL);
        assertEquals(List.of(), merged.asked);
        assertEquals(List.of(), merged.conflicts);
        return merged;
    }

    private static String version(MergedTree merged, String name) {
        for (String record : merged.tree.text(INSTALLED).split("\n\n", -1)) {
            if (record.contains("\nP:" + name + "\n")) {
                return record.replaceAll("(?s).*\nV:([^\n]*)\n.*", "$1");
            }
        }
        return "";
    }

    private static boolean has(MergedTree merged, String path) {
        return merged.tree.find(Bytes.utf8(path)) != null;
    }

    @Test
    void installedRemovedAndUpdatedPackagesGoTogether() throws Exception {
        newBase.install("musl", "1.2.5-r1", "p:so:libc.musl.so.1=1\n", Map.of("lib/libc.musl.so.1", "musl r1"))
                .install("editor", "4-r0", "", Map.of("usr/bin/editor", "4", "usr/share/editor/new", "4"))
                .install("fresh", "1-r0", "", Map.of("usr/bin/fresh", "1"))
                .world("editor", "fresh", "tool");
        sliver.install("own", "1-r0", "D:so:libc.musl.so.1 tool>=1\n", Map.of("usr/bin/own", "1", "etc/own", "x"))
                .remove("editor")
                .world("own", "tool");

        MergedTree merged = clean();

        assertEquals("1.2.5-r1", version(merged, "musl"));
        assertEquals("1-r0", version(merged, "own"));
        assertEquals("1-r0", version(merged, "fresh"));
        assertEquals("", version(merged, "editor"));
        assertEquals("musl r1", merged.tree.text("lib/libc.musl.so.1"));
        assertEquals("1", merged.tree.text("usr/bin/own"));
        assertEquals("x", merged.tree.text("etc/own"));
        assertFalse(has(merged, "usr/bin/editor"));
        assertFalse(has(merged, "usr/share/editor/new"));
        assertEquals("fresh\ntool\nown\n", merged.tree.text("etc/apk/world"));
        assertTrue(
                merged.claims.get(Bytes.utf8(INSTALLED)).detail().contains("2 packages of the sliver, 2 of the new"));
    }

    @Test
    void scriptsAndTriggersGoWithTheirPackages() throws Exception {
        String long1 = "own-" + "x".repeat(90);
        sliver.install("own", "1-r0", "", Map.of("usr/bin/own", "1"))
                .trigger("own", "/usr/share/own")
                .install(long1, "1-r0", "", Map.of("usr/bin/long", "1"))
                .trigger(long1, "/usr/share/long")
                .remove("editor");
        newBase.install("tool", "1.1-r0", "D:so:libtls.so.3\n", Map.of("usr/bin/tool", "1.1", "etc/tool.conf", "a"))
                .trigger("tool", "/usr/share/tool")
                .install("editor", "4-r0", "", Map.of("usr/bin/editor", "4"))
                .trigger("editor", "/usr/share/words");
        MergedTree merged = clean();
        String build = AlpineTree.sum("own1-r0");
        String tool = AlpineTree.sum("tool1.1-r0");
        assertEquals(
                tool + " /usr/share/tool\n" + build + " /usr/share/own\n" + AlpineTree.sum(long1 + "1-r0")
                        + " /usr/share/long\n",
                merged.tree.text("lib/apk/db/triggers"));
        assertEquals(
                new String(
                        AlpineTree.archive(List.of(
                                "tool-1.1-r0." + tool + ".trigger",
                                "own-1-r0." + build + ".trigger",
                                long1 + "-1-r0." + AlpineTree.sum(long1 + "1-r0") + ".trigger")),
                        java.nio.charset.StandardCharsets.UTF_8),
                merged.tree.text("lib/apk/db/scripts.tar"));
    }

    @ParameterizedTest
    @CsvSource({"1.1_rc2-r0,1.1-r0,base", "1.1-r3,1.1-r10,base", "1.1-r0,1.1_rc1-r9,sliver", "1.1b-r0,1.1a-r0,sliver"})
    void theHigherVersionTakesThePackage(String own, String base, String wins) throws Exception {
        sliver.install("tls", own, TLS, Map.of("usr/lib/libtls.so.3", own));
        newBase.install("tls", base, TLS, Map.of("usr/lib/libtls.so.3", base));
        MergedTree merged = clean();
        String expected = wins.equals("base") ? base : own;
        assertEquals(expected, version(merged, "tls"));
        assertEquals(expected, merged.tree.text("usr/lib/libtls.so.3"));
    }

    @Test
    void anotherBuildOfOneVersionIsAnotherPackage() throws Exception {
        newBase.install("editor", "3-r0", "again", "", Map.of("usr/bin/editor", "3 again", "etc/init.d/editor", "3"));
        sliver.install("own", "1-r0", "", Map.of("usr/bin/own", "1"));
        MergedTree merged = clean();
        assertTrue(merged.tree.text(INSTALLED).contains(AlpineTree.sum("editor3-r0again")));
        assertEquals("3 again", merged.tree.text("usr/bin/editor"));
    }

    @Test
    void anEditedFileOfAnUpdatedPackageIsAConflict() throws Exception {
        sliver.tree().file("usr/bin/tool", "edited");
        newBase.install("tool", "1.1-r0", "", Map.of("usr/bin/tool", "1.1"));
        assertEquals(List.of("usr/bin/tool"), merge(OnConflict.FAIL).conflicts);
    }

    @Test
    void anEditedConfigurationStaysAndTheNewOneIsLaidBeside() throws Exception {
        sliver.tree().file("etc/tool.conf", "mine");
        newBase.tree().delete("etc/tool.conf");
        newBase.install("tool", "1.1-r0", "", Map.of("usr/bin/tool", "1.1", "etc/tool.conf", "b"));

        MergedTree kept = merge(OnConflict.KEEP_SLIVER);
        assertEquals(1, kept.asked.size());
        assertEquals(List.of(Bytes.utf8("etc/tool.conf")), kept.asked.get(0).paths());
        assertEquals(Verdict.BOTH_CHANGED, kept.asked.get(0).kind());
        assertEquals("mine", kept.tree.text("etc/tool.conf"));
        assertEquals("b", kept.tree.text("etc/tool.conf.apk-new"));
        assertEquals("b", merge(OnConflict.TAKE_BASE).tree.text("etc/tool.conf"));
    }

    @Test
    void anEditedConfigurationThatTheBaseLeftIsNoConflict() throws Exception {
        sliver.tree().file("etc/tool.conf", "mine");
        newBase.install("tool", "1.1-r0", "", Map.of("usr/bin/tool", "1.1", "etc/tool.conf", "a"));
        MergedTree merged = clean();
        assertEquals("mine", merged.tree.text("etc/tool.conf"));
        assertEquals("1.1-r0", version(merged, "tool"));
    }

    @Test
    void whatIsConfigurationIsSaidByTheListsOfProtectedPaths() throws Exception {
        for (AlpineTree each : List.of(oldBase, newBase, sliver)) {
            each.install("site", "1-r0", "", Map.of("srv/site.ini", "a", "etc/ssl/site.pem", "a"));
            each.tree().file("etc/apk/protected_paths.d/site.list", "# ours\n+srv/*.ini\n-etc/ssl/\n");
            each.tree().file("etc/apk/protected_paths.d/README", "not a list");
        }
        newBase.tree().delete("etc/ssl").delete("etc/init.d");
        newBase.install("site", "2-r0", "", Map.of("srv/site.ini", "b", "etc/ssl/site.pem", "b"))
                .install("editor", "4-r0", "", Map.of("usr/bin/editor", "4", "etc/init.d/editor", "4"));
        sliver.tree()
                .file("srv/site.ini", "mine")
                .file("etc/ssl/site.pem", "mine")
                .file("etc/init.d/editor", "mine");
        MergedTree merged = merge(OnConflict.KEEP_SLIVER);
        assertEquals("b", merged.tree.text("srv/site.ini.apk-new"));
        assertFalse(has(merged, "etc/ssl/site.pem.apk-new"));
        assertFalse(has(merged, "etc/init.d/editor.apk-new"));
        assertEquals(List.of("etc/init.d/editor", "etc/ssl/site.pem"), merged.conflicts);
    }

    @Test
    void aBrokenDependencyIsOneConflictAndEitherSideLeavesItWhole() throws Exception {
        sliver.install("own", "1-r0", "D:so:libtls.so.3\n", Map.of("usr/bin/own", "1"));
        newBase.install("tls", "4.0-r0", "p:so:libtls.so.4=4.0\n", Map.of("usr/lib/libtls.so.4", "tls 4"))
                .install("tool", "1.1-r0", "D:so:libtls.so.4\n", Map.of("usr/bin/tool", "1.1", "etc/tool.conf", "a"));

        MergedTree failed = merge(OnConflict.FAIL);
        assertEquals(1, failed.asked.size(), failed.asked.toString());
        assertEquals(Verdict.COUPLED, failed.asked.get(0).kind());
        assertTrue(
                failed.asked.get(0).detail().contains("own 1-r0 has Depends: so:libtls.so.3"), failed.asked.toString());

        MergedTree taken = merge(OnConflict.TAKE_BASE);
        assertEquals("4.0-r0", version(taken, "tls"));
        assertEquals("", version(taken, "own"));
        assertFalse(has(taken, "usr/bin/own"));

        MergedTree kept = merge(OnConflict.KEEP_SLIVER);
        assertEquals("3.3-r0", version(kept, "tls"));
        assertEquals("tls 3.3", kept.tree.text("usr/lib/libtls.so.3"));
        // What needed the base's new one then does not hold either, and is asked too.
        assertEquals("1.0-r0", version(kept, "tool"));
        assertEquals("1.0", kept.tree.text("usr/bin/tool"));
    }

    @Test
    void anExclusionIsAConflict() throws Exception {
        sliver.install("own", "1-r0", "D:!fresh>=2\n", Map.of("usr/bin/own", "1"));
        newBase.install("fresh", "1-r0", "", Map.of("usr/bin/fresh", "1"));
        clean();
        newBase.install("fresh", "2-r0", "", Map.of("usr/bin/fresh", "2"));
        MergedTree merged = merge(OnConflict.TAKE_BASE);
        assertTrue(merged.asked.get(0).detail().contains("Conflicts: !fresh>=2"), merged.asked.toString());
        assertEquals("", version(merged, "own"));
        assertEquals("2-r0", version(merged, "fresh"));
    }

    @Test
    void oneProvidedNameIsOfOnePackage() throws Exception {
        sliver.install("mine", "1-r0", "p:cmd:mail=1-r0\n", Map.of("usr/bin/mine", "1"));
        newBase.install("mailer", "1-r0", "p:cmd:mail=1-r0\n", Map.of("usr/bin/mailer", "1"));
        assertTrue(merge(OnConflict.FAIL).asked.get(0).detail().contains("Provides: cmd:mail"));
        newBase.install("mailer", "1-r0", "p:cmd:mail\n", Map.of("usr/bin/mailer", "1"));
        clean();
    }

    @Test
    void whatWasBrokenBeforeIsNoConflict() throws Exception {
        sliver.install("own", "1-r0", "D:nowhere so:libnone.so.1\n", Map.of("usr/bin/own", "1"))
                .world("lost=1", "tool");
        newBase.install("editor", "4-r0", "", Map.of("usr/bin/editor", "4"));
        clean();
    }

    @Test
    void aVersionThatTheOwnerAskedForIsNotReplaced() throws Exception {
        sliver.world("editor~3", "tool");
        newBase.install("editor", "4-r0", "", Map.of("usr/bin/editor", "4"));
        MergedTree kept = merge(OnConflict.KEEP_SLIVER);
        assertEquals(1, kept.asked.size(), kept.asked.toString());
        assertTrue(kept.asked.get(0).detail().contains("etc/apk/world has Depends: editor~3"), kept.asked.toString());
        assertEquals("3-r0", version(kept, "editor"));
        assertEquals("editor~3\ntool\n", kept.tree.text("etc/apk/world"));
        MergedTree taken = merge(OnConflict.TAKE_BASE);
        assertEquals("4-r0", version(taken, "editor"));
        assertEquals("editor\ntool\n", taken.tree.text("etc/apk/world"));
    }

    @Test
    void whatBothAskForDifferentlyIsAConflict() throws Exception {
        sliver.world("editor>2", "tool");
        newBase.world("editor<9", "tool");
        MergedTree merged = merge(OnConflict.TAKE_BASE);
        assertEquals(1, merged.asked.size());
        assertEquals(List.of(Bytes.utf8("etc/apk/world")), merged.asked.get(0).paths());
        assertEquals("editor<9\ntool\n", merged.tree.text("etc/apk/world"));
    }

    @Test
    void theNewBaseMayHaveItsDatabaseElsewhere() throws Exception {
        newBase.install("editor", "4-r0", "", Map.of("usr/bin/editor", "4"))
                .trigger("editor", "/usr/share/words")
                .moveDatabase("usr/lib/apk/db", true);
        sliver.install("own", "1-r0", "", Map.of("usr/bin/own", "1")).trigger("own", "/srv");
        MergedTree merged = clean();
        assertFalse(has(merged, INSTALLED));
        assertFalse(has(merged, "lib/apk/db/scripts.tar"));
        String installed = merged.tree.text("usr/lib/apk/db/installed");
        assertTrue(installed.contains("P:own\n") && installed.contains("P:editor\nV:4-r0\n"), installed);
        Bytes path = Bytes.utf8("usr/lib/apk/db/scripts.tar.gz");
        assertEquals(2, ApkScripts.read(merged.tree, path).entries().size());
        // And back.
        MergedTree back = new MergedTree(newBase.tree(), oldBase.tree(), merged.tree, OnConflict.FAIL);
        assertEquals(List.of(), back.asked);
        assertEquals("3-r0", version(back, "editor"));
        assertEquals("1-r0", version(back, "own"));
        assertFalse(has(back, "usr/lib/apk/db/installed"));
    }

    @Test
    void nothingIsClaimedWhereOnlyOneSideChangedAnything() throws Exception {
        sliver.install("own", "1-r0", "", Map.of("usr/bin/own", "1"))
                .remove("editor")
                .world("own", "tool");
        assertEquals(Map.of(), merge(OnConflict.FAIL).claims);
        MergedTree followed = new MergedTree(oldBase.tree(), sliver.tree(), newBase.tree(), OnConflict.FAIL);
        followed.claims.values().forEach(claim -> assertEquals(Verdict.FOLLOWED, claim.verdict()));
        assertTrue(has(followed, "usr/bin/own"));
    }

    @Test
    void listsOfAMergedUsrNameTheOldPlaces() throws Exception {
        for (AlpineTree each : List.of(oldBase, newBase, sliver)) {
            each.tree().delete("lib").link("lib", "usr/lib");
            each.moveDatabase("usr/lib/apk/db", false);
            each.tree().file("usr/lib/libc.musl.so.1", "musl 1.2.5");
        }
        newBase.install("musl", "1.2.5-r1", "p:so:libc.musl.so.1=1\n", Map.of());
        newBase.tree()
                .file(
                        "usr/lib/apk/db/installed",
                        newBase.installed()
                                .replace(
                                        "P:musl\nV:1.2.5-r1\nA:x86_64\n",
                                        "P:musl\nV:1.2.5-r1\nA:x86_64\nF:lib\nR:libc.musl.so.1\nZ:"
                                                + AlpineTree.sum("r1") + "\n"));
        newBase.tree().file("usr/lib/libc.musl.so.1", "r1");
        sliver.remove("musl");
        sliver.tree().delete("usr/lib/libc.musl.so.1");
        MergedTree merged = clean();
        assertFalse(has(merged, "usr/lib/libc.musl.so.1"));
    }
}
