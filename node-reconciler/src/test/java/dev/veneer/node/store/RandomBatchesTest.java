package dev.veneer.node.store;

import static dev.veneer.node.store.Samples.BASE;
import static dev.veneer.node.store.Samples.REAL;
import static dev.veneer.node.store.Samples.id;
import static dev.veneer.node.store.Samples.next;
import static dev.veneer.node.store.Samples.sliver;
import static dev.veneer.node.store.Samples.withoutPrevious;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.model.PreviousRevision;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.model.SliverRecord;
import dev.veneer.node.testkit.CutOff;
import dev.veneer.node.testkit.FaultyLinuxCalls;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Seeded random batches, each of which may be cut or meet an error at any of its calls. A model of what every sliver may
 * be (old or new, nothing else) is compared with the store after each, in the same process and after a fresh start.
 */
class RandomBatchesTest {
    private static final int BATCHES = 60;
    private static final int NAMES = 6;

    @TempDir(factory = InMemory.class)
    Path temporary;

    private final Map<String, Optional<SliverRecord>> now = new HashMap<>();
    private final Map<String, Optional<SliverRecord>> planned = new HashMap<>();

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void everySliverIsOldOrNew(long seed) throws Exception {
        Random random = new Random(seed);
        String root = temporary.resolve("store").toString();
        try (Store store = Store.open(REAL, root, "test")) {
            Samples.importBase(store, BASE, "debian");
        }
        for (int i = 0; i < BATCHES; i++) {
            String what = "seed " + seed + ", batch " + i;
            BatchResult result = disturbed(random, root);
            try (Store store = Store.open(REAL, root, "test")) {
                settle(store, result, what);
                if (random.nextInt(4) == 0) {
                    Invariants.assertNothingLeftOver(store);
                }
            }
        }
        try (Store store = Store.open(REAL, root, "test")) {
            Invariants.assertNothingLeftOver(store);
        }
    }

    /** One batch, with a cut, an error, or neither; its result, or null when it had none. */
    private BatchResult disturbed(Random random, String root) throws Exception {
        FaultyLinuxCalls faulty = new FaultyLinuxCalls(REAL).counting(FaultyLinuxCalls.CHANGING);
        int at = 1 + random.nextInt(60);
        int[] errnos = {Errno.ENOSPC, Errno.EIO, Errno.EROFS, Errno.EMFILE};
        switch (random.nextInt(4)) {
            case 0 -> faulty.cutAt(at);
            case 1 -> faulty.failAt(at, errnos[random.nextInt(errnos.length)]);
            case 2 -> faulty.failFrom(at, errnos[random.nextInt(errnos.length)]);
            default -> at = 0;
        }
        planned.clear();
        try (Store store = Store.open(faulty.calls(), root, "test")) {
            store.scan();
            try (Batch batch = store.begin()) {
                for (int name = 0; name < NAMES; name++) {
                    change(store, batch, "s" + name, random.nextInt(6));
                }
                return batch.commit();
            } finally {
                assertItKnowsItsOwnChanges(store);
            }
        } catch (CutOff | NodeException | LinuxException e) {
            assertTrue(at > 0, () -> "an undisturbed batch failed: " + e);
            return null;
        }
    }

    /** Whatever became of the batch, looking at what it may have changed finds the same as looking at everything. */
    private static void assertItKnowsItsOwnChanges(Store store) throws NodeException {
        try {
            Map<SliverId, StoredSliver> own = store.scanOwnChanges().slivers();
            assertEquals(store.scan().slivers(), own);
        } catch (CutOff | NodeException e) {
            return; // the calls fail for good
        }
    }

    private void change(Store store, Batch batch, String name, int kind) throws Exception {
        SliverRecord current = now.getOrDefault(name, Optional.empty()).orElse(null);
        SliverRecord changed = current;
        if (current == null) {
            if (kind < 3) {
                changed = sliver(id(name));
                Samples.stage(store, batch, changed);
            }
        } else if (kind == 0) {
            changed = next(current);
            Samples.stageNext(store, batch, changed);
        } else if (kind == 1) {
            changed = withoutPrevious(current);
            batch.replace(changed);
            for (PreviousRevision previous : current.previous()) {
                batch.discardRevision(current.id(), previous.revision(), previous.driver());
            }
        } else if (kind == 2) {
            changed = null;
            batch.discard(current);
        } else if (kind == 3) {
            changed = sliver(id(name));
            Samples.stage(store, batch, changed);
        }
        if (!Objects.equals(changed, current)) {
            planned.put(name, Optional.ofNullable(changed));
        }
    }

    private void settle(Store store, BatchResult result, String what) throws Exception {
        Invariants.assertHold(store);
        StoreView view = store.scan();
        for (Map.Entry<String, Optional<SliverRecord>> change : planned.entrySet()) {
            String name = change.getKey();
            StoredSliver stored = view.slivers().get(id(name));
            Optional<SliverRecord> found = Optional.ofNullable(stored).map(StoredSliver::record);
            boolean isOld = found.equals(now.getOrDefault(name, Optional.empty()));
            boolean isNew = found.equals(change.getValue());
            assertTrue(isOld || isNew, () -> what + ": " + name + " is " + found);
            if (result != null && result.done().contains(ObjectRef.of(id(name)))) {
                assertTrue(isNew, () -> what + ": " + name + " was reported done");
            }
            now.put(name, found);
        }
        long there = now.values().stream().filter(Optional::isPresent).count();
        assertEquals(there, view.slivers().size(), what);
    }
}
