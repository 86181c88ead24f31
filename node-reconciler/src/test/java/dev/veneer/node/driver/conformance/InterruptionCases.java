package dev.veneer.node.driver.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.driver.DriverRegistry;
import dev.veneer.node.driver.StorageDriver;
import dev.veneer.node.driver.WritableStore;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.testkit.Commands;
import dev.veneer.node.testkit.CutOff;
import dev.veneer.node.testkit.FaultyLinuxCalls;
import org.junit.jupiter.api.Test;

/** Killed at every system call, refused by the disk at every system call. */
interface InterruptionCases extends Worlds {
    /** A small base: the number of calls is the number of rounds. */
    String SMALL = "mkdir d; echo x > d/f; ln -s f d/l; setfattr -n user.a -v b d/f; chmod 1755 .";

    private static StorageDriver with(World world, FaultyLinuxCalls faulty) {
        return DriverRegistry.all(faulty.calls()).find(world.driver.name()).orElseThrow();
    }

    @Test
    default void creationIsCutAnywhere() throws Exception {
        try (World world = world(SMALL)) {
            FaultyLinuxCalls faulty = new FaultyLinuxCalls(world.calls).counting(FaultyLinuxCalls.CHANGING);
            WritableStore store = world.newStore("one");
            int cuts = 0;
            for (boolean done = false; !done; ) {
                faulty.reset();
                faulty.cutAt(cuts + 1);
                try {
                    with(world, faulty).create(store, world.base);
                    done = true;
                } catch (CutOff e) {
                    cuts++;
                }
                world.driver.remove(store);
                assertEquals("", Commands.run("ls", "-A", store.path()), "after cut " + cuts);
            }
            assertTrue(cuts >= 1, "it was cut at least once");
        }
    }

    @Test
    default void removalIsCutAnywhere() throws Exception {
        try (World world = world(SMALL)) {
            FaultyLinuxCalls faulty = new FaultyLinuxCalls(world.calls).counting(FaultyLinuxCalls.CHANGING);
            WritableStore store = world.newStore("one");
            int cuts = 0;
            for (boolean done = false; !done; ) {
                world.driver.create(store, world.base);
                faulty.reset();
                faulty.cutAt(cuts + 1);
                try {
                    with(world, faulty).remove(store);
                    done = true;
                } catch (CutOff e) {
                    cuts++;
                    world.driver.remove(store);
                }
                assertEquals("", Commands.run("ls", "-A", store.path()), "after cut " + cuts);
            }
            assertTrue(cuts >= 1, "it was cut at least once");
        }
    }

    @Test
    default void inspectionIsCutAnywhere() throws Exception {
        try (World world = world(SMALL)) {
            TestSliver sliver = world.sliver("one").step("echo y > d/f; rm d/l");
            FaultyLinuxCalls faulty = new FaultyLinuxCalls(world.calls).counting(FaultyLinuxCalls.ALL);
            for (int cut = 1; ; cut++) {
                sliver.unmount();
                faulty.reset();
                faulty.cutAt(cut);
                try {
                    with(world, faulty).inspect(sliver.store);
                    break;
                } catch (CutOff e) {
                    sliver.remount();
                }
            }
            sliver.mount();
            sliver.step("echo z > d/f");
        }
    }

    @Test
    default void errorsOfTheDiskReachTheCaller() throws Exception {
        try (World world = world(SMALL)) {
            FaultyLinuxCalls faulty = new FaultyLinuxCalls(world.calls).counting(FaultyLinuxCalls.CHANGING);
            WritableStore store = world.newStore("one");
            with(world, faulty).create(store, world.base);
            long calls = faulty.counted();
            world.driver.remove(store);
            for (int errno : new int[] {Errno.ENOSPC, Errno.EIO, Errno.EROFS, Errno.EMFILE}) {
                for (long at = 1; at <= calls; at++) {
                    faulty.reset();
                    faulty.failAt(at, errno);
                    LinuxException failure = assertThrows(
                            LinuxException.class, () -> with(world, faulty).create(store, world.base), "call " + at);
                    assertEquals(errno, failure.errno());
                    world.driver.remove(store);
                    assertEquals("", Commands.run("ls", "-A", store.path()));
                }
            }
        }
    }
}
