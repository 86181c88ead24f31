package dev.veneer.node.store;

import static dev.veneer.node.store.Samples.BASE;
import static dev.veneer.node.store.Samples.REAL;
import static dev.veneer.node.store.Samples.id;
import static dev.veneer.node.store.Samples.next;
import static dev.veneer.node.store.Samples.sliver;
import static dev.veneer.node.store.Samples.stageNext;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.model.SliverRecord;
import dev.veneer.node.testkit.CutOff;
import dev.veneer.node.testkit.FaultyLinuxCalls;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The report of a move belongs to the revision in force, whatever was cut or failed. */
class MoveReportsTest {
    private static final SliverRecord OLD = next(sliver(id("web")));
    private static final SliverRecord NEW = next(OLD);

    @TempDir(factory = InMemory.class)
    Path temporary;

    private String prepared(String name) throws Exception {
        String root = temporary.resolve(name).toString();
        try (Store store = Store.open(REAL, root, "test")) {
            Samples.importBase(store, BASE, "debian");
            try (Batch batch = store.begin()) {
                Samples.stage(store, batch, sliver(id("web")));
                batch.commit();
            }
        }
        assertTrue(move(REAL, root, OLD).failed().isEmpty());
        return root;
    }

    private static BatchResult move(LinuxCalls calls, String root, SliverRecord to) throws Exception {
        try (Store store = Store.open(calls, root, "test");
                Batch batch = store.begin()) {
            stageNext(store, batch, to);
            batch.report(to.id(), "{\"revision\":" + to.revision() + "}");
            return batch.commit();
        }
    }

    private static void assertOfTheRevisionInForce(String root, String what) throws Exception {
        try (Store store = Store.open(REAL, root, "test")) {
            int revision = store.scan().slivers().get(OLD.id()).record().revision();
            assertEquals(
                    "{\"revision\":" + revision + "}",
                    store.statuses().readRebaseReport(OLD.id()).orElse("none"),
                    what);
        }
        assertFalse(Files.exists(Path.of(root, "slivers/default/web/.new-rebase.json")), what);
    }

    @Test
    void aReportIsOfTheRevisionInForceWhereverACutIs() throws Exception {
        for (long n = 1; ; n++) {
            String root = prepared("cut" + n);
            FaultyLinuxCalls faulty = new FaultyLinuxCalls(REAL).counting(FaultyLinuxCalls.CHANGING);
            faulty.cutAt(n);
            boolean cut = false;
            try {
                move(faulty.calls(), root, NEW);
            } catch (CutOff expected) {
                cut = true;
            }
            assertOfTheRevisionInForce(root, "cut at " + n);
            if (!cut) {
                assertTrue(n > 8, "calls: " + n);
                return;
            }
        }
    }

    @Test
    void aReportIsOfTheRevisionInForceWhateverFails() throws Exception {
        FaultyLinuxCalls faulty = new FaultyLinuxCalls(REAL).counting(FaultyLinuxCalls.CHANGING);
        move(faulty.calls(), prepared("count"), NEW);
        long all = faulty.counted();
        for (long n = 1; n <= all; n++) {
            String root = prepared("fail" + n);
            faulty = new FaultyLinuxCalls(REAL).counting(FaultyLinuxCalls.CHANGING);
            faulty.failAt(n, n % 2 == 0 ? Errno.ENOSPC : Errno.EIO);
            try {
                move(faulty.calls(), root, NEW);
            } catch (NodeException | LinuxException expected) {
                assertTrue(String.valueOf(expected.getMessage()).length() > 20);
            }
            assertOfTheRevisionInForce(root, "failed at " + n);
        }
    }
}
