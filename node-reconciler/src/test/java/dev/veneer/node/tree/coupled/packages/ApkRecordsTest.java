package dev.veneer.node.tree.coupled.packages;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.merge.MemoryTree;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What apk's database consists of. */
class ApkRecordsTest {
    private static final Bytes PATH = Bytes.utf8("lib/apk/db/installed");

    @ParameterizedTest
    @CsvSource({
        "1.0,1.0,0",
        "1.0,1.0.0,-1",
        "2.34,0.1.0_alpha,1",
        "1.2.3_rc1-r4,1.2.3-r0,-1",
        "1.2.3_rc1-r4,1.2.3_rc2-r0,-1",
        "1.2.3_rc1,1.2.3_rc10,-1",
        "1.2.3_rc,1.2.3_rc1,-1",
        "1.0_alpha,1.0_beta,-1",
        "1.0_beta,1.0_pre,-1",
        "1.0_pre,1.0_rc,-1",
        "1.0,1.0_cvs,-1",
        "1.0_cvs,1.0_svn,-1",
        "1.0_git20240101,1.0_git20240102,-1",
        "1.0_git,1.0_hg,-1",
        "1.0_hg,1.0_p1,-1",
        "1.0_p1,1.0_p2,-1",
        "1.0_alpha1_p2,1.0_alpha1,1",
        "1.0_p1_rc1,1.0_p1,-1",
        "1.0a,1.0,1",
        "1.0a,1.0b,-1",
        "1.0a,1.0.1,-1",
        "1.0-r0,1.0-r1,-1",
        "1.0-r9,1.0-r10,-1",
        "1.0,1.0-r0,-1",
        "1.9,1.10,-1",
        "1.05,1.1,-1",
        "1.5,1.05,1",
        "01,1,0",
        "1.0~abc,1.0,1",
        "1.0~abc-r1,1.0~abc-r2,-1",
        "0.20240101-r0,0.20231231-r9,1",
        "99999999999999999998,99999999999999999999,-1",
        "1.x,1.0,-1",
    })
    void versionsAreInApksOrder(String a, String b, int order) {
        assertEquals(order, Integer.signum(ApkVersion.compare(a, b)));
        assertEquals(-order, Integer.signum(ApkVersion.compare(b, a)));
    }

    @ParameterizedTest
    @CsvSource({
        "a,1,true",
        "a,'',true",
        "a=1.2-r3,1.2-r3,true",
        "a=1.2-r3,1.2-r4,false",
        "a=1,'',false",
        "a<2,1.9-r9,true",
        "a<2,2,false",
        "a<=2,2,true",
        "a>2,2,false",
        "a>2,2-r1,true",
        "a>=2,2,true",
        "a~1.2,1.2.3-r4,true",
        "a~1.2,1.2,true",
        "a~1.2,1.20,false",
        "a~1.2,1.3,false",
        "a~=1.2,1.2.9,true",
        "a>~1.2,1.3,true",
        "a>~1.2,1.2.1,true",
        "a<~1.2,1.2.1,true",
        "a<~1.2,1.3,false",
        "a@edge,1,true",
        "a@edge>1,1,false",
        "a><Q1xyz,1,true",
        "a><Q1zzz,1,false",
    })
    void whatIsAskedForIsMeant(String asked, String found, boolean expected) throws Exception {
        ApkDependency dependency = ApkDependency.parse(PATH, Bytes.utf8(asked)).get(0);
        assertEquals("a", dependency.name());
        assertEquals(expected, dependency.means(found, Bytes.utf8("Q1xyz")));
    }

    @Test
    void namesMaySayWhatKindTheyAreOf() throws Exception {
        List<ApkDependency> all =
                ApkDependency.parse(PATH, Bytes.utf8("so:libz.so.1=1.3.1 cmd:[=1 pc:zlib>=1 /bin/sh !py3.12-x@t"));
        assertEquals(
                List.of("so:libz.so.1", "cmd:[", "pc:zlib", "/bin/sh", "py3.12-x"),
                all.stream().map(ApkDependency::name).toList());
        assertEquals(
                List.of(false, false, false, false, true),
                all.stream().map(ApkDependency::excludes).toList());
    }

    @Test
    void checksumsAreInBase64OrHexadecimal() {
        assertNotNull(ApkDigest.parse(Bytes.utf8("Q1gQ/L3UBnSjgkFWEHQaUkUDubqdI=")));
        assertEquals(
                ApkDigest.parse(Bytes.utf8("Q1AAAAAAAAAAAAAAAAAAAAAAAAAAA=")),
                ApkDigest.parse(Bytes.utf8("X1" + "00".repeat(20))));
        assertNotNull(ApkDigest.parse(Bytes.utf8("X2" + "ab".repeat(32))));
        for (String none : List.of("", "Q", "Q1", "Q1!", "Q1AAAA", "Q2AAAAAAAAAAAAAAAAAAAAAAAAAAA=", "X1zz", "Y1")) {
            assertNull(ApkDigest.parse(Bytes.utf8(none)), none);
        }
    }

    @Test
    void aChecksumMayBeTheBeginningOfALongerOne() throws Exception {
        MemoryTree tree = new MemoryTree().file("x", "abc");
        String sha256 = "X1ba7816bf8f01cfea414140de5dae2223b00361a3";
        ApkRecord record = ApkRecord.parse(
                        PATH,
                        List.of(
                                Bytes.utf8("P:x"),
                                Bytes.utf8("f:S"),
                                Bytes.utf8("F:"),
                                Bytes.utf8("R:x"),
                                Bytes.utf8("Z:" + sha256),
                                Bytes.EMPTY))
                .get(0);
        PackageKey key = new PackageKey("x", "");
        ApkFiles files = new ApkFiles(tree, PATH);
        files.add(key, record);
        assertEquals(true, files.holdsOriginal(key, Bytes.utf8("x")));
        tree.file("x", "abd");
        assertEquals(false, files.holdsOriginal(key, Bytes.utf8("x")));
    }

    @Test
    void linesStayAsTheyAre() throws Exception {
        List<Bytes> lines = List.of(
                Bytes.utf8("C:Q1x"), Bytes.utf8("P:x"), Bytes.utf8("k:9"), Bytes.utf8("F:a"), Bytes.utf8("F:b"));
        List<ApkRecord> records = ApkRecord.parse(
                PATH,
                List.of(
                        Bytes.EMPTY,
                        lines.get(0),
                        lines.get(1),
                        lines.get(2),
                        lines.get(3),
                        lines.get(4),
                        Bytes.EMPTY));
        assertEquals(Bytes.utf8("C:Q1x\nP:x\nk:9\nF:a\nF:b\n\n"), records.get(0).text());
    }
}
