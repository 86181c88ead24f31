package dev.veneer.node.store;

import static dev.veneer.node.store.Samples.BASE;
import static dev.veneer.node.store.Samples.REAL;
import static dev.veneer.node.store.Samples.digest;
import static dev.veneer.node.store.Samples.id;
import static dev.veneer.node.store.Samples.image;
import static dev.veneer.node.store.Samples.next;
import static dev.veneer.node.store.Samples.sliver;
import static dev.veneer.node.store.Samples.stage;
import static dev.veneer.node.store.Samples.stageNext;
import static dev.veneer.node.store.Samples.withoutPrevious;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.model.SliverRecord;
import java.util.Set;

/** A store in which one of everything changes in one batch, for tests that cut it. */
final class Scenario {
    static final SliverRecord WEB = sliver(id("web"));
    static final SliverRecord DB = sliver(id("db"));
    static final SliverRecord OLD = sliver(id("old"));
    static final SliverRecord NEW = sliver(id("new"));
    static final SliverRecord DB_NEXT = next(DB);
    static final SliverRecord WEB_NEXT = next(WEB);
    static final SliverRecord WEB_LAST = withoutPrevious(WEB_NEXT);

    private Scenario() {}

    /** A store with a base, three slivers, one of them with a previous revision. */
    static void prepare(String root) throws Exception {
        try (Store store = Store.open(REAL, root, "test")) {
            Samples.importBase(store, BASE, "debian");
            try (Batch batch = store.begin()) {
                stage(store, batch, WEB);
                stage(store, batch, DB);
                stage(store, batch, OLD);
                batch.commit();
            }
            try (Batch batch = store.begin()) {
                stageNext(store, batch, WEB_NEXT);
                assertTrue(batch.commit().failed().isEmpty());
            }
            Invariants.assertHold(store);
        }
    }

    /** One of everything that a batch can do. */
    static BatchResult change(LinuxCalls calls, String root) throws Exception {
        try (Store store = Store.open(calls, root, "test")) {
            try (Batch batch = store.begin()) {
                stage(store, batch, NEW);
                stageNext(store, batch, DB_NEXT);
                batch.replace(WEB_LAST);
                batch.discardRevision(WEB.id(), 1, "overlay");
                batch.discard(OLD);
                Samples.stageBase(store, batch, digest(2));
                batch.replace(image("second", digest(2)));
                return batch.commit();
            }
        }
    }

    /** Every sliver and image is old or new. */
    static void assertOldOrNew(Store store) throws Exception {
        Invariants.assertHold(store);
        StoreView view = store.scan();
        assertTrue(Set.of(WEB_NEXT, WEB_LAST).contains(record(view, WEB)), () -> "web is " + record(view, WEB));
        assertTrue(Set.of(DB, DB_NEXT).contains(record(view, DB)), () -> "db is " + record(view, DB));
        assertTrue(record(view, OLD) == null || OLD.equals(record(view, OLD)));
        assertTrue(record(view, NEW) == null || NEW.equals(record(view, NEW)));
        assertNotNull(view.bases().get(BASE));
    }

    static SliverRecord record(StoreView view, SliverRecord of) {
        StoredSliver stored = view.slivers().get(of.id());
        return stored == null ? null : stored.record();
    }

    /** Everything is new, and durable. */
    static void assertNew(Store store) throws Exception {
        Invariants.assertHold(store);
        StoreView view = store.scan();
        assertEquals(WEB_LAST, record(view, WEB));
        assertEquals(DB_NEXT, record(view, DB));
        assertEquals(NEW, record(view, NEW));
        assertNull(record(view, OLD));
        assertNotNull(view.bases().get(digest(2)));
        assertEquals(digest(2), view.images().get("second").digest());
    }
}
