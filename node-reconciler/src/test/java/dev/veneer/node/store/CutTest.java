package dev.veneer.node.store;

import static dev.veneer.node.store.Samples.REAL;
import static dev.veneer.node.store.Scenario.DB;
import static dev.veneer.node.store.Scenario.DB_NEXT;
import static dev.veneer.node.store.Scenario.NEW;
import static dev.veneer.node.store.Scenario.OLD;
import static dev.veneer.node.store.Scenario.WEB_LAST;
import static dev.veneer.node.store.Scenario.WEB_NEXT;
import static dev.veneer.node.store.Scenario.assertOldOrNew;
import static dev.veneer.node.store.Scenario.change;
import static dev.veneer.node.store.Scenario.record;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.model.SliverRecord;
import dev.veneer.node.testkit.CutOff;
import dev.veneer.node.testkit.FaultyLinuxCalls;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every call of a batch cut, and every one failed: each object is wholly old or wholly new (invariants 1, 7 and 8). */
class CutTest {
    @TempDir(factory = InMemory.class)
    Path temporary;

    /** A store with the scenario's beginning. */
    private String prepared(String name) throws Exception {
        String root = temporary.resolve(name).toString();
        Scenario.prepare(root);
        return root;
    }

    @Test
    void everyCallCut() throws Exception {
        FaultyLinuxCalls faulty = new FaultyLinuxCalls(REAL).counting(FaultyLinuxCalls.CHANGING);
        assertTrue(change(faulty.calls(), prepared("count")).failed().isEmpty());
        long all = faulty.counted();
        assertTrue(all > 30, "calls: " + all);
        for (long n = 1; n <= all; n++) {
            String root = prepared("cut" + n);
            faulty = new FaultyLinuxCalls(REAL).counting(FaultyLinuxCalls.CHANGING);
            faulty.cutAt(n);
            try {
                change(faulty.calls(), root);
                fail("call " + n + " was not reached");
            } catch (CutOff expected) {
                cutAgainInRecovery(root, n);
            }
        }
    }

    /** The recovery is cut too, at one of its own calls, before a second one goes through. */
    private void cutAgainInRecovery(String root, long seed) throws Exception {
        FaultyLinuxCalls faulty = new FaultyLinuxCalls(REAL).counting(FaultyLinuxCalls.CHANGING);
        faulty.cutAt(1 + seed % 6);
        try (Store store = Store.open(faulty.calls(), root, "test")) {
            Invariants.assertNothingLeftOver(store);
        } catch (CutOff expected) {
            assertTrue(seed >= 0);
        }
        try (Store store = Store.open(REAL, root, "test")) {
            assertOldOrNew(store);
            Invariants.assertNothingLeftOver(store);
            assertOldOrNew(store);
        }
    }

    @Test
    void everyCallFailedOnce() throws Exception {
        FaultyLinuxCalls faulty = new FaultyLinuxCalls(REAL).counting(FaultyLinuxCalls.CHANGING);
        change(faulty.calls(), prepared("count"));
        long all = faulty.counted();
        int[] errnos = {Errno.ENOSPC, Errno.EIO, Errno.EROFS, Errno.EBUSY, Errno.EMFILE};
        for (long n = 1; n <= all; n++) {
            String root = prepared("fail" + n);
            int errno = errnos[(int) (n % errnos.length)];
            faulty = new FaultyLinuxCalls(REAL).counting(FaultyLinuxCalls.CHANGING);
            faulty.failAt(n, errno);
            BatchResult result = null;
            try {
                result = change(faulty.calls(), root);
            } catch (NodeException | LinuxException expected) {
                assertTrue(String.valueOf(expected.getMessage()).length() > 20);
            }
            try (Store store = Store.open(REAL, root, "test")) {
                assertOldOrNew(store);
                if (result != null) {
                    assertFailedAreOldAndDoneAreNew(result, store.scan());
                }
                Invariants.assertNothingLeftOver(store);
                assertOldOrNew(store);
            }
        }
    }

    private static void assertFailedAreOldAndDoneAreNew(BatchResult result, StoreView view) {
        Map<SliverRecord, SliverRecord> changes = Map.of(WEB_NEXT, WEB_LAST, DB, DB_NEXT);
        for (Map.Entry<SliverRecord, SliverRecord> change : changes.entrySet()) {
            ObjectRef ref = ObjectRef.of(change.getKey().id());
            if (result.done().contains(ref)) {
                assertEquals(change.getValue(), record(view, change.getKey()), "done: " + ref);
            }
        }
        if (result.failed().containsKey(ObjectRef.of(DB.id()))) {
            assertEquals(DB, record(view, DB));
        }
        if (result.done().contains(ObjectRef.of(NEW.id()))) {
            assertEquals(NEW, record(view, NEW));
        }
        if (result.failed().containsKey(ObjectRef.of(NEW.id()))) {
            assertEquals(null, record(view, NEW));
        }
        assertEquals(result.done().contains(ObjectRef.of(OLD.id())), record(view, OLD) == null);
    }

    @Test
    void makingAStoreCutAtEveryCall() throws Exception {
        for (long n = 1; ; n++) {
            String root = temporary.resolve("new" + n).toString();
            FaultyLinuxCalls faulty = new FaultyLinuxCalls(REAL).counting(FaultyLinuxCalls.CHANGING);
            faulty.cutAt(n);
            boolean cut = false;
            try (Store store = Store.open(faulty.calls(), root, "test")) {
                store.scan();
            } catch (CutOff expected) {
                cut = true;
            }
            try (Store store = Store.open(REAL, root, "test")) {
                assertEquals(List.of(), store.scan().problems());
            }
            if (!cut) {
                assertTrue(n > 15);
                return;
            }
        }
    }

    @Test
    void emptyingTheTrashCutAtEveryCall() throws Exception {
        for (long n = 1; ; n++) {
            String root = prepared("trash" + n);
            assertTrue(change(REAL, root).failed().isEmpty());
            FaultyLinuxCalls faulty = new FaultyLinuxCalls(REAL).counting(FaultyLinuxCalls.CHANGING);
            boolean cut = false;
            try (Store store = Store.open(faulty.calls(), root, "test")) {
                faulty.cutAt(n);
                Invariants.assertNothingLeftOver(store);
            } catch (CutOff expected) {
                cut = true;
            }
            try (Store store = Store.open(REAL, root, "test")) {
                Invariants.assertNothingLeftOver(store);
                Invariants.assertHold(store);
            }
            if (!cut) {
                assertTrue(n > 4);
                return;
            }
        }
    }

    @Test
    void oneBrokenSliverDoesNotStopTheOthersOfItsBatch() throws Exception {
        String root = prepared("foreign");
        try {
            Files.writeString(Path.of(root, "slivers/default/new"), "not a directory");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        BatchResult result = change(REAL, root);
        assertEquals(Set.of(ObjectRef.of(NEW.id())), result.failed().keySet());
        assertEquals("not a directory", Files.readString(Path.of(root, "slivers/default/new")));
    }
}
