package dev.veneer.node.image;

import static dev.veneer.node.image.TarBuilder.latin1;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.api.Reason;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Archives that try to get out, to fill up or to plant something: the table in docs/import.md, row by row. */
class HostileArchiveIT {
    private ImportFixture fixture;

    @BeforeEach
    void open() throws IOException {
        fixture = new ImportFixture();
    }

    @AfterEach
    void close() throws Exception {
        try {
            try (Stream<Path> all = Files.list(fixture.outside)) {
                assertEquals(List.of(fixture.outside.resolve("canary")), all.toList());
            }
            assertEquals("untouched", Files.readString(fixture.outside.resolve("canary")));
            try (Stream<Path> all = Files.list(fixture.directory)) {
                assertTrue(
                        all.allMatch(p -> p.getFileName().toString().matches("outside|(staging|archive|read)-\\d+")),
                        "something lies outside staging");
            }
        } finally {
            fixture.close();
        }
    }

    private String refused(byte[] archive, ImportLimits limits) {
        NodeException e = assertThrows(NodeException.class, () -> fixture.archive(archive, limits));
        assertEquals(Reason.ContentRefused, e.reason(), e.getMessage());
        assertEquals(Follow.STALLED, e.follow());
        return e.getMessage();
    }

    private String refused(byte[] archive) {
        return refused(archive, ImportLimits.DEFAULT);
    }

    private static Arguments row(String named, TarBuilder archive) {
        return Arguments.of(named, archive.end());
    }

    private static TarBuilder tar() {
        return new TarBuilder();
    }

    static Stream<Arguments> refusedEntries() {
        String far = "../../../../../../../../../tmp/veneer-escaped";
        return Stream.of(
                row("../outside/canary", tar().file("../outside/canary")),
                row("a/../../x", tar().directory("a").file("a/../../x")),
                row("..", tar().directory("..")),
                row(far, tar().file(far)),
                row("a/..", tar().directory("a/..")),
                row("/..", tar().directory("/..")),
                row("lib/f", tar().symlink("lib", "../../outside").file("lib/f")),
                row("abs/canary", tar().symlink("abs", "/etc").file("abs/canary")),
                row("abs/d", tar().symlink("abs", "/tmp").directory("abs/d/")),
                row("abs/l", tar().symlink("abs", "/tmp").symlink("abs/l", "x")),
                row("abs/null", tar().symlink("abs", "/tmp").device("abs/null", '3', 1, 3)),
                row("in/f", tar().directory("real").symlink("in", "real").file("in/f")),
                row("l/h", tar().file("f").symlink("l", "/tmp").hardLink("l/h", "f")),
                row("h", tar().hardLink("h", "../outside/canary")),
                row("h", tar().hardLink("h", "/etc/passwd")),
                row("h", tar().symlink("out", "/etc").hardLink("h", "out/passwd")),
                row("h", tar().hardLink("h", "later").file("later")),
                row("h", tar().hardLink("h", "h")),
                row("h", tar().file("h").hardLink("h", "h")),
                row("h", tar().directory("d").hardLink("h", "d")),
                row("h", tar().hardLink("h", ".")),
                row("h", tar().hardLink("h", "")),
                row("f/g", tar().file("f").file("f/g")),
                row("sda", tar().device("sda", '4', 8, 0)),
                row("wh", tar().device("wh", '3', 0, 0)),
                row("mem", tar().device("mem", '3', 1, 1)),
                row("fuse", tar().device("fuse", '3', 10, 229)),
                row("s", tar().symlink("s", "")),
                row("n\\x00ul", tar().pax("path", "n\0ul").file("x")),
                row("s", tar().pax("linkpath", "n\0ul").symlink("s", "x")),
                row("h", tar().file("f").pax("linkpath", "f\0").hardLink("h", "f")),
                row("", tar().raw(TarBuilder.header(new byte[0], '0', 0, ""))),
                row("x", tar().pax("SCHILY.xattr.trusted.overlay.opaque", "y").directory("x")),
                row(
                        "x",
                        tar().pax("SCHILY.xattr.trusted.overlay.redirect", "/etc")
                                .directory("x")),
                row("x", tar().pax("SCHILY.xattr.trusted.overlay.metacopy", "").file("x")),
                row(
                        "x",
                        tar().pax("SCHILY.xattr.trusted.overlay.overlay.opaque", "y")
                                .directory("x")),
                row("x", tar().pax("SCHILY.xattr.user.overlay.opaque", "y").directory("x")),
                row("x", tar().pax("LIBARCHIVE.xattr.user.overlay.opaque", "eQ").directory("x")),
                row(
                        "x",
                        tar().pax("SCHILY.xattr.user.fuseoverlayfs.opaque", "y").directory("x")),
                row(
                        "x",
                        tar().pax("SCHILY.xattr.security.capability", "nonsense")
                                .file("x")),
                row(
                        "x",
                        tar().pax("SCHILY.xattr.system.posix_acl_access", "nonsense")
                                .file("x")),
                row("x", tar().pax("SCHILY.xattr.user.big", "v".repeat(65537)).file("x")),
                row("x", tar().pax("SCHILY.xattr.user.on-a-link", "y").symlink("x", "y")),
                row("x", tar().pax("SCHILY.xattr.user." + "n".repeat(300), "v").file("x")),
                row(
                        "n",
                        tar().file("n".repeat(50) + "/")
                                .pax("path", "n".repeat(256))
                                .file("x")),
                row("d/d/d", tar().pax("path", "d/".repeat(3000) + "f").file("x")),
                row(
                        "long",
                        tar().pax("path", ("long" + "n".repeat(200) + "/").repeat(21))
                                .file("x")),
                row("huge", sparse("huge", Long.MAX_VALUE)),
                row("huge", sparse("huge", (256L << 30) + 1)));
    }

    private static TarBuilder sparse(String name, long size) {
        return tar().pax("GNU.sparse.size", Long.toString(size), "GNU.sparse.map", "0,1")
                .raw(TarBuilder.header(latin1(name), '0', 1, ""))
                .data(new byte[1]);
    }

    @ParameterizedTest(name = "[{index}] {0}")
    @MethodSource("refusedEntries")
    void isRefusedByName(String named, byte[] archive) {
        String message = refused(archive);
        assertTrue(message.contains("'" + named) || message.contains(named + "'"), message);
    }

    static Stream<Arguments> rootsThatAreNone() {
        return Stream.of(
                row("link", tar().symlink(".", "/etc").file("passwd")),
                row("link", tar().symlink("./", "/etc").file("passwd")),
                row("link", tar().symlink("/", "/etc").file("passwd")),
                row("file", tar().file(".")),
                row("device", tar().device("./", '3', 1, 3)),
                row("hard link", tar().file("f").hardLink(".", "f")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rootsThatAreNone")
    void theRootIsADirectory(String what, byte[] archive) {
        assertTrue(refused(archive).contains("root"), what);
        assertTrue(Files.isDirectory(fixture.tree(), LinkOption.NOFOLLOW_LINKS));
    }

    @Test
    void aLinkReplacedByADirectoryIsNotFollowed() throws Exception {
        fixture.archive(tar().symlink("x", "../../outside")
                .directory("x/")
                .file("x/canary", "inside")
                .end());
        assertEquals("inside", Files.readString(fixture.tree().resolve("x/canary")));
    }

    @Test
    void aDirectoryReplacedByALinkIsNotFollowed() {
        String message = refused(tar().directory("x")
                .file("x/a")
                .symlink("x", "../../outside")
                .file("x/canary")
                .end());
        assertTrue(message.contains("x/canary"), message);
    }

    @Test
    void aHardLinkToALinkIsTheLinkItself() throws Exception {
        fixture.archive(tar().symlink("s", "/etc/passwd").hardLink("h", "s").end());
        Path link = fixture.tree().resolve("h");
        assertTrue(Files.isSymbolicLink(link));
        assertEquals(
                Files.getAttribute(fixture.tree().resolve("s"), "unix:ino", LinkOption.NOFOLLOW_LINKS),
                Files.getAttribute(link, "unix:ino", LinkOption.NOFOLLOW_LINKS));
    }

    @Test
    void writingThroughAHardLinkedLinkIsReplacingIt() throws Exception {
        fixture.archive(tar().symlink("s", "../../outside/canary")
                .hardLink("h", "s")
                .file("h", "new")
                .end());
        assertEquals("new", Files.readString(fixture.tree().resolve("h")));
        assertFalse(Files.isSymbolicLink(fixture.tree().resolve("h")));
    }

    @Test
    void theLastOfDuplicatesWins() throws Exception {
        fixture.archive(tar().file("f", "one")
                .hardLink("g", "f")
                .file("f", "two")
                .file("d", "file")
                .directory("d/")
                .file("d/x")
                .directory("e/")
                .file("e/x")
                .file("e", "file now")
                .end());
        assertEquals("two", Files.readString(fixture.tree().resolve("f")));
        assertEquals("one", Files.readString(fixture.tree().resolve("g")));
        assertTrue(Files.exists(fixture.tree().resolve("d/x")));
        assertEquals("file now", Files.readString(fixture.tree().resolve("e")));
        try (Stream<Path> all = Files.list(fixture.staging())) {
            assertEquals(2, all.count(), "only tree and manifest remain");
        }
        assertArrayEquals(fixture.manifestByReading(), fixture.manifest());
    }

    @Test
    void limitsHold() {
        ImportLimits few = new ImportLimits(10, 1000, 5, 100, 4);
        TarBuilder many = tar();
        for (int i = 0; i < 11; i++) {
            many.file("d" + i + "/f", "");
        }
        assertTrue(refused(many.end(), few).contains("10 entries"));
        assertTrue(refused(
                        tar().file("a", "x".repeat(600))
                                .file("b", "x".repeat(600))
                                .end(),
                        few)
                .contains("'b'"));
        assertTrue(refused(tar().file("1/2/3/4/5/6").end(), few).contains("deep"));
        assertTrue(refused(tar().pax("path", "n".repeat(99) + "/x").file("x").end(), few)
                .contains("101 bytes"));
        TarBuilder wide = tar();
        for (int i = 0; i < 5; i++) {
            wide.file("w/" + i, "");
        }
        assertTrue(refused(wide.end(), few).contains("more than 4 names"));
    }

    @Test
    void aBombStopsAtTheLimit() throws Exception {
        ByteArrayOutputStream bomb = new ByteArrayOutputStream();
        try (OutputStream gzip = new GZIPOutputStream(bomb)) {
            byte[] header = TarBuilder.header(latin1("bomb"), '0', 1L << 30, "");
            gzip.write(new TarBuilder().raw(header).unended());
            byte[] zeros = new byte[1 << 20];
            for (int i = 0; i < 64; i++) {
                gzip.write(zeros);
            }
        }
        String message = refused(bomb.toByteArray(), new ImportLimits(1000, 32 << 20, 100, 4095, 1000));
        assertTrue(message.contains("'bomb'") && message.contains("limit"), message);
        assertFalse(Files.exists(fixture.tree().resolve("bomb")), "refused before anything is written");
        assertTrue(refused(bomb.toByteArray()).contains("cut short"));
    }

    @Test
    void zerosBehindTheEndAreLimited() throws Exception {
        ByteArrayOutputStream bomb = new ByteArrayOutputStream();
        try (OutputStream gzip = new GZIPOutputStream(bomb)) {
            gzip.write(tar().file("f").end());
            byte[] zeros = new byte[1 << 20];
            for (int i = 0; i < 80; i++) {
                gzip.write(zeros);
            }
        }
        assertTrue(refused(bomb.toByteArray()).contains("end marker"));
    }

    @Test
    void damagedCompressionIsTold() throws Exception {
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        try (OutputStream gzip = new GZIPOutputStream(whole)) {
            gzip.write(tar().file("f", "x".repeat(5000)).end());
        }
        byte[] bytes = whole.toByteArray();
        for (int length = 1; length < bytes.length; length += 7) {
            refused(Arrays.copyOf(bytes, length));
        }
        byte[] wrongSum = bytes.clone();
        wrongSum[bytes.length - 6] ^= 1;
        refused(wrongSum);
        assertTrue(refused(new byte[0]).contains("empty"));
        assertTrue(refused(latin1("BZh91AY&SY")).contains("bzip2"));
        refused(latin1("\u00fd7zXZ\0nonsense"));
        refused(latin1("(\u00b5/\u00fdnonsense"));
    }

    @Test
    void anAttributeOfAnotherMachineIsDroppedAndCounted() throws Exception {
        ImportResult result =
                fixture.archive(tar().pax("SCHILY.xattr.security.selinux", "x", "RHT.security.selinux", "y")
                        .file("a")
                        .pax("SCHILY.xattr.trusted.mine", "x", "SCHILY.xattr.user.kept", "k")
                        .file("b")
                        .end());
        assertEquals(
                List.of("2 × attribute security.selinux left out", "1 × attribute trusted.mine left out"),
                result.notices());
        assertEquals(
                "k",
                new String(
                        (byte[]) Files.getAttribute(fixture.tree().resolve("b"), "user:kept"),
                        StandardCharsets.US_ASCII));
    }
}
