package dev.veneer.node.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.model.BaseForm;
import dev.veneer.node.model.BaseRecord;
import dev.veneer.node.model.ImageRecord;
import dev.veneer.node.model.PreviousRevision;
import dev.veneer.node.model.SliverRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What must hold of a store at every instant, whatever was cut or failed: read from the plain files. */
final class Invariants {
    private Invariants() {}

    /** Everything that a record names is there and whole. */
    static void assertHold(Store store) throws Exception {
        StoreView view = store.scan();
        assertEquals(List.of(), view.problems(), "unreadable records");
        for (StoredSliver stored : view.slivers().values()) {
            SliverRecord record = stored.record();
            assertWhole(store, record, record.revision());
            for (PreviousRevision previous : record.previous()) {
                assertWhole(store, record, previous.revision());
            }
        }
        for (BaseRecord base : view.bases().values()) {
            Path directory = Path.of(store.layout().absoluteForm(base.digest(), BaseForm.DIR));
            assertEquals("base " + base.digest(), Files.readString(directory.resolve("file")));
            assertEquals("manifest", Files.readString(directory.resolveSibling("manifest")));
        }
        for (ImageRecord image : view.images().values()) {
            if (image.digest() != null) {
                assertTrue(view.bases().containsKey(image.digest()), "the base of image " + image.name());
            }
        }
    }

    private static void assertWhole(Store store, SliverRecord record, int revision) throws IOException {
        Path mark = Path.of(store.layout().absoluteRevision(record.id(), revision), "mark");
        assertEquals(record.id() + "@" + revision, Files.readString(mark));
    }

    /** After the trash is emptied, the store's directories hold nothing but what records name. */
    static void assertNothingLeftOver(Store store) throws Exception {
        for (TrashEntry entry : store.trash().entries()) {
            store.trash().empty(entry, new PlainRemover());
        }
        Path root = Path.of(store.layout().root());
        assertEquals(Set.of(), names(root.resolve("trash")));
        assertEquals(Set.of(), names(root.resolve("staging")));
        assertEquals(Set.of(), names(root.resolve("journal")));
        for (StoredSliver stored : store.scan().slivers().values()) {
            SliverRecord record = stored.record();
            Set<Integer> named = new TreeSet<>(Set.of(record.revision()));
            record.previous().forEach(previous -> named.add(previous.revision()));
            assertEquals(named, new TreeSet<>(stored.revisions()), "revisions of " + record.id());
        }
    }

    static Set<String> names(Path directory) throws IOException {
        try (var list = Files.list(directory)) {
            return list.map(path -> path.getFileName().toString()).collect(Collectors.toSet());
        }
    }
}
