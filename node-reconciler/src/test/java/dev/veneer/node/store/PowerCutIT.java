package dev.veneer.node.store;

import static dev.veneer.node.store.Samples.REAL;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.testkit.CutOff;
import dev.veneer.node.testkit.FaultyLinuxCalls;
import dev.veneer.node.testkit.Leftovers;
import dev.veneer.node.testkit.LoopDevice;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The power is cut at every step of a batch: on the disk, each object is wholly old or wholly new (invariants 1, 8). */
class PowerCutIT {
    private Leftovers leftovers;

    @BeforeEach
    void look() {
        leftovers = Leftovers.ofLoopDevices();
    }

    @AfterEach
    void nothingIsLeft() {
        leftovers.assertNone();
    }

    /** How many of the calls of the scenario are counted. */
    private static long countCalls(LoopDevice device) throws Exception {
        String root = device.mountPoint().resolve("count").toString();
        Scenario.prepare(root);
        FaultyLinuxCalls faulty = new FaultyLinuxCalls(REAL).counting(FaultyLinuxCalls.CHANGING);
        assertTrue(Scenario.change(faulty.calls(), root).failed().isEmpty());
        return faulty.counted();
    }

    /** Runs the scenario up to its n-th call, then the power goes. */
    private static void runUntil(LoopDevice device, LinuxCalls real, String root, long n) throws Exception {
        FaultyLinuxCalls faulty = new FaultyLinuxCalls(real).counting(FaultyLinuxCalls.CHANGING);
        faulty.cutAt(n);
        try {
            Scenario.change(faulty.calls(), root);
        } catch (CutOff expected) {
            assertTrue(faulty.isCut());
        }
        device.powerCut();
    }

    @ParameterizedTest
    @EnumSource(names = {"XFS", "EXT4"})
    void everyCall(LoopDevice.Kind kind) throws Exception {
        try (LoopDevice device = LoopDevice.create(kind)) {
            long all = countCalls(device);
            for (long n = 1; n <= all; n++) {
                String root = device.mountPoint().resolve("cut" + n).toString();
                Scenario.prepare(root);
                runUntil(device, REAL, root, n);
                try (Store store = Store.open(REAL, root, "test")) {
                    Scenario.assertOldOrNew(store);
                    Invariants.assertNothingLeftOver(store);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"XFS", "EXT4"})
    void whatACommitReportedIsDurable(LoopDevice.Kind kind) throws Exception {
        try (LoopDevice device = LoopDevice.create(kind)) {
            String root = device.mountPoint().resolve("store").toString();
            Scenario.prepare(root);
            assertTrue(Scenario.change(REAL, root).failed().isEmpty());
            device.powerCut();
            try (Store store = Store.open(REAL, root, "test")) {
                Scenario.assertNew(store);
                Invariants.assertNothingLeftOver(store);
            }
        }
    }

    /** The proof that this test can fail: a disk that does not wait when it is told to loses what was promised. */
    @Test
    void withoutWaitingForTheDiskThePromiseIsBroken() throws Exception {
        LinuxCalls lying = (LinuxCalls) Proxy.newProxyInstance(
                LinuxCalls.class.getClassLoader(), new Class<?>[] {LinuxCalls.class}, (self, method, arguments) -> {
                    if (Set.of("fsync", "syncfs").contains(method.getName())) {
                        return null;
                    }
                    try {
                        return method.invoke(REAL, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
        try (LoopDevice device = LoopDevice.create(LoopDevice.Kind.XFS)) {
            String root = device.mountPoint().resolve("store").toString();
            Scenario.prepare(root);
            assertTrue(Scenario.change(lying, root).failed().isEmpty());
            device.powerCut();
            boolean broken = false;
            try (Store store = Store.open(REAL, root, "test")) {
                Scenario.assertNew(store);
            } catch (AssertionError expected) {
                broken = true;
            }
            assertTrue(broken);
        }
    }

    /** Btrfs has no such switch: the disk is copied at each step instead, and the copy is what a power cut leaves. */
    @Test
    void btrfsCopiedAtEachDurableStep() throws Exception {
        try (LoopDevice device = LoopDevice.create(LoopDevice.Kind.BTRFS)) {
            String root = device.mountPoint().resolve("store").toString();
            Scenario.prepare(root);
            FaultyLinuxCalls faulty = new FaultyLinuxCalls(REAL).counting("syncfs", "fsync", "renameat2");
            faulty.before((call, number) -> checkCopy(device, "store", false));
            assertTrue(Scenario.change(faulty.calls(), root).failed().isEmpty());
            assertTrue(faulty.counted() > 8, "steps: " + faulty.counted());
            checkCopy(device, "store", true);
        }
    }

    private static void checkCopy(LoopDevice device, String name, boolean complete) throws Exception {
        try (LoopDevice copy = device.copyOfNow();
                Store store = Store.open(REAL, copy.mountPoint().resolve(name).toString(), "test")) {
            if (complete) {
                Scenario.assertNew(store);
            } else {
                Scenario.assertOldOrNew(store);
            }
            Invariants.assertNothingLeftOver(store);
        }
    }
}
