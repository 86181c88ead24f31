package dev.veneer.node.store;

import static dev.veneer.node.store.Samples.BASE;
import static dev.veneer.node.store.Samples.REAL;
import static dev.veneer.node.store.Samples.id;
import static dev.veneer.node.store.Samples.next;
import static dev.veneer.node.store.Samples.sliver;
import static dev.veneer.node.store.Samples.stage;
import static dev.veneer.node.store.Samples.stageNext;
import static dev.veneer.node.store.Samples.withoutPrevious;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.api.Reason;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.model.BaseForm;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.model.SliverRecord;
import dev.veneer.node.testkit.Commands;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreTest {
    @TempDir
    Path temporary;

    private Path root() {
        return temporary.resolve("store");
    }

    private Store open() throws Exception {
        return Store.open(REAL, root().toString(), "test");
    }

    @Test
    void makesANewStoreInAnAbsentOrEmptyDirectoryOnly() throws Exception {
        try (Store store = open()) {
            assertTrue(store.recovery().created());
            assertEquals("rwx--x--x", mode(root()));
            assertEquals("rwx--x--x", mode(root().resolve("rootfs")));
            assertEquals("rwx------", mode(root().resolve("slivers")));
            assertTrue(store.scan().slivers().isEmpty());
        }
        try (Store store = open()) {
            assertFalse(store.recovery().created());
        }
        Path foreign = Files.createDirectory(temporary.resolve("home"));
        Files.writeString(foreign.resolve("letter"), "dear");
        NodeException refused = assertThrows(NodeException.class, () -> Store.open(REAL, foreign.toString(), "test"));
        assertEquals(Reason.ForeignObject, refused.reason());
        try (var left = Files.list(foreign)) {
            assertEquals(List.of(foreign.resolve("letter")), left.toList(), "nothing was touched");
        }
    }

    private static String mode(Path path) throws Exception {
        return java.nio.file.attribute.PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    /** As a power cut leaves it on btrfs: the record does not name it, and the journal has lost its intent. */
    @Test
    void aRevisionThatNothingNamesGoesWhenTheStoreIsOpened() throws Exception {
        SliverRecord web = sliver(id("web"));
        try (Store store = open()) {
            try (Batch batch = store.begin()) {
                stage(store, batch, web);
                assertTrue(batch.commit().failed().isEmpty());
            }
        }
        Path revisions = root().resolve("slivers/default/web/revisions");
        Files.createDirectory(revisions.resolve("7"));
        try (Store store = open()) {
            assertFalse(Files.exists(revisions.resolve("7")));
            assertTrue(Files.exists(revisions.resolve("1")));
            TrashEntry left = store.trash().entries().get(0);
            assertEquals(7, left.revision());
            assertEquals(
                    1, store.recovery().notes().size(), store.recovery().notes().toString());
        }
    }

    @Test
    void whatSomebodyElseDidIsFoundByLookingAtEverything() throws Exception {
        try (Store store = open()) {
            for (String name : List.of("one", "two")) {
                try (Batch batch = store.begin()) {
                    stage(store, batch, sliver(id(name)));
                    assertTrue(batch.commit().failed().isEmpty());
                }
            }
            StoreView before = store.scan();
            assertSame(before, store.scanOwnChanges());
            Commands.run("rm", "-r", root().resolve("slivers/default/one").toString());
            assertSame(before, store.scanOwnChanges());
            assertEquals(Set.of(id("two")), store.scan().slivers().keySet());
            assertEquals(Set.of(id("two")), store.scanOwnChanges().slivers().keySet());
        }
    }

    /** Whoever stages believes that there is none; when that was wrong, it must not cost the data that are there. */
    @Test
    void nothingIsMadeOverASliverThatIsThere() throws Exception {
        SliverRecord web = sliver(id("web"));
        Path file = root().resolve("slivers/default/web/revisions/1/owners");
        try (Store store = open()) {
            for (int i = 0; i < 2; i++) {
                try (Batch batch = store.begin()) {
                    stage(store, batch, web);
                    NodeException failure = batch.commit().failed().get(ObjectRef.of(web.id()));
                    assertEquals(i == 0, failure == null);
                    if (i == 1) {
                        assertEquals(Reason.ForeignObject, failure.reason());
                        assertTrue(failure.getMessage().contains("is there already"), failure.getMessage());
                    }
                }
                if (i == 0) {
                    Files.writeString(file, "data");
                }
            }
            assertEquals("data", Files.readString(file));
            assertEquals(web, store.scan().slivers().get(web.id()).record());
        }
        try (Store store = open()) {
            assertEquals(web, store.scan().slivers().get(web.id()).record());
            assertEquals("data", Files.readString(file));
        }
    }

    @Test
    void oneWriterAndAnyNumberOfReaders() throws Exception {
        try (Store store = open()) {
            StoreLockedException locked = assertThrows(StoreLockedException.class, this::open);
            assertTrue(
                    locked.holder()
                            .contains(Long.toString(ProcessHandle.current().pid())),
                    locked.holder());
            assertTrue(locked.holder().contains("(test)"), locked.holder());
            try (Store reader = Store.openReadOnly(REAL, root().toString())) {
                assertEquals(store.id(), reader.id());
                assertThrows(IllegalStateException.class, reader::begin);
            }
        }
        open().close();
    }

    @Test
    void aBatchPublishesSliversBasesAndRecordsTogether() throws Exception {
        try (Store store = open()) {
            Samples.importBase(store, BASE, "debian");
            try (Batch batch = store.begin()) {
                stage(store, batch, sliver(id("web")));
                stage(store, batch, sliver(new SliverId("other", "web")));
                BatchResult result = batch.commit();
                assertEquals(
                        Set.of(ObjectRef.of(id("web")), ObjectRef.of(new SliverId("other", "web"))), result.done());
                assertTrue(result.failed().isEmpty(), result.failed()::toString);
            }
            StoreView view = store.scan();
            assertEquals(sliver(id("web")), view.slivers().get(id("web")).record());
            assertEquals(List.of(1), view.slivers().get(id("web")).revisions());
            assertEquals(Set.of(BaseForm.DIR), view.bases().get(BASE).forms());
            assertEquals(BASE, view.images().get("debian").digest());
            assertEquals(
                    "default/web@1", Files.readString(Path.of(store.layout().absoluteRevision(id("web"), 1), "mark")));
            assertTrue(store.trash().entries().isEmpty());
            try (var staging = Files.list(root().resolve("staging"))) {
                assertEquals(0, staging.count());
            }
        }
    }

    @Test
    void aNewRevisionBecomesTheCurrentOneAndTheOldOneIsThrownAwayLater() throws Exception {
        try (Store store = open()) {
            SliverRecord first = sliver(id("web"));
            commit(store, first);
            SliverRecord second = next(first);
            try (Batch batch = store.begin()) {
                stageNext(store, batch, second);
                assertTrue(batch.commit().failed().isEmpty());
            }
            StoredSliver stored = store.scan().slivers().get(id("web"));
            assertEquals(second, stored.record());
            assertEquals(List.of(1, 2), stored.revisions());
            try (Batch batch = store.begin()) {
                batch.discardRevision(id("web"), 1, "overlay");
                NodeException kept = batch.commit().failed().get(ObjectRef.of(id("web")));
                assertEquals(Reason.InUse, kept.reason(), "the record still names it");
            }
            try (Batch batch = store.begin()) {
                batch.replace(withoutPrevious(second));
                batch.discardRevision(id("web"), 1, "overlay");
                assertTrue(batch.commit().failed().isEmpty());
            }
            assertEquals(List.of(2), store.scan().slivers().get(id("web")).revisions());
            List<TrashEntry> trash = store.trash().entries();
            assertEquals(1, trash.size());
            assertEquals(TrashEntry.Kind.REVISION, trash.get(0).kind());
            store.trash().empty(trash.get(0), new PlainRemover());
            assertTrue(store.trash().entries().isEmpty());
        }
    }

    private static void commit(Store store, SliverRecord record) throws Exception {
        try (Batch batch = store.begin()) {
            stage(store, batch, record);
            assertTrue(batch.commit().failed().isEmpty());
        }
    }

    @Test
    void aDiscardedSliverGoesToTheTrashAndFromThere() throws Exception {
        try (Store store = open()) {
            SliverRecord record = sliver(id("web"));
            commit(store, record);
            store.statuses().write(ObjectRef.of(id("web")), "{}");
            try (Batch batch = store.begin()) {
                batch.discard(record);
                assertTrue(batch.commit().failed().isEmpty());
            }
            assertTrue(store.scan().slivers().isEmpty());
            for (TrashEntry entry : store.trash().entries()) {
                assertEquals("overlay", entry.driver());
                store.trash().empty(entry, new PlainRemover());
            }
            assertTrue(store.trash().entries().isEmpty());
        }
    }

    @Test
    void aBatchThatIsClosedWithoutACommitChangesNothing() throws Exception {
        try (Store store = open()) {
            try (Batch batch = store.begin()) {
                stage(store, batch, sliver(id("web")));
                assertTrue(store.trash().entries().isEmpty(), "still being worked on");
            }
            assertTrue(store.scan().slivers().isEmpty());
            assertEquals(1, store.trash().entries().size());
        }
        try (Store store = open()) {
            assertEquals(1, store.recovery().notes().size());
            store.trash().empty(store.trash().entries().get(0), new PlainRemover());
            try (var staging = Files.list(root().resolve("staging"))) {
                assertEquals(0, staging.count());
            }
        }
    }

    @Test
    void aBaseInUseIsKept() throws Exception {
        try (Store store = open()) {
            Samples.importBase(store, BASE, "debian");
            commit(store, sliver(id("web")));
            try (Batch batch = store.begin()) {
                batch.discardBase(BASE);
                NodeException kept = batch.commit().failed().get(ObjectRef.base(BASE));
                assertEquals(Reason.InUse, kept.reason());
                assertTrue(String.valueOf(kept.getMessage()).contains("default/web"), kept.getMessage());
            }
            try (Batch batch = store.begin()) {
                batch.discard(sliver(id("web")));
                batch.discardBase(BASE);
                assertTrue(batch.commit().failed().isEmpty());
            }
            assertTrue(store.scan().bases().isEmpty());
            assertEquals(2, store.trash().entries().size());
        }
    }

    @Test
    void aBaseIsMarkedAsUsedTogetherWithItsFirstSliver() throws Exception {
        try (Store store = open()) {
            Samples.importBase(store, BASE, "debian");
            mark(store, Samples.NOW);
            try (Batch batch = store.begin()) {
                stage(store, batch, sliver(id("web")));
                batch.replace(Samples.base(BASE).marked(null, Duration.ofHours(24)));
                BatchResult result = batch.commit();
                assertTrue(result.failed().isEmpty());
                assertEquals(Set.of(ObjectRef.of(id("web")), ObjectRef.base(BASE)), result.done());
            }
            assertNull(store.scanOwnChanges().bases().get(BASE).unreferencedSince());
            assertTrue(store.scan().slivers().containsKey(id("web")));
        }
    }

    @Test
    void aSliverIsMadeAlthoughItsBaseCannotBeMarked() throws Exception {
        try (Store store = open()) {
            Samples.importBase(store, BASE, "debian");
            mark(store, Samples.NOW);
            Path inTheWay = Path.of(store.layout().absoluteForm(BASE, BaseForm.DIR))
                    .resolveSibling(StoreLayout.UNFINISHED + StoreLayout.META);
            Files.createDirectories(inTheWay);
            try (Batch batch = store.begin()) {
                stage(store, batch, sliver(id("web")));
                batch.replace(Samples.base(BASE).marked(null, Duration.ofHours(24)));
                assertEquals(
                        Set.of(ObjectRef.base(BASE)), batch.commit().failed().keySet());
            }
            assertTrue(store.scan().slivers().containsKey(id("web")));
            try (Batch batch = store.begin()) {
                batch.discardBase(BASE);
                assertEquals(
                        Reason.InUse,
                        batch.commit().failed().get(ObjectRef.base(BASE)).reason(),
                        "a base that is used stays, whatever its mark says");
            }
        }
    }

    private static void mark(Store store, Instant since) throws Exception {
        try (Batch batch = store.begin()) {
            batch.replace(Samples.base(BASE).marked(since, Duration.ofHours(24)));
            assertTrue(batch.commit().failed().isEmpty());
        }
        assertEquals(since, store.scan().bases().get(BASE).unreferencedSince());
    }

    @Test
    void aSecondImportOfTheSameContentKeepsTheFirst() throws Exception {
        try (Store store = open()) {
            Samples.importBase(store, BASE, "debian");
            Files.writeString(Path.of(store.layout().absoluteForm(BASE, BaseForm.DIR), "first"), "");
            Samples.importBase(store, BASE, "again");
            assertTrue(Files.exists(Path.of(store.layout().absoluteForm(BASE, BaseForm.DIR), "first")));
            assertEquals(Set.of("again", "debian"), store.scan().images().keySet());
            assertEquals(1, store.trash().entries().size());
        }
    }

    @Test
    void aFormIsAddedToABase() throws Exception {
        try (Store store = open()) {
            Samples.importBase(store, BASE, "debian");
            try (Batch batch = store.begin()) {
                Files.createDirectory(Path.of(batch.stageForm(BASE, BaseForm.SUBVOL)));
                assertEquals(
                        Set.of(BaseForm.DIR), store.scan().bases().get(BASE).forms());
                batch.formComplete(BASE, BaseForm.SUBVOL);
                batch.commit();
            }
            assertEquals(
                    Set.of(BaseForm.DIR, BaseForm.SUBVOL),
                    store.scan().bases().get(BASE).forms());
            try (Batch batch = store.begin()) {
                Files.createDirectory(Path.of(batch.stageForm(BASE, BaseForm.SUBVOL)));
            }
            TrashEntry left = store.trash().entries().get(0);
            assertEquals(TrashEntry.Kind.FORM, left.kind());
            store.trash().empty(left, new PlainRemover());
            assertTrue(store.trash().entries().isEmpty());
        }
    }

    @Test
    void whatIsNotOursInTheStoreStopsNothingAndStays() throws Exception {
        open().close();
        List<String> foreign = List.of(
                "bases/README",
                "staging/notes",
                "trash/notes",
                "trash/base.notes",
                "trash/sliver.notes.of.mine",
                "journal/notes",
                "status/sliver.notes");
        for (String path : foreign) {
            Files.writeString(root().resolve(path), "precious");
        }
        Files.createDirectory(root().resolve("journal/directory"));
        Files.createDirectory(root().resolve("journal/directory.json"));
        try (Store store = open()) {
            commit(store, sliver(id("web")));
            assertEquals(Set.of(id("web")), store.scan().slivers().keySet());
            store.statuses().retainAbsent(Set.of());
            assertTrue(store.trash().entries().isEmpty(), store.trash().entries()::toString);
        }
        open().close();
        for (String path : foreign) {
            assertEquals("precious", Files.readString(root().resolve(path)), path);
        }
        Set<String> told = new java.util.TreeSet<>();
        for (Finding finding : new StoreCheck(REAL, root().toString()).run(false, (digest, count) -> {})) {
            if (finding.kind() == Finding.Kind.ForeignFile) {
                told.add(root().relativize(Path.of(finding.path())).toString());
            }
        }
        assertTrue(told.containsAll(foreign), told::toString);
        assertTrue(told.containsAll(List.of("journal/directory", "journal/directory.json")), told::toString);
    }

    @Test
    void whatIsNotOursInABaseOutlivesTheBase() throws Exception {
        try (Store store = open()) {
            Samples.importBase(store, BASE, "debian");
            Path base = root().resolve("bases").resolve(BASE.hex());
            Files.writeString(base.resolve("notes"), "precious");
            Files.createDirectory(base.resolve("mine"));
            Files.writeString(base.resolve("mine/notes"), "precious");
            try (Batch batch = store.begin()) {
                batch.discardBase(BASE);
                assertTrue(batch.commit().failed().isEmpty());
            }
            TrashEntry entry = store.trash().entries().get(0);
            NodeException told =
                    assertThrows(NodeException.class, () -> store.trash().empty(entry, new PlainRemover()));
            assertEquals(Reason.ForeignObject, told.reason());
            Path left = root().resolve(entry.path());
            assertFalse(Files.exists(left.resolve("dir")));
            assertEquals("precious", Files.readString(left.resolve("notes")));
            assertEquals("precious", Files.readString(left.resolve("mine/notes")));
        }
    }

    @Test
    void aScanWithoutAnyChangeReturnsTheSameView() throws Exception {
        try (Store store = open()) {
            commit(store, sliver(id("web")));
            store.scan();
            Thread.sleep(60);
            StoreView settled = store.scan();
            assertSame(settled, store.scan());
            assertTrue(store.statuses().write(ObjectRef.of(id("web")), "{\"a\":1}"));
            assertFalse(store.statuses().write(ObjectRef.of(id("web")), "{\"a\":1}"));
            assertEquals(
                    "{\"a\":1}", store.statuses().read(ObjectRef.of(id("web"))).orElseThrow());
            Thread.sleep(60);
            store.scan();
            Files.writeString(root().resolve("slivers/default/web/record.json"), "{\"sliver\":");
            StoreView damaged = store.scan();
            assertTrue(damaged.slivers().isEmpty());
            assertEquals(ObjectRef.of(id("web")), damaged.problems().get(0).item());
        }
    }
}
