package dev.veneer.node.tree.coupled.packages;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.coupled.AlpineTree;
import dev.veneer.node.tree.coupled.MergedTree;
import dev.veneer.node.tree.coupled.record.StateFile;
import dev.veneer.node.tree.merge.OnConflict;
import dev.veneer.node.tree.merge.Verdict;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Databases of apk that cannot be, that an owner crafted, or that are cut short. */
class ApkHostileTest {
    private static final String DATABASE = "lib/apk/db/";
    private static final String INSTALLED = DATABASE + "installed";

    private final AlpineTree oldBase = new AlpineTree()
            .install("tool", "1-r0", "", Map.of("usr/bin/tool", "1"))
            .trigger("tool", "/usr/share/tool")
            .world("tool");
    private final AlpineTree newBase = oldBase.copy()
            .install("tool", "2-r0", "", Map.of("usr/bin/tool", "2"))
            .trigger("tool", "/usr/share/tool");
    private final AlpineTree sliver = oldBase.copy()
            .install("own", "1-r0", "", Map.of("usr/bin/own", "1"))
            .trigger("own", "/usr/share/own")
            .world("own", "tool");

    private MergedTree merge(OnConflict onConflict) throws Exception {
        return new MergedTree(oldBase.tree(), newBase.tree(), sliver.tree(), onConflict);
    }

    private void isOneConflict() throws Exception {
        List<String> files = List.of(INSTALLED, DATABASE + "triggers", DATABASE + "scripts.tar", "etc/apk/world");
        MergedTree kept = merge(OnConflict.KEEP_SLIVER);
        assertEquals(1, kept.asked.size(), kept.asked.toString());
        assertEquals(Verdict.COUPLED, kept.asked.get(0).kind());
        MergedTree taken = merge(OnConflict.TAKE_BASE);
        for (String file : files) {
            assertEquals(
                    sliver.tree().content(Bytes.utf8(file), Integer.MAX_VALUE),
                    kept.tree.content(Bytes.utf8(file), Integer.MAX_VALUE),
                    file);
            assertEquals(newBase.tree().text(file), taken.tree.text(file), file);
        }
    }

    /** What follows the bar is put behind the sliver's own file; alone, it takes its place. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "installed|P:evil\nV:1\nF:../../etc\nR:shadow\n\n",
                "installed|P:evil\nV:1\nF:/etc\nR:shadow\n\n",
                "installed|P:evil\nV:1\nF:etc\nR:../shadow\n\n",
                "installed|P:evil\nV:1\nF:etc\nR:..\n\n",
                "installed|P:evil\nV:1\nF:etc//x\n\n",
                "installed|P:evil\nV:1\nR:shadow\n\n",
                "installed|P:evil\nV:1\nF:etc\nZ:Q1AAAA\n\n",
                "installed|P:evil\nV:1\nF:etc\nR:x\nZ:Q1AAAA\n\n",
                "installed|P:evil\nV:1\nF:etc\nR:x\na:0:0:999\n\n",
                "installed|P:evil\nV:1\nM:0:0:755\n\n",
                "installed|P:../../etc/passwd\nV:1\n\n",
                "installed|P:a/b\nV:1\n\n",
                "installed|V:1\n\n",
                "installed|P:evil\n\n",
                "installed|P:evil\nV:1 2\n\n",
                "installed|P:evil\nV:1\nP:other\n\n",
                "installed|P:tool\nV:1\n\n",
                "installed|P:evil\nV:1\nnonsense\n\n",
                "installed|P:evil\nV:1\n1:x\n\n",
                "installed|P:evil\nV:1\nx\n\n",
                "installed|P:evil\nV:1\nD:a>\n\n",
                "installed|P:evil\nV:1\np:a=1=\u00ff\n\n",
                "installed|P:evil\r\nV:1\r\n\r\n",
                "installed|P:evil\nV:1\0\n\n",
                "installed|P:evil\nV:1\n",
                "installed|P:evil\nV:1",
                "triggers|no checksum\n",
                "triggers|Q1AAAA /usr\n",
                "triggers|Q1",
                "world|a<\n",
                "scripts.tar|x",
                "protected|+etc/[x\n"
            })
    void whatDoesNotParseIsOneConflictForTheWholeSet(String planted) throws Exception {
        int bar = planted.indexOf('|');
        String name = planted.substring(0, bar);
        String path =
                switch (name) {
                    case "world" -> "etc/apk/world";
                    case "protected" -> "etc/apk/protected_paths.d/x.list";
                    default -> DATABASE + name;
                };
        boolean alone = name.equals("protected") || name.equals("scripts.tar");
        String before = alone ? "" : sliver.tree().text(path);
        sliver.tree().file(path, before + planted.substring(bar + 1));
        isOneConflict();
    }

    @Test
    void aListThatIsCutShortIsOneConflictWhereverItEnds() throws Exception {
        byte[] whole = sliver.tree().text(INSTALLED).getBytes(java.nio.charset.StandardCharsets.UTF_8);
        for (int length = 0; length < whole.length; length++) {
            sliver.tree().file(Bytes.utf8(INSTALLED), Arrays.copyOf(whole, length), 0644);
            isOneConflictOrLacksOnlyItsOwn(length);
        }
    }

    /** Cut behind the packages of the base, it is a list without the sliver's own, as if its owner had never got it. */
    private void isOneConflictOrLacksOnlyItsOwn(int length) throws Exception {
        MergedTree kept = merge(OnConflict.KEEP_SLIVER);
        if (kept.asked.isEmpty()) {
            String merged = kept.tree.text(INSTALLED);
            assertTrue(merged.contains("P:musl\n") && merged.contains("P:tool\nV:2-r0\n"), length + ": " + merged);
        } else {
            assertEquals(1, kept.asked.size(), length + ": " + kept.asked);
            assertEquals(sliver.tree().text(INSTALLED), kept.tree.text(INSTALLED));
        }
    }

    @Test
    void anArchiveOfScriptsThatIsCutShortIsOneConflict() throws Exception {
        Bytes path = Bytes.utf8(DATABASE + "scripts.tar");
        byte[] whole = sliver.tree().content(path, Integer.MAX_VALUE).array();
        for (int length : new int[] {1, 511, 512, 700, 1023, 1025, 1500, 2047}) {
            sliver.tree().file(path, Arrays.copyOf(whole, length), 0644);
            isOneConflict();
        }
        byte[] damaged = whole.clone();
        damaged[3] ^= 1;
        sliver.tree().file(path, damaged, 0644);
        isOneConflict();
    }

    @Test
    void aHugeListIsOneConflict() throws Exception {
        byte[] huge = new byte[StateFile.LIMIT + 1];
        sliver.tree().file(Bytes.utf8(INSTALLED), huge, 0644);
        isOneConflict();
    }

    @Test
    void moreRelationsThanAnySystemHasAreOneConflict() throws Exception {
        String many = "x ".repeat(100);
        StringBuilder text = new StringBuilder(sliver.tree().text(INSTALLED));
        for (int i = 0; i < 2_700; i++) {
            text.append("P:p").append(i).append("\nV:1\nD:").append(many).append("\n\n");
        }
        sliver.tree().file(INSTALLED, text.toString());
        isOneConflict();
    }

    @Test
    void oneNameThatHundredsProvideIsOneConflict() throws Exception {
        StringBuilder text = new StringBuilder(sliver.tree().text(INSTALLED));
        for (int i = 0; i < 300; i++) {
            text.append("P:p").append(i).append("\nV:1\np:x=").append(i).append("\nD:!x<0\n\n");
        }
        sliver.tree().file(INSTALLED, text.toString());
        isOneConflict();
    }

    @Test
    void aDirectoryInTheListsPlaceIsOneConflict() throws Exception {
        sliver.tree().delete(INSTALLED).file(INSTALLED + "/x", "x");
        MergedTree kept = merge(OnConflict.KEEP_SLIVER);
        assertEquals(1, kept.asked.size(), kept.asked.toString());
    }

    @Test
    void twoDatabasesAreOneConflict() throws Exception {
        sliver.tree().file("usr/lib/apk/db/installed", sliver.installed());
        isOneConflict();
    }

    @Test
    void packagesThatNeedEachOtherComeToAnEnd() throws Exception {
        sliver.install("a", "1-r0", "D:b\n", Map.of("usr/bin/a", "1"))
                .install("b", "1-r0", "D:a !c\np:b\n", Map.of("usr/bin/b", "1"));
        newBase.install("c", "1-r0", "D:!a\n", Map.of("usr/bin/c", "1"));
        for (OnConflict each : List.of(OnConflict.KEEP_SLIVER, OnConflict.TAKE_BASE, OnConflict.FAIL)) {
            MergedTree merged = merge(each);
            assertTrue(!merged.asked.isEmpty() && merged.asked.size() < 5, merged.asked.toString());
        }
    }

    @Test
    void aListCannotTakeWhatIsNotItsPackages() throws Exception {
        sliver.install("evil", "1-r0", "", Map.of("usr/bin/evil", "1"));
        String theirs = "F:usr/bin\nR:tool\nZ:" + AlpineTree.sum("1") + "\nF:etc\nR:passwd\nZ:" + AlpineTree.sum("r")
                + "\nF:srv\nR:unowned\nZ:" + AlpineTree.sum("old") + "\nF:lib/apk/db\nR:installed\n";
        sliver.tree()
                .file(INSTALLED, sliver.installed() + "P:wicked\nV:1\n" + theirs + "\n")
                .file("srv/unowned", "old")
                .file("etc/passwd", "r");
        oldBase.tree().file("srv/unowned", "old").file("etc/passwd", "r");
        newBase.tree().file("srv/unowned", "new").file("etc/passwd", "root");
        MergedTree merged = merge(OnConflict.FAIL);
        assertEquals(List.of(), merged.asked);
        assertEquals(List.of(), merged.conflicts);
        assertEquals("2", merged.tree.text("usr/bin/tool"));
        assertEquals("new", merged.tree.text("srv/unowned"));
        assertEquals("root", merged.tree.text("etc/passwd"));
    }
}
