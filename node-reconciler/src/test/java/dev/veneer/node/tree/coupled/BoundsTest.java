package dev.veneer.node.tree.coupled;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.coupled.packages.Dpkg;
import dev.veneer.node.tree.coupled.user.LineFiles;
import dev.veneer.node.tree.coupled.user.UserDatabase;
import dev.veneer.node.tree.merge.MemoryTree;
import dev.veneer.node.tree.merge.OnConflict;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** However much the owner of a sliver writes into files of records: it takes no time, and comes to a decision. */
class BoundsTest {
    private static final Duration LITTLE = Duration.ofSeconds(60);
    private static final int MILLION = 1_000_000;
    private static final String ROOT = "root:x:0:0::/root:/bin/sh\n";

    private final MemoryTree oldBase = new MemoryTree();
    private final MemoryTree newBase = new MemoryTree();
    private final MemoryTree sliver = new MemoryTree();

    private MergedTree merge(CoupledState merger, OnConflict onConflict) throws Exception {
        return new MergedTree(oldBase, newBase, sliver, onConflict, List.of(merger));
    }

    private void three(String path, String before, String base, String own) {
        oldBase.file(path, before);
        newBase.file(path, base);
        sliver.file(path, own);
    }

    private static String lines(int count, String form) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < count; i++) {
            text.append(form.replace("#", Integer.toString(i))).append('\n');
        }
        return text.toString();
    }

    private static void assertOneConflict(MergedTree merged, String detail) {
        assertEquals(1, merged.asked.size(), merged.asked.toString());
        String found = merged.asked.get(0).detail();
        assertTrue(found.contains(detail), found);
    }

    @ParameterizedTest
    @ValueSource(strings = {"etc/passwd", "etc/group", "etc/shadow", "etc/subuid", "etc/shells"})
    void aMillionLinesAreOneConflict(String path) throws Exception {
        three("etc/passwd", ROOT, ROOT, ROOT);
        three(path, "", "#\n", lines(MILLION, "#:::::::"));
        CoupledState merger = path.matches(".*(subuid|shells)") ? new LineFiles() : new UserDatabase();
        assertTimeout(
                LITTLE,
                () -> assertEquals(1, merge(merger, OnConflict.FAIL).asked.size()));
    }

    @Test
    void aLineOfAMillionFieldsIsOneConflict() throws Exception {
        three("etc/passwd", ROOT, ROOT + "a:x:1:1:::\n", ROOT + ":".repeat(2 * MILLION) + "\n");
        assertTimeout(
                LITTLE, () -> assertOneConflict(merge(new UserDatabase(), OnConflict.FAIL), "a line of more than"));
    }

    /** Each with each would be 10^10. */
    @Test
    void rangesOfTwoHundredThousandUsersMerge() throws Exception {
        StringBuilder own = new StringBuilder();
        StringBuilder base = new StringBuilder();
        for (int i = 0; i < 100_000; i++) {
            own.append("own").append(i).append(':').append(20L * i).append(":10\n");
            base.append("base").append(i).append(':').append(20L * i + 10).append(":10\n");
        }
        three("etc/subuid", "", base.toString(), own.toString());
        assertTimeout(LITTLE, () -> {
            MergedTree merged = merge(new LineFiles(), OnConflict.FAIL);
            assertEquals(List.of(), merged.asked);
            assertEquals(base.toString() + own, merged.tree.text("etc/subuid"));
        });
    }

    @Test
    void rangesThatAllOverlapAreOneConflict() throws Exception {
        three("etc/subuid", "", "base:0:4000000000\n", lines(100_000, "own#:#:10"));
        assertTimeout(LITTLE, () -> assertOneConflict(merge(new LineFiles(), OnConflict.TAKE_BASE), "that overlap"));
    }

    /** Each clash began anew, and each of one number was held against each. */
    @Test
    void manyUsersOfOneNumberClashWithNoneOfTheirOwnSide() throws Exception {
        String many = lines(60_000, "own#:x:1000:1000::/:/bin/sh");
        three("etc/passwd", ROOT, ROOT + "statd:x:101:101::/:/bin/sh\n", ROOT + many);
        assertTimeout(LITTLE, () -> assertEquals(List.of(), merge(new UserDatabase(), OnConflict.FAIL).asked));
    }

    @Test
    void moreClashesThanAnybodySettlesAreOneConflict() throws Exception {
        String many = lines(60_000, "own#:x:101:101::/:/bin/sh");
        three("etc/passwd", ROOT, ROOT + "statd:x:101:101::/:/bin/sh\n", ROOT + many);
        assertTimeout(LITTLE, () -> {
            MergedTree merged = merge(new UserDatabase(), OnConflict.TAKE_BASE);
            assertTrue(
                    merged.asked.get(merged.asked.size() - 1).detail().contains("more than 1000 numbers"),
                    merged.asked.get(merged.asked.size() - 1).detail());
            assertEquals(newBase.text("etc/passwd"), merged.tree.text("etc/passwd"));
        });
    }

    private static DebianTree debian(MemoryTree into, DebianTree tree) {
        for (Bytes path : tree.tree().paths()) {
            if (!path.isEmpty() && tree.tree().find(path).size() > 0) {
                into.file(
                        new String(path.array(), StandardCharsets.UTF_8),
                        tree.tree().text(text(path)));
            }
        }
        return tree;
    }

    private static String text(Bytes path) {
        return new String(path.array(), StandardCharsets.UTF_8);
    }

    /** Each was looked for in the list of each package. */
    @Test
    void manyDiversionsOfManyFilesMerge() throws Exception {
        Map<String, String> files = new LinkedHashMap<>();
        for (int i = 0; i < 15_000; i++) {
            files.put("usr/share/big/" + i, "1");
        }
        DebianTree before = new DebianTree().install("big", "1", "", files);
        DebianTree base = before.copy().install("dpkg", "2", "", Map.of("usr/bin/dpkg", "2"));
        DebianTree own = before.copy();
        StringBuilder diversions = new StringBuilder();
        for (int i = 0; i < 15_000; i++) {
            diversions.append("/usr/share/big/" + i + "\n/usr/share/big/" + i + ".distrib\n:\n");
        }
        debian(oldBase, before);
        debian(newBase, base);
        debian(sliver, own);
        sliver.file("var/lib/dpkg/diversions", diversions.toString());
        newBase.file("var/lib/dpkg/diversions", "");
        oldBase.file("var/lib/dpkg/diversions", "");
        assertTimeout(LITTLE, () -> assertEquals(List.of(), merge(new Dpkg(), OnConflict.FAIL).asked));
    }

    /** Each was held against each path and each package. */
    @Test
    void manyInterestsInManyFilesMerge() throws Exception {
        Map<String, String> files = new LinkedHashMap<>();
        for (int i = 0; i < 20_000; i++) {
            files.put("usr/share/big/" + i, "1");
        }
        DebianTree before = new DebianTree();
        DebianTree base = before.copy().install("dpkg", "2", "", Map.of("usr/bin/dpkg", "2"));
        debian(oldBase, before);
        debian(newBase, base);
        debian(sliver, before.copy().install("big", "1", "", files));
        newBase.file("var/lib/dpkg/triggers/File", "/usr dpkg\n");
        sliver.file("var/lib/dpkg/triggers/File", lines(100_000, "/usr/share/# big") + "/usr dpkg\n");
        assertTimeout(LITTLE, () -> {
            MergedTree merged = merge(new Dpkg(), OnConflict.FAIL);
            assertEquals(List.of(), merged.asked);
            assertTrue(merged.reruns.toString().contains("/usr]"), merged.reruns.toString());
        });
    }

    @Test
    void moreBrokenRelationsThanAnybodySettlesAreOneConflict() throws Exception {
        DebianTree before = new DebianTree();
        debian(oldBase, before);
        debian(newBase, before.copy().install("dpkg", "2", "", Map.of("usr/bin/dpkg", "2")));
        List<String> needs = new ArrayList<>();
        for (int i = 0; i < 60_000; i++) {
            needs.add("none" + i);
        }
        debian(
                sliver,
                before.copy()
                        .install("own", "1", "Depends: " + String.join(", ", needs) + "\n", Map.of("usr/own", "1")));
        assertTimeout(
                LITTLE, () -> assertOneConflict(merge(new Dpkg(), OnConflict.FAIL), "relations that do not hold"));
    }

    @Test
    void aMillionLinesOfStatusAreOneConflict() throws Exception {
        DebianTree before = new DebianTree();
        debian(oldBase, before);
        debian(newBase, before.copy().install("dpkg", "2", "", Map.of("usr/bin/dpkg", "2")));
        debian(sliver, before.copy());
        for (String form :
                List.of("a", "a#: ", "Package: p#\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\n")) {
            sliver.file("var/lib/dpkg/status", lines(MILLION / (form.length() > 5 ? 5 : 1), form));
            assertTimeout(LITTLE, () -> {
                MergedTree merged = merge(new Dpkg(), OnConflict.FAIL);
                assertEquals(1, merged.asked.size(), merged.asked.toString());
            });
        }
    }
}
