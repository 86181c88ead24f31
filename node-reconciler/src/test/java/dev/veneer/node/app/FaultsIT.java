package dev.veneer.node.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.testkit.FaultyLinuxCalls;
import dev.veneer.node.testkit.Leftovers;
import dev.veneer.node.testkit.LoopDevice;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Every call of a pass that imports, makes, mounts, renews, removes and collects fails once, and every kind of call once
 * with each errno: then every sliver is wholly old or wholly new (invariant 1), strangers' things are as they were
 * (invariant 4), nothing is left open or mounted, and the next pass does what was left and has nothing to do after
 * (invariant 2).
 */
@Timeout(600)
class FaultsIT {
    private Leftovers leftovers;

    @BeforeEach
    void look() {
        leftovers = Leftovers.ofLoopDevices();
    }

    @AfterEach
    void nothingIsLeft() {
        leftovers.assertNone();
    }

    @Test
    void everythingThatAPassDoes() throws Exception {
        int made = Campaign.run(
                "FaultsIT, everything that a pass does",
                LoopDevice.Kind.XFS,
                FaultyLinuxCalls.ALL,
                Fault::errnos,
                (device, directory) -> new Turns(device, directory, List.of("overlay", "copy")));
        assertTrue(made > 500, "faults: " + made);
    }

    @Test
    void openingANewStore() throws Exception {
        int made = Campaign.run(
                "FaultsIT, opening a new store",
                LoopDevice.Kind.XFS,
                FaultyLinuxCalls.ALL,
                Fault::errnos,
                Opening::new);
        assertTrue(made > 100, "faults: " + made);
    }

    /** A store that is made, with its drivers tried. */
    private static final class Opening implements FaultWorld {
        private final Site site;

        Opening(LoopDevice device, String directory) throws Exception {
            site = Site.in(device, directory);
            site.declare(site.image(""));
        }

        @Override
        public void next() {
            site.wipe();
        }

        @Override
        public void pass(FaultyLinuxCalls faulty) throws Exception {
            try (NodeParts node = site.open(faulty.calls())) {
                assertTrue(node.store().recovery().created());
            }
        }

        @Override
        public void afterFault() {
            assertEquals(0, site.mountsInScratch());
        }

        @Override
        public void recover() throws Exception {
            site.convergeInOneRun();
        }

        @Override
        public void close() {
            site.close();
        }
    }
}
