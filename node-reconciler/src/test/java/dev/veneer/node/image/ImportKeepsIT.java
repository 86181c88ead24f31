package dev.veneer.node.image;

import static dev.veneer.node.image.TarBuilder.latin1;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.luben.zstd.ZstdOutputStream;
import dev.veneer.api.Reason;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.Statx;
import dev.veneer.node.model.ImageSource;
import dev.veneer.node.tree.FileType;
import dev.veneer.node.tree.Identity;
import dev.veneer.node.tree.ManifestEntry;
import dev.veneer.node.tree.ManifestReader;
import dev.veneer.node.tree.Xattr;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

/** What an import keeps, by the manifest that it makes, and that this manifest is true. */
class ImportKeepsIT {
    private ImportFixture fixture;

    @BeforeEach
    void open() throws IOException {
        fixture = new ImportFixture();
    }

    @AfterEach
    void close() throws Exception {
        fixture.close();
    }

    private ManifestEntry record(String path) throws Exception {
        int staging = fixture.open(fixture.staging(), Abi.O_RDONLY | Abi.O_DIRECTORY);
        try (ManifestReader reader = ManifestReader.open(fixture.calls, staging, latin1("manifest"))) {
            reader.verify();
            return reader.find(latin1(path));
        } finally {
            fixture.calls.close(staging);
        }
    }

    private void assertTrueManifest() throws Exception {
        assertArrayEquals(fixture.manifestByReading(), fixture.manifest());
    }

    @Test
    void everythingThatIdentityNames() throws Exception {
        byte[] suid = TarBuilder.header(latin1("suid"), '0', 3, "");
        TarBuilder.put(suid, 100, "0006755\0");
        TarBuilder.put(suid, 108, "0001750\0");
        TarBuilder.put(suid, 116, "0001751\0");
        String capability = "\1\0\0\2\0\40\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
        fixture.archive(new TarBuilder()
                .pax("SCHILY.xattr.security.capability", capability, "mtime", "1600000000.123456789")
                .raw(suid)
                .data(latin1("abc"))
                .device("null", '3', 1, 3)
                .device("fifo", '6', 0, 0)
                .directory("sticky/", 01777)
                .pax("mtime", "-5.25")
                .symlink("link", "\u00ff target")
                .hardLink("also", "suid")
                .pax("SCHILY.fflags", "schg")
                .file("immutable")
                .pax("SCHILY.xattr.user.b", "2", "SCHILY.xattr.user.a", "1")
                .file("marked")
                .end());
        Identity identity = record("suid").identity();
        assertEquals(06755, identity.permissions());
        assertEquals(1000, identity.uid());
        assertEquals(1001, identity.gid());
        assertEquals(1_600_000_000, identity.mtimeSec());
        assertEquals(123_456_789, identity.mtimeNsec());
        assertEquals(3, identity.size());
        assertEquals(
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
                identity.content().hex());
        assertArrayEquals(latin1(capability), identity.xattrs().get(0).value().array());
        assertEquals(FileType.CHARACTER_DEVICE, record("null").identity().type());
        assertEquals(3, record("null").identity().deviceMinor());
        assertEquals(FileType.FIFO, record("fifo").identity().type());
        assertEquals(01777, record("sticky").identity().permissions());
        assertArrayEquals(
                latin1("\u00ff target"), record("link").identity().target().array());
        assertEquals(-6, record("link").identity().mtimeSec());
        assertEquals(750_000_000, record("link").identity().mtimeNsec());
        // The first path of the group is the first in order, not the first in the archive.
        assertEquals(0, record("also").firstLink().length());
        assertArrayEquals(latin1("also"), record("suid").firstLink().array());
        assertEquals(record("also").identity(), record("suid").identity());
        assertEquals(Identity.IMMUTABLE, record("immutable").identity().flags());
        assertEquals(
                List.of("user.a", "user.b"),
                record("marked").identity().xattrs().stream()
                        .map(x -> x.name().toString())
                        .toList());
        Identity root = record("").identity();
        assertEquals(0755, root.permissions());
        assertEquals(0, root.mtimeSec());
        assertNull(record("absent"));
        assertTrueManifest();
    }

    @Test
    void impliedDirectoriesAndStrippedSlashes() throws Exception {
        ImportResult one = fixture.archive(new TarBuilder().file("a/b/c", "x").end());
        assertEquals(0755, record("a/b").identity().permissions());
        assertEquals(0, record("a/b").identity().mtimeSec());
        ImportResult two =
                fixture.archive(new TarBuilder().file("//./a//b/./c", "x").end());
        assertEquals(one.digest(), two.digest());
        assertEquals(4, two.files());
        assertEquals(1, two.bytes());
    }

    @Test
    void timesOfDirectoriesSurviveWhatIsPutIntoThem() throws Exception {
        fixture.archive(new TarBuilder()
                .pax("mtime", "1000.000000001")
                .directory("d/")
                .file("d/a")
                .directory("d/e")
                .file("x")
                .file("d/e/late")
                .pax("mtime", "99.5")
                .directory("./")
                .end());
        assertEquals(1000, record("d").identity().mtimeSec());
        assertEquals(1, record("d").identity().mtimeNsec());
        assertEquals(99, record("").identity().mtimeSec());
        assertTrueManifest();
    }

    @Test
    void aDefaultAccessControlListIsNotInherited() throws Exception {
        String acl = "user::rwx,user:7:rwx,group::r-x,mask::rwx,other::r-x";
        fixture.archive(new TarBuilder()
                .pax("SCHILY.acl.default", acl, "SCHILY.acl.access", acl)
                .directory("d/", 0775)
                .file("d/f")
                .directory("d/sub")
                .device("d/null", '3', 1, 3)
                .file("d/implied/f")
                .end());
        List<Xattr> kept = record("d").identity().xattrs();
        assertEquals(2, kept.size());
        for (String path : List.of("d/f", "d/sub", "d/null", "d/implied", "d/implied/f")) {
            assertEquals(List.of(), record(path).identity().xattrs(), path);
        }
        assertTrueManifest();
    }

    @Test
    void aSecondEntryForADirectoryReplacesItsAttributes() throws Exception {
        fixture.archive(new TarBuilder()
                .pax("SCHILY.xattr.user.old", "x")
                .directory("d/", 0700)
                .file("d/f")
                .pax("SCHILY.xattr.user.new", "y")
                .directory("d/", 0711)
                .end());
        Identity identity = record("d").identity();
        assertEquals(0711, identity.permissions());
        assertEquals("user.new", identity.xattrs().get(0).name().toString());
        assertEquals(1, identity.xattrs().size());
        assertNotNull(record("d/f"));
    }

    @Test
    void sparseFilesStaySparseAndHaveTheDigestOfTheirZeros() throws Exception {
        long size = 64 << 20;
        byte[] plain = new byte[(int) size];
        plain[1 << 20] = 'x';
        ImportResult sparse = fixture.archive(new TarBuilder()
                .pax("GNU.sparse.size", Long.toString(size), "GNU.sparse.map", (1 << 20) + ",1")
                .raw(TarBuilder.header(latin1("f"), '0', 1, ""))
                .data(latin1("x"))
                .end());
        long blocks = blocks(fixture.tree().resolve("f"));
        assertTrue(blocks <= 256, "allocated " + blocks + " blocks");
        assertTrueManifest();
        ImportResult full = fixture.archive(new TarBuilder()
                .raw(TarBuilder.header(latin1("f"), '0', size, ""))
                .data(plain)
                .end());
        assertEquals(full.digest(), sparse.digest());
        ImportResult copied = fixture.run(new ImageSource.Directory(
                fixture.directory.resolve("staging-1/dir").toString()));
        assertEquals(sparse.digest(), copied.digest());
        assertTrue(blocks(fixture.tree().resolve("f")) <= 256, "the copy is sparse too");
    }

    private long blocks(Path file) throws Exception {
        int fd = fixture.open(file, Abi.O_RDONLY);
        try {
            Statx stat = new Statx();
            fixture.calls.statx(fd, new byte[0], Abi.AT_EMPTY_PATH, Abi.STATX_BASIC_STATS, stat);
            return stat.blocks;
        } finally {
            fixture.calls.close(fd);
        }
    }

    @Test
    void anEmptyArchiveIsAnEmptyTree() throws Exception {
        ImportResult result = fixture.archive(new TarBuilder().end());
        assertEquals(1, result.files());
        assertEquals(0, result.bytes());
    }

    @Test
    void theDeclaredDigestIsChecked() throws Exception {
        byte[] bytes = new TarBuilder().file("f").end();
        Path file = Files.write(fixture.directory.resolve("archive-9"), bytes);
        String digest = "sha256:"
                + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        String url = file.toUri().toString();
        fixture.run(ImportFixture.archiveAt(url, digest));
        NodeException e = assertThrows(
                NodeException.class, () -> fixture.run(ImportFixture.archiveAt(url, "sha256:" + "0".repeat(64))));
        assertEquals(Reason.DigestMismatch, e.reason());
        Files.write(file, latin1("trailing"), StandardOpenOption.APPEND);
        assertThrows(NodeException.class, () -> fixture.run(ImportFixture.archiveAt(url, digest)));
        e = assertThrows(NodeException.class, () -> fixture.run(ImportFixture.archiveAt(url + "-missing", digest)));
        assertEquals(Reason.FetchFailed, e.reason());
        // A wrong first address, a right mirror: the tree holds the mirror's content only.
        Files.write(file, new TarBuilder().file("other").end());
        Path mirror = Files.write(fixture.directory.resolve("archive-8"), bytes);
        fixture.run(ImportFixture.archiveAt(url, digest, mirror.toUri().toString()));
        assertNull(record("other"));
        assertNotNull(record("f"));
    }

    @Test
    void randomTreesHaveOneDigestHoweverTheyCome() throws Exception {
        for (int seed = 0; seed < 12; seed++) {
            RandomTree tree = new RandomTree(new Random(seed));
            ImportResult archive = fixture.archive(tree.archive(false));
            assertTrueManifest();
            byte[] manifest = fixture.manifest();
            Path imported = fixture.tree();
            assertEquals(archive.digest(), fixture.archive(tree.archive(true)).digest(), "shuffled, seed " + seed);
            assertArrayEquals(manifest, fixture.manifest());
            ImportResult copied = fixture.run(new ImageSource.Directory(imported.toString()));
            assertEquals(archive, copied, "copied, seed " + seed);
            assertArrayEquals(manifest, fixture.manifest());
        }
    }

    @Test
    void cancelledBetweenEntries() throws Exception {
        Path file = Files.write(
                fixture.directory.resolve("archive-7"),
                new TarBuilder().file("a").file("b").end());
        Path staging = Files.createDirectory(fixture.directory.resolve("staging-77"));
        ImportListener listener = new ImportListener() {
            private int asked;

            @Override
            public void progress(ImportProgress progress) {}

            @Override
            public boolean cancelled() {
                return ++asked > 1;
            }
        };
        ImportRequest request = new ImportRequest(
                ImportFixture.archiveAt(file.toUri().toString(), null), staging.toString(), ImportLimits.DEFAULT, null);
        NodeException e = assertThrows(NodeException.class, () -> new Importer(fixture.calls).run(request, listener));
        assertEquals(Reason.Progressing, e.reason());
        assertTrue(Files.exists(staging.resolve("dir/a")));
        assertTrue(Files.notExists(staging.resolve("dir/b")));
    }

    @Test
    void compressedOneWayOrAnotherItIsTheSame() throws Exception {
        byte[] plain = new RandomTree(new Random(99)).archive(false);
        ImportResult expected = fixture.archive(plain);
        ByteArrayOutputStream gzip = new ByteArrayOutputStream();
        try (var out = new GZIPOutputStream(gzip)) {
            out.write(plain);
        }
        ByteArrayOutputStream zstd = new ByteArrayOutputStream();
        zstd.writeBytes(new byte[] {0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 1, 2, 3, 4});
        try (var out = new ZstdOutputStream(zstd)) {
            out.write(plain);
        }
        ByteArrayOutputStream xz = new ByteArrayOutputStream();
        try (var out = new XZOutputStream(xz, new LZMA2Options(1))) {
            out.write(plain);
        }
        for (byte[] archive : List.of(gzip.toByteArray(), zstd.toByteArray(), xz.toByteArray())) {
            assertEquals(expected, fixture.archive(archive));
        }
    }
}
