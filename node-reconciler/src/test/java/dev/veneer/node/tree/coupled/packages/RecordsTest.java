package dev.veneer.node.tree.coupled.packages;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.tree.coupled.MergedTree;
import dev.veneer.node.tree.merge.MemoryTree;
import dev.veneer.node.tree.merge.OnConflict;
import dev.veneer.node.tree.merge.Verdict;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** apt's, debconf's and rpm's databases, derived files, and the order of versions. */
class RecordsTest {
    private final MemoryTree oldBase = new MemoryTree();
    private MemoryTree newBase = new MemoryTree();
    private MemoryTree sliver = new MemoryTree();

    private MergedTree three(String path, String old, String base, String own) throws Exception {
        oldBase.file(path, old);
        newBase = newBase.file(path, base);
        sliver = sliver.file(path, own);
        return new MergedTree(oldBase, newBase, sliver, OnConflict.FAIL);
    }

    private static String mark(String name) {
        return "Package: " + name + "\nArchitecture: amd64\nAuto-Installed: 1\n\n";
    }

    @Test
    void marksOfAptAreMergedByPackage() throws Exception {
        MergedTree merged = three(
                "var/lib/apt/extended_states", mark("a") + mark("b"), mark("a") + mark("c"), mark("b") + mark("d"));
        assertEquals(mark("c") + mark("d"), merged.tree.text("var/lib/apt/extended_states"));
        assertEquals(List.of(), merged.asked);
    }

    @Test
    void questionsKeepTheOwnersOfBothSides() throws Exception {
        String question = "Name: q\nTemplate: q\nOwners: a%s\nValue: %s\n\n";
        MergedTree merged = three(
                "var/cache/debconf/config.dat",
                question.formatted("", "1"),
                question.formatted(", b", "1"),
                question.formatted(", c", "2"));
        assertEquals(question.formatted(", b, c", "2"), merged.tree.text("var/cache/debconf/config.dat"));
        assertEquals(List.of(), merged.asked);
    }

    @Test
    void twoAnswersAreAConflict() throws Exception {
        String question = "Name: q\nValue: %s\n\n";
        MergedTree merged = three(
                "var/cache/debconf/config.dat",
                question.formatted("1"),
                question.formatted("2"),
                question.formatted("3"));
        assertEquals(1, merged.asked.size());
        assertTrue(merged.asked.get(0).detail().contains("question q"));
    }

    @Test
    void rpmIsDecidedAsASet() throws Exception {
        oldBase.file("var/lib/rpm/b", "1");
        newBase.file("var/lib/rpm/b", "2");
        sliver.file("var/lib/rpm/b", "1");
        MergedTree merged = three("var/lib/rpm/a", "1", "1", "2");
        assertEquals(1, merged.asked.size());
        assertEquals(Verdict.COUPLED, merged.asked.get(0).kind());
        assertEquals(2, merged.asked.get(0).paths().size());
    }

    @Test
    void whatAlpinesOwnerAskedForIsASetAndADatabaseThatIsNoneOneDecision() throws Exception {
        MergedTree world = three("etc/apk/world", "a\nb\n", "a\nb\nc\n", "b\nd\n");
        assertEquals("b\nc\nd\n", world.tree.text("etc/apk/world"));
        MergedTree merged = three("lib/apk/db/installed", "1", "2", "3");
        assertEquals(1, merged.asked.size());
        assertTrue(merged.asked.get(0).detail().contains("ends in the middle of a line"));
        assertEquals(Verdict.COUPLED, merged.asked.get(0).kind());
    }

    @Test
    void derivedFilesAreMadeAnewWhereBothChangedThem() throws Exception {
        MergedTree merged = three("etc/ld.so.cache", "1", "2", "3");
        assertEquals(List.of(), merged.conflicts);
        assertEquals(List.of("ldconfig"), merged.reruns.get(0).command());
        assertEquals(List.of(), three("etc/ld.so.cache", "1", "2", "1").reruns);
    }

    @ParameterizedTest
    @CsvSource({
        "1.0,1.0,0",
        "1.0,1.00,0",
        "0:1,1,0",
        "1.0~rc1,1.0,-1",
        "1.0~~,1.0~,-1",
        "1.0,1.0a,-1",
        "1.0a,1.0+,-1",
        "1.9,1.10,-1",
        "1:0.1,2,1",
        "1.0-1,1.0-2,-1",
        "1.0-1+b1,1.0-1,1",
        "1.0-1,1.0-1.1,-1",
        "1.0,1.0-0,0",
        "9999999999999999999998,9999999999999999999999,-1",
        "2.36-9+deb12u10,2.36-9+deb12u9,1"
    })
    void versionsAreInDebiansOrder(String a, String b, int order) {
        assertEquals(order, Integer.signum(DebianVersion.compare(a, b)));
        assertEquals(-order, Integer.signum(DebianVersion.compare(b, a)));
    }
}
