package dev.veneer.node.store;

import static dev.veneer.node.store.Samples.REAL;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.testkit.FaultyLinuxCalls;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What could not be read is not taken for what is not there: who believed that would make a sliver anew over its owner's
 * data (invariants 1 and 4).
 */
class ScanFaultTest {
    @TempDir(factory = InMemory.class)
    private Path directory;

    private long age = -1000;

    @Test
    void aScanThatFailedIsNotBelievedByTheNext() throws Exception {
        String root = directory.resolve("store").toString();
        Scenario.prepare(root);
        long all = Long.MAX_VALUE;
        for (long n = 1; n <= all; n++) {
            FaultyLinuxCalls faulty = new FaultyLinuxCalls(REAL);
            try (Store store = Store.open(faulty.calls(), root, "test")) {
                StoreView right = store.scan();
                assertEquals(3, right.slivers().size());
                touchAll();
                faulty.reset();
                if (n > 1) {
                    faulty.failAt(n - 1, Errno.EIO);
                }
                boolean failed = scanFails(store);
                if (n == 1) {
                    all = faulty.counted() + 1;
                }
                faulty.reset();
                String after = "after call " + (n - 1) + (failed ? ", which failed the scan" : "");
                StoreView again = store.scan();
                assertEquals(right.slivers(), again.slivers(), after);
                assertEquals(right.bases(), again.bases(), after);
                assertEquals(right.images(), again.images(), after);
                assertEquals(right.problems(), again.problems(), after);
            }
        }
        assertTrue(all > 20, "calls: " + all);
    }

    /** Gives every file and directory a time that is settled and not the one it had, so that all is read again. */
    private void touchAll() throws Exception {
        age -= 10;
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path path : (Iterable<Path>) all::iterator) {
                Files.setLastModifiedTime(path, FileTime.from(Instant.now().plusSeconds(age)));
            }
        }
        // Until then a change could hide behind the same time, and nothing is taken for known.
        Thread.sleep(40);
    }

    /** Of a scan that finds something new before it fails, the next has to tell all the same. */
    @Test
    void whatAFailedScanFoundIsTold() throws Exception {
        String root = directory.resolve("store").toString();
        Scenario.prepare(root);
        FaultyLinuxCalls faulty = new FaultyLinuxCalls(REAL);
        try (Store store = Store.open(faulty.calls(), root, "test")) {
            assertEquals(3, store.scan().slivers().size());
            try (Batch batch = store.begin()) {
                Samples.stage(store, batch, Scenario.NEW);
                assertTrue(batch.commit().failed().isEmpty());
            }
            faulty.reset();
            faulty.counting("statx").failFrom(15, Errno.EIO);
            assertTrue(scanFails(store));
            faulty.reset();
            assertEquals(4, store.scan().slivers().size());
        }
    }

    private static boolean scanFails(Store store) {
        try {
            store.scan();
            return false;
        } catch (NodeException e) {
            return true;
        }
    }
}
