package dev.veneer.node.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.testkit.Commands;
import dev.veneer.node.testkit.CutOff;
import dev.veneer.node.testkit.FaultyLinuxCalls;
import dev.veneer.node.testkit.Leftovers;
import dev.veneer.node.testkit.LoopDevice;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The power is cut before each wait for the disk of a pass that imports, makes, renews, removes and collects: on the disk
 * every sliver is wholly old or wholly new, owners' work that was on the disk is there (invariants 1 and 8), and the next
 * run does what was left (invariant 2).
 */
@Timeout(600)
class PassPowerCutIT {
    private Leftovers leftovers;

    @BeforeEach
    void look() {
        leftovers = Leftovers.ofLoopDevices();
    }

    @AfterEach
    void nothingIsLeft() {
        leftovers.assertNone();
    }

    private static List<String> drivers(LoopDevice.Kind kind) {
        return switch (kind) {
            case XFS -> List.of("overlay", "copy");
            case EXT4 -> List.of("overlay");
            case BTRFS -> List.of("overlay", "btrfs-snapshot");
        };
    }

    @ParameterizedTest
    @EnumSource
    void beforeEachWaitForTheDisk(LoopDevice.Kind kind) throws Exception {
        try (Site site = Site.on(kind)) {
            Rotation rotation = new Rotation(site, drivers(kind));
            rotation.begin();
            long cuts = 0;
            while (cut(site, rotation, cuts + 1)) {
                cuts++;
                site.device().powerCut();
                try {
                    rotation.assertOldOrNew();
                    site.convergeInOneRun();
                    rotation.atEnd();
                } catch (Exception | AssertionError e) {
                    throw new AssertionError("after cut " + cuts + ": " + e.getMessage(), e);
                }
            }
            System.out.println("PassPowerCutIT: " + kind + ": " + cuts + " cuts");
            assertTrue(cuts >= 10, "cuts: " + cuts);
        }
    }

    /** Makes a pass up to its n-th wait for the disk; whether it came so far. */
    private static boolean cut(Site site, Rotation rotation, long n) throws Exception {
        rotation.next();
        // What is declared, and what owners did until now, is not to be lost: only what the pass does.
        Commands.run("sync", "--file-system", site.home().toString());
        FaultyLinuxCalls faulty = new FaultyLinuxCalls(Site.REAL).counting("fsync", "syncfs");
        faulty.cutAt(n);
        try {
            site.pass(faulty.calls());
            assertEquals(n - 1, faulty.counted());
        } catch (CutOff e) {
            assertTrue(faulty.isCut());
        } finally {
            faulty.closeAll();
        }
        return faulty.isCut();
    }
}
