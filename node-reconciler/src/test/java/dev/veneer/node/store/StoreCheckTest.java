package dev.veneer.node.store;

import static dev.veneer.node.store.Samples.NOW;
import static dev.veneer.node.store.Samples.REAL;
import static dev.veneer.node.store.Samples.id;
import static dev.veneer.node.store.Samples.next;
import static dev.veneer.node.store.Samples.sliver;
import static dev.veneer.node.store.Samples.stage;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.Directory;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.model.BaseForm;
import dev.veneer.node.model.BaseRecord;
import dev.veneer.node.model.Digest;
import dev.veneer.node.model.RollbackState;
import dev.veneer.node.model.SliverRecord;
import dev.veneer.node.store.Finding.Kind;
import dev.veneer.node.tree.ManifestSummary;
import dev.veneer.node.tree.TreeLimits;
import dev.veneer.node.tree.TreeManifest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every damage that is planted is found, and what can be repaired without risk is. */
class StoreCheckTest {
    @TempDir(factory = InMemory.class)
    Path temporary;

    private Path root;
    private Digest base;

    @BeforeEach
    void makeASoundStore() throws Exception {
        root = temporary.resolve("store");
        try (Store store = Store.open(REAL, root.toString(), "test")) {
            try (Batch batch = store.begin()) {
                base = stageRealBase(batch);
                batch.replace(Samples.image("debian", base));
                assertTrue(batch.commit().failed().isEmpty());
            }
            try (Batch batch = store.begin()) {
                stage(store, batch, on(base, sliver(id("web"))));
                stage(store, batch, on(base, sliver(id("db"))));
                assertTrue(batch.commit().failed().isEmpty());
            }
            store.scan();
            // The index remembers only what has settled for longer than the kernel's clock tick.
            Thread.sleep(60);
            store.scan();
            store.rebuildIndex();
        }
        assertEquals(Set.of(), check(true), "nothing is wrong yet");
    }

    private static SliverRecord on(Digest digest, SliverRecord r) {
        return new SliverRecord(
                r.id(),
                r.uid(),
                r.generation(),
                r.sourceId(),
                r.createdAt(),
                r.canonicalSpec(),
                r.driver(),
                r.driverReason(),
                r.store(),
                r.rootfs(),
                r.baseName(),
                digest,
                r.revision(),
                r.instanceSerial(),
                r.idRange(),
                r.previous(),
                List.of(),
                RollbackState.NONE,
                List.of(),
                null,
                r.retainedAt(),
                r.dataDeleted());
    }

    private static Digest stageRealBase(Batch batch) throws Exception {
        StagedBase staged = batch.stageBase();
        Path tree = Files.createDirectory(Path.of(staged.tree(BaseForm.DIR)));
        Files.writeString(Files.createDirectory(tree.resolve("etc")).resolve("hostname"), "debian\n");
        try (Directory directory = Directory.open(REAL, staged.directory());
                Directory root = Directory.open(REAL, tree.toString())) {
            int out = REAL.openat2(
                    directory.number(), PathBytes.of("manifest"), Abi.O_RDWR | Abi.O_CREAT | Abi.O_EXCL, 0600, 0);
            try {
                ManifestSummary summary =
                        new TreeManifest(REAL, TreeLimits.DEFAULT).write(root.number(), out, directory.number());
                staged.complete(new BaseRecord(
                        summary.digest(),
                        summary.bytes(),
                        summary.entries(),
                        NOW,
                        Set.of(BaseForm.DIR),
                        null,
                        Duration.ofHours(1)));
                return summary.digest();
            } finally {
                REAL.close(out);
            }
        }
    }

    private Set<Kind> check(boolean contents) throws Exception {
        Set<Kind> kinds = new TreeSet<>();
        for (Finding finding : findings(contents)) {
            assertTrue(finding.path().startsWith(root.toString()), finding.path());
            assertFalse(finding.message().isEmpty() || finding.remedy().isEmpty(), finding::toString);
            kinds.add(finding.kind());
        }
        return kinds;
    }

    private List<Finding> findings(boolean contents) throws Exception {
        return new StoreCheck(REAL, root.toString()).run(contents, (digest, count) -> {});
    }

    /** Repairs; the kinds of what is left. */
    private Set<Kind> repair() throws Exception {
        new StoreRepair(REAL, root.toString()).run(findings(true), "test");
        return check(true);
    }

    private Path sliverFile(String path) {
        return root.resolve("slivers/default/web/" + path);
    }

    private Path baseFile(String name) {
        return root.resolve("bases").resolve(base.hex()).resolve(name);
    }

    private static void remove(Path top) throws IOException {
        try (var walk = Files.walk(top)) {
            List<Path> paths = new ArrayList<>(walk.toList());
            java.util.Collections.reverse(paths);
            for (Path path : paths) {
                Files.delete(path);
            }
        }
    }

    @Test
    void lostOrDamagedFormat() throws Exception {
        Files.delete(root.resolve("format"));
        assertEquals(Set.of(Kind.FormatMissing), check(false));
        NodeException refused = assertThrows(NodeException.class, () -> Store.open(REAL, root.toString(), "test"));
        assertTrue(String.valueOf(refused.getMessage()).contains("store check --repair"));
        assertEquals(Set.of(), repair());
        Files.writeString(root.resolve("format"), "{\"veneerStore\":");
        assertEquals(Set.of(Kind.FormatDamaged), check(false));
        assertThrows(NodeException.class, () -> Store.open(REAL, root.toString(), "test"));
        assertEquals(Set.of(), repair());
        Store.open(REAL, root.toString(), "test").close();
        Files.writeString(root.resolve("format"), "{\"veneerStore\":99,\"id\":\"" + new java.util.UUID(1, 2) + "\"}");
        assertEquals(Set.of(Kind.FormatUnknown), check(false));
    }

    @Test
    void lostRecordIsRestoredFromTheIndex() throws Exception {
        Files.delete(sliverFile("record.json"));
        assertEquals(Set.of(Kind.RecordMissing, Kind.IndexStale), check(false));
        try (Store store = Store.open(REAL, root.toString(), "test")) {
            assertEquals(1, store.recovery().notes().size());
            assertEquals(2, store.scan().slivers().size());
            assertEquals(List.of(), store.restoreRecords());
        }
        assertFalse(check(false).contains(Kind.RecordMissing));
    }

    @Test
    void damagedRecordIsRestoredFromMemoryUnlessItMayBeOutdated() throws Exception {
        try (Store store = Store.open(REAL, root.toString(), "test")) {
            store.scan();
            Files.writeString(sliverFile("record.json"), "{}");
            assertEquals(List.of(id("web")), store.restoreRecords());
            Files.writeString(sliverFile("record.json"), "garbage");
            Files.createDirectory(sliverFile("revisions/2"));
            assertEquals(List.of(), store.restoreRecords(), "the lost record may have named revision 2");
        }
        assertTrue(check(false).contains(Kind.RecordDamaged));
        assertTrue(repair().contains(Kind.RecordDamaged), "nobody knows what it said");
        assertTrue(Files.isDirectory(sliverFile("revisions/2")));
    }

    @Test
    void recordsWithFieldsOfTheFutureAreRefused() throws Exception {
        String text = Files.readString(sliverFile("record.json"));
        Files.writeString(sliverFile("record.json"), text.replaceFirst("\\{", "{\"colour\":\"red\","));
        Finding finding = findings(false).get(0);
        assertEquals(Kind.RecordDamaged, finding.kind());
        assertTrue(finding.message().contains("colour"), finding.message());
        assertTrue(finding.message().contains("newer version"), finding.message());
    }

    @Test
    void lostAndUnnamedRevisions() throws Exception {
        remove(sliverFile("revisions/1"));
        Files.createDirectory(root.resolve("slivers/default/db/revisions/7"));
        assertEquals(Set.of(Kind.RevisionMissing, Kind.RevisionUnnamed), check(false));
        assertEquals(Set.of(Kind.RevisionMissing, Kind.TrashWaiting), repair());
    }

    @Test
    void basesWithoutRecordManifestOrTree() throws Exception {
        Files.delete(baseFile("meta.json"));
        assertEquals(Set.of(Kind.BaseRecordMissing, Kind.BaseMissing), check(false));
        assertEquals(Set.of(), repair());
        Path manifest = baseFile("manifest");
        byte[] whole = Files.readAllBytes(manifest);
        byte[] flipped = whole.clone();
        flipped[whole.length / 3] ^= 1;
        Files.write(manifest, flipped);
        assertEquals(Set.of(Kind.ManifestDamaged), check(false));
        Files.write(manifest, java.util.Arrays.copyOf(whole, whole.length / 2));
        assertEquals(Set.of(Kind.ManifestDamaged), check(false));
        Files.delete(manifest);
        assertEquals(Set.of(Kind.ManifestMissing), check(false));
        Files.delete(baseFile("meta.json"));
        assertTrue(repair().contains(Kind.BaseRecordMissing), "without a manifest nothing says what it is");
        Files.write(manifest, whole);
        assertEquals(Set.of(), repair());
        remove(baseFile("dir"));
        assertEquals(Set.of(Kind.BaseTreeMissing), check(false));
        remove(root.resolve("bases").resolve(base.hex()));
        assertEquals(Set.of(Kind.BaseMissing), check(false));
        assertEquals(3, findings(false).size(), "two slivers and an image");
    }

    @Test
    void aTreeThatIsNotWhatWasImported() throws Exception {
        Files.writeString(baseFile("dir/etc/hostname"), "Debian\n");
        Files.writeString(baseFile("dir/etc/added"), "");
        assertEquals(Set.of(), check(false), "contents are read only when asked for");
        Finding finding = findings(true).get(0);
        assertEquals(Kind.TreeDiffers, finding.kind());
        assertTrue(finding.message().contains("/etc/hostname (changed)"), finding.message());
        assertTrue(finding.message().contains("/etc/added (added)"), finding.message());
        Files.delete(baseFile("dir/etc/hostname"));
        assertTrue(findings(true).get(0).message().contains("/etc/hostname (missing)"));
    }

    @Test
    void wrongModesForeignFilesAndLeftovers() throws Exception {
        Files.setPosixFilePermissions(sliverFile("revisions"), PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setPosixFilePermissions(root.resolve("bases"), PosixFilePermissions.fromString("rwxrwxrwx"));
        assertEquals(Set.of(Kind.WrongMode), check(false));
        assertEquals(Set.of(), repair());
        Files.writeString(sliverFile(".new-record.json"), "{");
        Files.createDirectories(root.resolve("staging/dead/sliver.overlay.default.x"));
        assertEquals(Set.of(Kind.Unfinished, Kind.TrashWaiting), check(false));
        assertEquals(Set.of(Kind.TrashWaiting), repair());
        remove(root.resolve("staging/dead"));
        List<Path> foreign = List.of(
                root.resolve("notes"),
                sliverFile("notes"),
                sliverFile("revisions/latest"),
                root.resolve("bases/notes"),
                baseFile("notes"),
                root.resolve("slivers/notes"),
                root.resolve("trash/notes"),
                root.resolve("images/notes"));
        for (Path path : foreign) {
            Files.writeString(path, "mine");
        }
        assertEquals(Set.of(Kind.ForeignFile), repair());
        assertEquals(foreign.size(), findings(false).size());
        for (Path path : foreign) {
            assertEquals("mine", Files.readString(path));
        }
    }

    @Test
    void aMissingDirectory() throws Exception {
        Files.delete(root.resolve("scratch"));
        assertEquals(Set.of(Kind.DirectoryMissing), check(false));
        assertEquals(Set.of(), repair());
    }

    @Test
    void damagedAndStaleIndex() throws Exception {
        byte[] index = Files.readAllBytes(root.resolve("index"));
        index[60] ^= 1;
        Files.write(root.resolve("index"), index);
        assertEquals(Set.of(Kind.IndexDamaged), check(false));
        try (Store store = Store.open(REAL, root.toString(), "test")) {
            assertEquals(2, store.scan().slivers().size(), "a damaged index is as good as none");
            store.rebuildIndex();
            try (Batch batch = store.begin()) {
                batch.replace(on(base, next(sliver(id("web")))));
                batch.commit();
            }
            Files.copy(root.resolve("index"), root.resolve("scratch/old"));
        }
        Files.move(
                root.resolve("scratch/old"), root.resolve("index"), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        assertTrue(check(false).contains(Kind.IndexStale));
        assertFalse(repair().contains(Kind.IndexStale));
    }

    @Test
    void sharedRootfsAndOverlappingIds() throws Exception {
        try (Store store = Store.open(REAL, root.toString(), "test");
                Batch batch = store.begin()) {
            SliverRecord web = on(base, Samples.copy(sliver(id("web")), 1, List.of(), 2));
            SliverRecord db = on(base, Samples.copy(sliver(id("db")), 1, List.of(), 2));
            batch.replace(web);
            String text = new String(RecordCodec.encode(db), java.nio.charset.StandardCharsets.UTF_8)
                    .replace("/srv/db", "/srv/web");
            batch.replace(RecordCodec.sliver(JsonObject.parse(text.getBytes(java.nio.charset.StandardCharsets.UTF_8))));
            assertTrue(batch.commit().failed().isEmpty());
        }
        Set<Kind> found = check(false);
        assertTrue(found.containsAll(Set.of(Kind.IdRangesOverlap, Kind.RootfsShared)), found::toString);
    }

    @Test
    void besideARunningWriterWorkInProgressIsNotTold() throws Exception {
        try (Store store = Store.open(REAL, root.toString(), "test");
                Batch batch = store.begin()) {
            stage(store, batch, on(base, sliver(id("new"))));
            assertEquals(Set.of(), check(false));
        }
        assertEquals(Set.of(Kind.TrashWaiting), check(false));
    }

    @Test
    void whatIsNoStoreIsNotChecked() {
        assertThrows(
                NodeException.class, () -> new StoreCheck(REAL, temporary.toString()).run(false, (digest, n) -> {}));
    }
}
