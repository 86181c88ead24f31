package dev.veneer.node.store;

import static dev.veneer.node.store.Samples.REAL;
import static dev.veneer.node.store.Samples.id;
import static dev.veneer.node.store.Samples.sliver;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.testkit.FaultyLinuxCalls;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How many system calls the common cases may take: what makes them fast on any machine. */
class BudgetTest {
    private static final int SLIVERS = 1000;

    @TempDir(factory = InMemory.class)
    Path temporary;

    private static void create(Store store) throws Exception {
        try (Batch batch = store.begin()) {
            for (int i = 0; i < SLIVERS; i++) {
                batch.stageSliver(sliver(id("s" + i)));
            }
            assertEquals(SLIVERS, batch.commit().done().size());
        }
    }

    @Test
    void aThousandNewSliversAreOneDurableCommit() throws Exception {
        FaultyLinuxCalls counted = new FaultyLinuxCalls(REAL);
        try (Store store =
                Store.open(counted.calls(), temporary.resolve("store").toString(), "test")) {
            counted.reset();
            create(store);
            List<String> names = counted.names();
            int waits = Collections.frequency(names, "syncfs") + Collections.frequency(names, "fsync");
            assertTrue(waits <= 3, "waits for the disk: " + waits);
            assertTrue(Collections.frequency(names, "syncfs") <= 2);
            // The eighth looks at the record once it is written, so that no scan has to read it.
            assertTrue(names.size() <= 8 * SLIVERS, "calls: " + names.size());
        }
    }

    @Test
    void aSteadyScanLooksThreeTimesAtASliverAndWritesNothing() throws Exception {
        FaultyLinuxCalls counted = new FaultyLinuxCalls(REAL);
        try (Store store =
                Store.open(counted.calls(), temporary.resolve("store").toString(), "test")) {
            create(store);
            Thread.sleep(60);
            StoreView settled = store.scan();
            counted.reset();
            assertSame(settled, store.scan());
            List<String> names = counted.names();
            assertTrue(Collections.frequency(names, "statx") <= 3 * SLIVERS + 20);
            assertTrue(names.size() <= 3 * SLIVERS + 60, "calls: " + names.size());
            counted.reset();
            counted.counting(FaultyLinuxCalls.CHANGING);
            store.scan();
            assertEquals(0, counted.counted());
        }
    }

    @Test
    void whatACommitPublishedIsNotRead() throws Exception {
        FaultyLinuxCalls counted = new FaultyLinuxCalls(REAL).counting("read");
        try (Store store =
                Store.open(counted.calls(), temporary.resolve("store").toString(), "test")) {
            create(store);
            counted.reset();
            StoreView fresh = store.scan();
            Thread.sleep(60);
            StoreView settled = store.scan();
            assertEquals(SLIVERS, settled.slivers().size());
            assertEquals(fresh.slivers(), settled.slivers());
            assertTrue(counted.counted() < 30, "reads: " + counted.counted());
            assertEquals(settled.slivers(), store.rebuildIndex().slivers(), "what is on the disk");
        }
    }

    @Test
    void theIndexSparesReadingTheRecords() throws Exception {
        String root = temporary.resolve("store").toString();
        StoreView before;
        try (Store store = Store.open(REAL, root, "test")) {
            create(store);
            Thread.sleep(60);
            before = store.scan();
        }
        FaultyLinuxCalls counted = new FaultyLinuxCalls(REAL).counting("read");
        try (Store store = Store.open(counted.calls(), root, "test")) {
            assertEquals(before, store.scan());
            assertTrue(counted.counted() < 30, "reads: " + counted.counted());
        }
    }
}
