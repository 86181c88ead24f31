package dev.veneer.node.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.veneer.node.testkit.CutOff;
import dev.veneer.node.testkit.FaultyLinuxCalls;
import dev.veneer.node.testkit.Leftovers;
import dev.veneer.node.testkit.LoopDevice;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Rollbacks and snapshots are cut off at each of their calls that change something, as by a kill: a sliver is wholly in
 * one of its revisions then, and no revision that its record names is lost or half made.
 */
@Timeout(600)
class RevisionCutsIT {
    private final FaultyLinuxCalls faulty = new FaultyLinuxCalls(Site.REAL).counting(FaultyLinuxCalls.CHANGING);
    private final Random random = new Random(11);
    private Leftovers leftovers;

    /** A step that may fail. */
    private interface Step {
        void run() throws Exception;
    }

    @BeforeEach
    void look() {
        leftovers = Leftovers.ofLoopDevices();
    }

    @AfterEach
    void nothingIsLeft() {
        leftovers.assertNone();
    }

    private long cutEverywhere(Site site, Step prepare, Step afterCut, Step atEnd) throws Exception {
        int made = 0;
        // The first calls one by one; of the many of a copy, which are much alike, some.
        for (long n = 1; ; n += n < 12 ? 1 : 1 + random.nextInt(9), made++) {
            prepare.run();
            faulty.reset();
            if (cut(site, n)) {
                atEnd.run();
                return made;
            }
            try {
                afterCut.run();
                if (random.nextInt(4) == 0) {
                    faulty.reset();
                    cut(site, 1 + random.nextInt(60));
                    afterCut.run();
                }
                site.converge();
                atEnd.run();
            } catch (Exception | AssertionError e) {
                throw new AssertionError("after cut " + n + ": " + e.getMessage(), e);
            }
        }
    }

    private boolean cut(Site site, long n) throws Exception {
        try {
            site.pass(faulty.calls(), () -> faulty.cutAt(n));
            assertEquals(Map.of(), faulty.open(), "descriptors that were not closed");
        } catch (CutOff e) {
            assertTrue(faulty.isCut());
        } finally {
            faulty.closeAll();
        }
        return !faulty.isCut();
    }

    /** Each revision that the record names is there, and holds the work that it is to hold. */
    private static void assertWhole(Site site, String driver, Map<String, String> works) throws Exception {
        JsonNode record = site.record("one");
        assertTrue(site.mounts("one") <= 1);
        assertMark(site, driver, record.path("revision").asInt(), works);
        for (String list : List.of("previous", "snapshots")) {
            for (JsonNode kept : record.path(list)) {
                assertMark(site, driver, kept.path("revision").asInt(), works);
            }
        }
    }

    private static void assertMark(Site site, String driver, int revision, Map<String, String> works) throws Exception {
        Path tree = site.store()
                .resolve("slivers/default/one/revisions/" + revision)
                .resolve(driver.equals("overlay") ? "upper" : "tree");
        String mark = Files.readString(tree.resolve("mark"));
        assertTrue(works.containsValue(mark), "revision " + revision + " holds " + mark);
        assertEquals(mark, Files.readString(tree.resolve("etc/motd")), "revision " + revision);
    }

    @ParameterizedTest
    @CsvSource({"XFS, overlay", "XFS, copy", "BTRFS, btrfs-snapshot"})
    void rollbacks(LoopDevice.Kind kind, String driver) throws Exception {
        try (Site site = Site.on(kind)) {
            site.declare(site.image(""), Site.sliver("one", "driver: " + driver));
            site.converge();
            site.mark("one", "first");
            site.declare(site.image(""), Site.sliver("one", "driver: " + driver + ", instanceSerial: 2"));
            site.converge();
            site.mark("one", "second");
            Map<String, String> works = Map.of("1", "first", "2", "second");
            int[] before = {0};
            long cuts = cutEverywhere(
                    site,
                    () -> {
                        before[0] = site.revision("one");
                        site.askToGoBack("one");
                    },
                    () -> assertWhole(site, driver, works),
                    () -> {
                        assertWhole(site, driver, works);
                        int now = site.revision("one");
                        assertTrue(now == before[0] || now == 3 - before[0], "revision " + now);
                        site.assertSliver("one", works.get(Integer.toString(now)));
                    });
            System.out.println("RevisionCutsIT: rollbacks, " + driver + ": " + cuts + " cuts");
            assertTrue(cuts > 5, "cuts: " + cuts);
        }
    }

    @ParameterizedTest
    @CsvSource({"XFS, overlay", "XFS, copy", "BTRFS, btrfs-snapshot"})
    void snapshots(LoopDevice.Kind kind, String driver) throws Exception {
        try (Site site = Site.on(kind)) {
            site.declare(site.image(""), Site.sliver("one", "driver: " + driver));
            site.converge();
            site.mark("one", "work");
            Map<String, String> works = Map.of("1", "work");
            long cuts = cutEverywhere(
                    site,
                    () -> site.declare(
                            site.image(""),
                            Site.sliver(
                                    "one", "driver: " + driver + ", snapshots: {keep: 2, " + SnapshotIT.once() + "}")),
                    () -> assertWhole(site, driver, works),
                    () -> {
                        assertWhole(site, driver, works);
                        site.assertSliver("one", "work");
                        int size = site.record("one").path("snapshots").size();
                        assertTrue(size == 1 || size == 2, "snapshots: " + size);
                        assertEquals(
                                1 + size,
                                Site.names(site.store().resolve("slivers/default/one/revisions"))
                                        .size());
                    });
            System.out.println("RevisionCutsIT: snapshots, " + driver + ": " + cuts + " cuts");
            assertTrue(cuts > 10, "cuts: " + cuts);
        }
    }

    /** Back to a snapshot, of which a copy is made. */
    @ParameterizedTest
    @CsvSource({"XFS, overlay", "BTRFS, btrfs-snapshot"})
    void rollbacksToASnapshot(LoopDevice.Kind kind, String driver) throws Exception {
        try (Site site = Site.on(kind)) {
            site.declare(site.image(""), Site.sliver("one", "driver: " + driver));
            site.converge();
            site.mark("one", "kept");
            String once = "snapshots: {" + SnapshotIT.once() + "}";
            site.declare(site.image(""), Site.sliver("one", "driver: " + driver + ", " + once));
            site.converge();
            Map<String, String> works = Map.of("1", "kept", "2", "later");
            int[] serial = {0};
            long cuts = cutEverywhere(
                    site,
                    () -> {
                        site.mark("one", "later");
                        serial[0]++;
                        site.declare(
                                site.image(""),
                                Site.sliver(
                                        "one",
                                        "driver: " + driver + ", keepPrevious: 0s, " + once
                                                + ", rollback: {to: 2, serial: " + serial[0] + "}"));
                    },
                    () -> assertWhole(site, driver, works),
                    () -> {
                        assertWhole(site, driver, works);
                        site.assertSliver("one", "kept");
                    });
            System.out.println("RevisionCutsIT: rollbacks to a snapshot, " + driver + ": " + cuts + " cuts");
            assertTrue(cuts > 10, "cuts: " + cuts);
        }
    }
}
