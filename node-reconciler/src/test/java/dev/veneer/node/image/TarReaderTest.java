package dev.veneer.node.image;

import static dev.veneer.node.image.TarBuilder.latin1;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.api.Reason;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.FileType;
import dev.veneer.node.tree.Identity;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the tar reader understands and what it refuses. */
class TarReaderTest {
    private record Read(TarEntry entry, Bytes content) {
        byte[] data() {
            return content.array();
        }

        String name() {
            return new String(entry.name, StandardCharsets.ISO_8859_1);
        }
    }

    private static List<Read> read(byte[] archive) throws IOException, NodeException {
        TarReader reader = new TarReader(new ByteArrayInputStream(archive));
        List<Read> all = new ArrayList<>();
        for (TarEntry entry = reader.next(); entry != null; entry = reader.next()) {
            ByteArrayOutputStream data = new ByteArrayOutputStream();
            byte[] part = new byte[100];
            for (int count = reader.read(part, 0, 100); count >= 0; count = reader.read(part, 0, 100)) {
                data.write(part, 0, count);
            }
            all.add(new Read(entry, Bytes.wrap(data.toByteArray())));
        }
        return all;
    }

    private static TarEntry only(TarBuilder archive) throws IOException, NodeException {
        List<Read> all = read(archive.end());
        assertEquals(1, all.size());
        return all.get(0).entry();
    }

    private static String refused(byte[] archive) {
        NodeException e = assertThrows(NodeException.class, () -> read(archive));
        assertEquals(Reason.ContentRefused, e.reason());
        assertEquals(Follow.STALLED, e.follow());
        return e.getMessage();
    }

    @Test
    void readsContentAndTypes() throws Exception {
        List<Read> all = read(new TarBuilder()
                .directory("d/")
                .file("d/f", "x".repeat(1300))
                .symlink("d/s", "f")
                .hardLink("d/h", "d/f")
                .device("null", '3', 1, 3)
                .file("empty", "")
                .end());
        assertEquals(
                List.of("d/", "d/f", "d/s", "d/h", "null", "empty"),
                all.stream().map(Read::name).toList());
        assertEquals(FileType.DIRECTORY, all.get(0).entry().type);
        assertArrayEquals(latin1("x".repeat(1300)), all.get(1).data());
        assertArrayEquals(latin1("f"), all.get(2).entry().link);
        assertNull(all.get(3).entry().type);
        assertTrue(all.get(3).entry().isHardLink());
        assertEquals(FileType.CHARACTER_DEVICE, all.get(4).entry().type);
        assertEquals(1, all.get(4).entry().deviceMajor);
        assertEquals(3, all.get(4).entry().deviceMinor);
    }

    @Test
    void skipsContentThatNobodyReads() throws Exception {
        TarReader reader = new TarReader(new ByteArrayInputStream(
                new TarBuilder().file("a", "y".repeat(200_000)).file("b").end()));
        assertArrayEquals(latin1("a"), reader.next().name);
        assertArrayEquals(latin1("b"), reader.next().name);
        assertNull(reader.next());
    }

    @Test
    void namesAreBytes() throws Exception {
        byte[] name = {(byte) 0xff, (byte) 0xfe, '\n', 0x1b, ' '};
        TarBuilder archive = new TarBuilder().raw(TarBuilder.header(name, '0', 0, ""));
        assertArrayEquals(name, only(archive).name);
        byte[] pax = latin1("p\u00ff\u0080q");
        archive = new TarBuilder()
                .pax("hdrcharset", "BINARY", "path", "p\u00ff\u0080q")
                .file("short");
        assertArrayEquals(pax, only(archive).name);
    }

    @Test
    void longNamesOfAllKinds() throws Exception {
        String name = "n".repeat(255) + "/" + "m".repeat(200);
        String target = "t".repeat(3000);
        TarBuilder gnu = new TarBuilder()
                .extended('L', latin1(name + "\0"))
                .extended('K', latin1(target + "\0"))
                .symlink("cut", "cut");
        assertArrayEquals(latin1(name), only(gnu).name);
        assertArrayEquals(
                latin1(target),
                only(new TarBuilder().pax("path", name, "linkpath", target).symlink("cut", "cut")).link);
        byte[] ustar = TarBuilder.header(latin1("leaf"), '0', 0, "");
        TarBuilder.put(ustar, 345, "p".repeat(155));
        assertArrayEquals(latin1("p".repeat(155) + "/leaf"), only(new TarBuilder().raw(ustar)).name);
        byte[] star = TarBuilder.header(latin1("leaf"), '0', 0, "");
        TarBuilder.put(star, 345, "p".repeat(131));
        TarBuilder.put(star, 508, "tar\0");
        assertArrayEquals(latin1("p".repeat(131) + "/leaf"), only(new TarBuilder().raw(star)).name);
    }

    @Test
    void largeAndNegativeNumbers() throws Exception {
        byte[] header = TarBuilder.header(latin1("f"), '0', 0, "");
        TarBuilder.put(header, 108, "\u0080\0\0\0\u00ff\u00ff\u00ff\u00fe");
        TarBuilder.put(header, 136, "\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00fe");
        TarEntry entry = only(new TarBuilder().raw(header));
        assertEquals(0xfffffffe, entry.uid);
        assertEquals(-2, entry.mtimeSec);
        entry = only(new TarBuilder().pax("uid", "65536", "gid", "4294967294").file("f"));
        assertEquals(65536, entry.uid);
        assertEquals(-2, entry.gid);
    }

    @Test
    void timesToTheNanosecond() throws Exception {
        assertTime("1600000000.123456789", 1_600_000_000L, 123_456_789);
        assertTime("1600000000.5", 1_600_000_000L, 500_000_000);
        assertTime("12", 12, 0);
        assertTime("-1.5", -2, 500_000_000);
        assertTime("-1", -1, 0);
        assertTime("0.9999999999", 0, 999_999_999);
        assertTime("-0.0000000001", -1, 999_999_999);
    }

    private static void assertTime(String text, long seconds, int nanoseconds) throws Exception {
        TarEntry entry = only(new TarBuilder().pax("mtime", text).file("f"));
        assertEquals(seconds, entry.mtimeSec, text);
        assertEquals(nanoseconds, entry.mtimeNsec, text);
    }

    @Test
    void attributesOfBothKinds() throws Exception {
        TarEntry entry = only(new TarBuilder()
                .pax(
                        "SCHILY.xattr.user.a%3Db%25c%41",
                        "1\0=\n2",
                        "LIBARCHIVE.xattr.user.x%3dy",
                        "AP8",
                        "SCHILY.xattr.user.empty",
                        "",
                        "SCHILY.fflags",
                        "nodump,schg,sappnd")
                .file("f"));
        assertEquals(Bytes.utf8("user.a=b%c%41"), entry.xattrs.get(0).name());
        assertArrayEquals(latin1("1\0=\n2"), entry.xattrs.get(0).value().array());
        assertEquals(Bytes.utf8("user.x=y"), entry.xattrs.get(1).name());
        assertArrayEquals(
                new byte[] {0, (byte) 0xff}, entry.xattrs.get(1).value().array());
        assertEquals(0, entry.xattrs.get(2).value().length());
        assertEquals(Identity.IMMUTABLE | Identity.APPEND_ONLY, entry.inodeFlags);
    }

    @Test
    void accessControlLists() throws Exception {
        TarEntry entry = only(new TarBuilder()
                .pax("SCHILY.acl.access", "user::rwx,other::---,group::r-x,mask::rwx,user:lp:rw-:7,group:1000:r--")
                .file("f"));
        String expected = "02000000" + "01000700ffffffff" + "0200060007000000" + "04000500ffffffff" + "08000400e8030000"
                + "10000700ffffffff" + "20000000ffffffff";
        assertEquals(expected, entry.xattrs.get(0).value().hex());
        assertTrue(refused(new TarBuilder()
                        .pax("SCHILY.acl.access", "user::rwx,user:lp:rw-")
                        .file("f")
                        .end())
                .contains("by name only"));
    }

    @Test
    void globalHeadersHoldUntilReplaced() throws Exception {
        List<Read> all = read(new TarBuilder()
                .extended('g', TarBuilder.record("mtime", latin1("77")))
                .file("a")
                .pax("mtime", "78")
                .file("b")
                .file("c")
                .end());
        assertEquals(
                List.of(77L, 78L, 77L),
                all.stream().map(r -> r.entry().mtimeSec).toList());
    }

    @Test
    void sparseFilesOfAllFormats() throws Exception {
        byte[] old = TarBuilder.header(latin1("old"), 'S', 6, "");
        TarBuilder.put(old, 257, "ustar  \0");
        TarBuilder.put(old, 386, "00000010000\0" + "00000000003\0" + "00000020000\0" + "00000000003\0");
        TarBuilder.put(old, 483, "00000100000\0");
        byte[] data = latin1("abcdef");
        assertSparse(new TarBuilder().raw(old).data(data), "old");
        String pairs = "4096,3,8192,3";
        assertSparse(
                new TarBuilder()
                        .pax("GNU.sparse.size", "32768", "GNU.sparse.map", pairs, "GNU.sparse.name", "v01")
                        .raw(TarBuilder.header(latin1("x"), '0', 6, ""))
                        .data(data),
                "v01");
        byte[] map = Arrays.copyOf(latin1("2\n4096\n3\n8192\n3\n"), 512 + 6);
        System.arraycopy(data, 0, map, 512, 6);
        assertSparse(
                new TarBuilder()
                        .pax("GNU.sparse.major", "1", "GNU.sparse.minor", "0", "GNU.sparse.realsize", "32768")
                        .raw(TarBuilder.header(latin1("v10"), '0', map.length, ""))
                        .data(map),
                "v10");
        assertSparse(
                new TarBuilder()
                        .pax(
                                "GNU.sparse.size",
                                "32768",
                                "GNU.sparse.numblocks",
                                "2",
                                "GNU.sparse.offset",
                                "4096",
                                "GNU.sparse.numbytes",
                                "3",
                                "GNU.sparse.offset",
                                "8192",
                                "GNU.sparse.numbytes",
                                "3")
                        .raw(TarBuilder.header(latin1("v00"), '0', 6, ""))
                        .data(data),
                "v00");
    }

    private static void assertSparse(TarBuilder archive, String name) throws Exception {
        List<Read> all = read(archive.file("after").end());
        assertEquals(List.of(name, "after"), all.stream().map(Read::name).toList());
        TarEntry entry = all.get(0).entry();
        assertEquals(32768, entry.size);
        assertEquals(2, entry.sparse.count());
        assertEquals(4096, entry.sparse.offset(0));
        assertEquals(8192, entry.sparse.offset(1));
        assertArrayEquals(latin1("abcdef"), all.get(0).data());
    }

    @Test
    void sparseMapsThatLie() {
        for (String map : List.of("0,7", "8192,3,4096,3", "4096,3,4097,3", "4096,3,8192", "32767,6", "1,x", "-1,6")) {
            refused(new TarBuilder()
                    .pax("GNU.sparse.size", "32768", "GNU.sparse.map", map)
                    .raw(TarBuilder.header(latin1("x"), '0', 6, ""))
                    .data(latin1("abcdef"))
                    .end());
        }
        for (String map :
                List.of("9223372036854775807\n", "2\n1\n", "1\nx\n1\n", "\n", "1\n99999999999999999999999999")) {
            refused(new TarBuilder()
                    .pax("GNU.sparse.major", "1", "GNU.sparse.minor", "0", "GNU.sparse.realsize", "32768")
                    .raw(TarBuilder.header(latin1("x"), '0', 512, ""))
                    .data(Arrays.copyOf(latin1(map), 512))
                    .end());
        }
    }

    @Test
    void cutAtEveryBlockAndOddPlace() {
        byte[] whole = new TarBuilder()
                .pax("path", "long", "mtime", "1.5")
                .file("a", "z".repeat(1500))
                .symlink("s", "a")
                .unended();
        for (int length = 0; length <= whole.length; length += 256) {
            String message = refused(Arrays.copyOf(whole, length));
            assertTrue(message.contains("cut short"), message);
        }
    }

    @Test
    void oneBitWrongAnywhereInAHeader() {
        byte[] whole = new TarBuilder().file("a", "").end();
        // In the checksum itself a blank is as good as a leading zero.
        for (int i = 0; i < 512; i += i == 147 ? 9 : 1) {
            byte[] wrong = whole.clone();
            wrong[i] ^= 0x10;
            refused(wrong);
        }
    }

    @Test
    void whatIsNoArchive() {
        assertTrue(refused(latin1("<html>".repeat(1000))).contains("not a tar archive"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1000 path=x\n",
                "8 path=x\n",
                "6 a=\n",
                "x path=x\n",
                "path=x\n",
                "10 path=xy",
                "-9 path=x\n",
                "99999999999999999999 path=x\n",
                "6 a b\n",
                "5 =b\n",
                "3 \n",
                "0 path=x\n"
            })
    void extendedHeadersThatLie(String data) {
        refused(new TarBuilder().extended('x', latin1(data)).file("f").end());
    }

    @Test
    void numbersThatAreWrong() {
        for (String uid : List.of("4294967295", "99999999999999999999", "-1", "0x1", "1.5")) {
            refused(new TarBuilder().pax("uid", uid).file("f").end());
        }
        for (String time : List.of("", "x", "1.x", "--1", ".5", "1e5", "99999999999999999999")) {
            if (!time.isEmpty()) {
                refused(new TarBuilder().pax("mtime", time).file("f").end());
            }
        }
        refused(new TarBuilder().pax("size", "9223372036854775807").file("f").end());
        refused(new TarBuilder().pax("size", "100000000000").file("f").end());
        byte[] negative = TarBuilder.header(latin1("f"), '0', 0, "");
        TarBuilder.put(negative, 124, "\u00ff".repeat(12));
        refused(new TarBuilder().raw(negative).end());
    }

    @Test
    void typesThatAreUnknownOrCarryContent() {
        for (char flag : "MNZ9".toCharArray()) {
            refused(new TarBuilder()
                    .raw(TarBuilder.header(latin1("f"), flag, 0, ""))
                    .end());
        }
        for (char flag : "123456".toCharArray()) {
            refused(new TarBuilder()
                    .raw(TarBuilder.header(latin1("f"), flag, 512, "t"))
                    .data(new byte[512])
                    .end());
        }
    }

    @Test
    void headersWithoutEndAndTooLarge() {
        TarBuilder many = new TarBuilder();
        for (int i = 0; i < 100; i++) {
            many.pax("comment", "again");
        }
        refused(many.file("f").end());
        refused(new TarBuilder()
                .raw(TarBuilder.header(latin1("x"), 'x', 1 << 21, ""))
                .data(new byte[1 << 21])
                .end());
    }

    @Test
    void noiseNeverRunsAway() {
        Random random = new Random(7);
        byte[] good = new TarBuilder()
                .pax("path", "long", "SCHILY.xattr.user.a", "b")
                .file("a", "z".repeat(700))
                .hardLink("h", "a")
                .end();
        for (int round = 0; round < 3000; round++) {
            byte[] noisy = good.clone();
            for (int i = 0; i < 1 + random.nextInt(20); i++) {
                noisy[random.nextInt(noisy.length)] = (byte) random.nextInt();
            }
            try {
                read(noisy);
            } catch (NodeException e) {
                assertEquals(Reason.ContentRefused, e.reason());
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }
    }
}
