package dev.veneer.node.image.export;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.FileType;
import dev.veneer.node.tree.Identity;
import dev.veneer.node.tree.Xattr;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Headers byte by byte, where a reader that is lenient would not notice. */
class TarWriterTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final TarWriter tar = new TarWriter(out);

    private static Identity identity(long seconds, int nanoseconds, int owner, Xattr... xattrs) {
        return new Identity(
                FileType.REGULAR,
                06755,
                owner,
                7,
                seconds,
                nanoseconds,
                0,
                List.of(xattrs),
                0,
                Bytes.EMPTY,
                Bytes.EMPTY,
                0,
                0);
    }

    private static byte[] latin(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private String field(int offset, int length) {
        return new String(out.toByteArray(), offset, length, StandardCharsets.ISO_8859_1);
    }

    /** The records of the extended header that comes first; each has to say its own length. */
    private Map<String, String> records() {
        byte[] all = out.toByteArray();
        assertEquals('x', all[156]);
        int size = Integer.parseInt(field(124, 11), 8);
        Map<String, String> records = new TreeMap<>();
        for (int at = 512; at < 512 + size; ) {
            int blank = at;
            while (all[blank] != ' ') {
                blank++;
            }
            int length = Integer.parseInt(new String(all, at, blank - at, StandardCharsets.US_ASCII));
            assertEquals('\n', all[at + length - 1]);
            String record = new String(all, blank + 1, at + length - blank - 2, StandardCharsets.ISO_8859_1);
            int equals = record.indexOf('=');
            records.put(record.substring(0, equals), record.substring(equals + 1));
            at += length;
        }
        return records;
    }

    @Test
    void whatFitsHasNoExtendedHeader() throws Exception {
        tar.entry(latin("a/b\u00ff\n"), '0', identity(1_700_000_000L, 0, 2097151), 3, new byte[0]);
        tar.content(latin("abc"), 0, 3);
        tar.finish();
        byte[] all = out.toByteArray();
        assertEquals(4 * 512, all.length);
        assertEquals("a/b\u00ff\n\0", field(0, 6));
        assertEquals("0006755\0", field(100, 8));
        assertEquals("7777777\0", field(108, 8));
        assertEquals("0000007\0", field(116, 8));
        assertEquals("00000000003\0", field(124, 12));
        assertEquals("14524770400\0", field(136, 12));
        assertEquals("ustar\00000", field(257, 8));
        int sum = 0;
        for (int i = 0; i < 512; i++) {
            sum += i >= 148 && i < 156 ? ' ' : all[i] & 0xff;
        }
        assertEquals(String.format("%06o\0 ", sum), field(148, 8));
        assertEquals("abc\0", field(512, 4));
        assertArrayEquals(new byte[1024], Arrays.copyOfRange(all, 1024, 2048));
    }

    @ParameterizedTest
    @CsvSource({
        "1,5,1.000000005",
        "0,999999999,0.999999999",
        "-1,500000000,-0.500000000",
        "-1,1,-0.999999999",
        "-2,0,-2",
        "-315619200,250000000,-315619199.750000000",
        "8589934592,0,8589934592"
    })
    void timesBeyondTheHeaderAreRecords(long seconds, int nanoseconds, String text) throws Exception {
        tar.entry(latin("f"), '0', identity(seconds, nanoseconds, 0), 0, new byte[0]);
        assertEquals(Map.of("mtime", text), records());
    }

    @Test
    void aRecordCountsItsOwnDigits() throws Exception {
        for (int length = 1; length < 1100; length++) {
            out.reset();
            String value = "v".repeat(length);
            Xattr xattr = new Xattr(Bytes.utf8("user.x"), Bytes.utf8(value));
            tar.entry(latin("f"), '0', identity(0, 0, 0, xattr), 0, new byte[0]);
            assertEquals(Map.of("SCHILY.xattr.user.x", value), records());
        }
    }

    @Test
    void longNamesLargeNumbersAndBinaryValuesAreRecords() throws Exception {
        String name = "n".repeat(101);
        String link = "l\u00ff".repeat(60);
        Xattr binary = new Xattr(Bytes.utf8("user.a=%"), Bytes.wrap(new byte[] {0, '\n', '=', (byte) 0xff}));
        Xattr empty = new Xattr(Bytes.utf8("user.e"), Bytes.EMPTY);
        tar.entry(latin(name), '2', identity(0, 0, -2, binary, empty), 0, latin(link));
        Map<String, String> records = records();
        assertEquals(name, records.get("path"));
        assertEquals(link, records.get("linkpath"));
        assertEquals("4294967294", records.get("uid"));
        assertFalse(records.containsKey("gid"));
        assertEquals("\0\n=\u00ff", records.get("SCHILY.xattr.user.a%3D%25"));
        assertEquals("", records.get("SCHILY.xattr.user.e"));
        assertTrue(TarWriter.extendedBytes(latin(name), identity(0, 0, 0, binary), latin(link)) > 200);
    }

    @Test
    void whatIsAnnouncedHasToCome() throws Exception {
        tar.entry(latin("f"), '0', identity(0, 0, 0), 3, new byte[0]);
        assertThrows(IllegalStateException.class, () -> tar.content(new byte[4], 0, 4));
        tar.content(new byte[2], 0, 2);
        assertThrows(IllegalStateException.class, tar::finish);
        assertThrows(IllegalStateException.class, () -> tar.entry(latin("g"), '0', identity(0, 0, 0), 0, new byte[0]));
    }

    @Test
    void aLargeSizeIsARecord() throws Exception {
        tar.entry(latin("f"), '0', identity(0, 0, 0), 1L << 33, new byte[0]);
        assertEquals(Map.of("size", "8589934592"), records());
    }
}
