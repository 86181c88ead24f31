package dev.veneer.node.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.store.Finding;
import dev.veneer.node.store.StoreCheck;
import dev.veneer.node.testkit.Leftovers;
import dev.veneer.node.testkit.LoopDevice;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The real command is killed at seeded moments while it imports, makes, renews and removes: nothing in the store is
 * damaged then, and the next run does the rest (invariants 1, 2 and 11).
 */
@Timeout(600)
class KillIT {
    private static final int KILLS = 20;
    private static final int SLIVERS = 12;

    @Test
    void killedAtAnyMoment() throws Exception {
        Leftovers leftovers = Leftovers.ofLoopDevices();
        Random random = new Random(11);
        int kills = 0;
        int begun = 0;
        try (Site site = Site.on(LoopDevice.Kind.XFS)) {
            for (int round = 1; kills < KILLS; round++) {
                assertTrue(round < 4 * KILLS, "only " + kills + " of " + round + " were killed in time");
                if (round % 3 == 1) {
                    site.wipe();
                }
                declare(site, round);
                try (ChildVeneer child = ChildVeneer.start(
                        "apply",
                        "-f",
                        site.declared().toString(),
                        "--allow-shrink",
                        "--store",
                        site.store().toString())) {
                    waitForStore(site, child, round % 3 == 1);
                    Thread.sleep(random.nextInt(round % 3 == 1 ? 500 : 900));
                    kills += child.kill() ? 1 : 0;
                    if (Files.exists(site.store().resolve("format"))) {
                        begun++;
                        assertUndamaged(site, round);
                    }
                    site.converge();
                } catch (Exception | AssertionError e) {
                    throw new AssertionError("in round " + round + ": " + e.getMessage(), e);
                }
                assertConverged(site, round);
            }
        }
        System.out.println("KillIT: " + kills + " kills, " + begun + " of them with a store");
        leftovers.assertNone();
    }

    /** A new store is waited for, so that delays are spent on work and not on the start of a JVM. */
    private static void waitForStore(Site site, ChildVeneer child, boolean fresh) throws Exception {
        while (fresh && child.isAlive() && !Files.exists(site.store())) {
            Thread.sleep(2);
        }
    }

    /** Rounds of three: all made, half of them renewed, the other half removed. */
    private static void declare(Site site, int round) throws Exception {
        List<String> documents = new ArrayList<>(List.of(site.image("")));
        for (int i = 0; i < SLIVERS; i++) {
            boolean even = i % 2 == 0;
            if (even || round % 3 != 0) {
                int serial = even && round % 3 != 1 ? 2 : 1;
                documents.add(Site.sliver(
                        "s" + i,
                        "driver: " + (i % 4 < 2 ? "overlay" : "copy") + ", keepPrevious: 0s, instanceSerial: "
                                + serial));
            }
        }
        site.declare(documents.toArray(new String[0]));
    }

    private static void assertUndamaged(Site site, int round) throws Exception {
        for (Finding finding : new StoreCheck(Site.REAL, site.store().toString()).run(true, (digest, all) -> {})) {
            assertEquals(Finding.Severity.LEFTOVER, finding.kind().severity(), "round " + round + ": " + finding);
        }
        for (int i = 0; i < SLIVERS; i++) {
            assertTrue(site.mounts("s" + i) <= 1);
        }
    }

    private static void assertConverged(Site site, int round) throws Exception {
        for (int i = 0; i < SLIVERS; i++) {
            if (i % 2 == 0 || round % 3 != 0) {
                site.assertSliver("s" + i, null);
            } else {
                site.assertGone("s" + i);
            }
        }
    }
}
