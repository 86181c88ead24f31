package dev.veneer.node.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.testkit.Commands;
import dev.veneer.node.testkit.CutOff;
import dev.veneer.node.testkit.FaultyLinuxCalls;
import dev.veneer.node.testkit.Leftovers;
import dev.veneer.node.testkit.LoopDevice;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * MovedSite to another base and compactions are cut off at calls that change something, fail with each errno, and lose the
 * power at each wait for the disk: every sliver stands wholly on its old or wholly on its new base then, with its owner's
 * work (invariants 1, 5 and 8), and the next run ends where it should (invariant 2).
 *
 * <p>Of the faults that there are, so many are made as fit the time; which ones, {@code veneer.faults.first} says.
 * {@code veneer.faults.every=1} makes all of them.
 */
@Timeout(600)
class MoveFaultsIT {
    private static final int ENOUGH = 60;
    private static final int FIRST = Integer.getInteger("veneer.faults.first", 0);

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
            case EXT4 -> List.of("overlay", "copy");
            case BTRFS -> List.of("btrfs-snapshot");
        };
    }

    private static Function<List<String>, List<Fault>> some(Function<List<String>, List<Fault>> schedule) {
        return places -> {
            List<Fault> all = schedule.apply(places);
            int step = Integer.getInteger("veneer.faults.every", Math.max(1, all.size() / ENOUGH));
            List<Fault> some = new ArrayList<>();
            for (int i = FIRST % step; i < all.size(); i += step) {
                some.add(all.get(i));
            }
            return some;
        };
    }

    private static int run(
            String what,
            LoopDevice.Kind kind,
            Predicate<FaultyLinuxCalls.Call> which,
            Function<List<String>, List<Fault>> schedule)
            throws Exception {
        List<String> drivers = drivers(kind);
        return Campaign.run(
                "MoveFaultsIT, " + what + " with " + drivers,
                kind,
                which,
                schedule,
                (device, directory) -> new MovedSite(device, directory, drivers));
    }

    @ParameterizedTest
    @EnumSource(
            value = LoopDevice.Kind.class,
            names = {"XFS", "BTRFS"})
    void cuts(LoopDevice.Kind kind) throws Exception {
        int made = run("cuts", kind, FaultyLinuxCalls.CHANGING, some(Fault::cuts));
        assertTrue(made > 30, "cuts: " + made);
    }

    @ParameterizedTest
    @EnumSource(
            value = LoopDevice.Kind.class,
            names = {"XFS", "BTRFS"})
    void errnos(LoopDevice.Kind kind) throws Exception {
        int made = run("errnos", kind, FaultyLinuxCalls.ALL, some(Fault::errnos));
        assertTrue(made > 30, "faults: " + made);
    }

    @ParameterizedTest
    @EnumSource
    void powerCuts(LoopDevice.Kind kind) throws Exception {
        try (Site site = Site.on(kind)) {
            MovedSite moves = new MovedSite(site, drivers(kind));
            long cuts = 0;
            while (powerCut(site, moves, cuts + 1)) {
                cuts++;
                site.device().powerCut();
                try {
                    moves.assertOldOrNew();
                    moves.recover();
                } catch (Exception | AssertionError e) {
                    throw new AssertionError("after power cut " + cuts + ": " + e.getMessage(), e);
                }
            }
            System.out.println("MoveFaultsIT: " + kind + ": " + cuts + " power cuts");
            assertTrue(cuts >= 5, "cuts: " + cuts);
        }
    }

    /** Makes a pass up to its n-th wait for the disk; whether it came so far. */
    private static boolean powerCut(Site site, MovedSite moves, long n) throws Exception {
        moves.next();
        // What is declared, and what owners did until now, is not to be lost: only what the pass does.
        Commands.run("sync", "--file-system", site.home().toString());
        FaultyLinuxCalls faulty = new FaultyLinuxCalls(Site.REAL).counting("fsync", "syncfs");
        faulty.cutAt(n);
        try {
            moves.pass(faulty);
            assertEquals(n - 1, faulty.counted());
        } catch (CutOff e) {
            assertTrue(faulty.isCut());
        } finally {
            faulty.closeAll();
        }
        return faulty.isCut();
    }
}
