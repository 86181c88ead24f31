package dev.veneer.node.driver.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.driver.Usage;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** What a sliver takes. */
interface UsageCases extends Worlds {
    private static void assertNear(long expected, long found) {
        assertTrue(Math.abs(found - expected) < 512 << 10, "expected about " + expected + ", found " + found);
    }

    @Test
    default void writtenBytesAreExclusive() throws Exception {
        try (World world = world()) {
            TestSliver sliver = world.sliver("one");
            long before = sliver.usage().exclusiveBytes();
            sliver.step("yes data | head -c 8M > large");
            assertNear(before + (8 << 20), sliver.usage().exclusiveBytes());
            sliver.step("rm large");
            assertNear(before, sliver.usage().exclusiveBytes());
        }
    }

    @Test
    default void smallFilesCount() throws Exception {
        try (World world = world()) {
            TestSliver sliver = world.sliver("one");
            Usage before = sliver.usage();
            sliver.step("mkdir many; cd many; seq 5000 | split -l 10 -a 4");
            Usage after = sliver.usage();
            assertTrue(after.inodes() >= before.inodes() + 501, before + " " + after);
            assertTrue(after.exclusiveBytes() > before.exclusiveBytes(), before + " " + after);
        }
    }

    @Test
    default void hardLinksCountOnce() throws Exception {
        try (World world = world()) {
            TestSliver sliver = world.sliver("one").step("yes data | head -c 4M > f");
            Usage one = sliver.usage();
            sliver.step("ln f g; ln f etc/h");
            Usage three = sliver.usage();
            assertNear(one.exclusiveBytes(), three.exclusiveBytes());
        }
    }

    @Test
    default void holesCountNothing() throws Exception {
        try (World world = world()) {
            TestSliver sliver = world.sliver("one");
            long before = sliver.usage().exclusiveBytes();
            TestSliver.shell(sliver.rootfs, "truncate -s 50G sparse");
            assertNear(before, sliver.usage().exclusiveBytes());
        }
    }

    @Test
    default void deletedFilesOfTheBaseDoNotCountBytes() throws Exception {
        try (World world = world("yes data | head -c 8M > large")) {
            TestSliver sliver = world.sliver("one");
            long before = sliver.usage().exclusiveBytes();
            sliver.step("rm large");
            assertTrue(sliver.usage().exclusiveBytes() <= before + (64 << 10));
        }
    }

    @Test
    default void filesMayComeAndGoMeanwhile() throws Exception {
        try (World world = world()) {
            TestSliver sliver = world.sliver("one");
            AtomicBoolean stop = new AtomicBoolean();
            Thread owner = new Thread(() -> {
                while (!stop.get()) {
                    TestSliver.shell(
                            sliver.rootfs,
                            "i=0; while [ $i -lt 200 ]; do mkdir -p w/$i/x; echo x > w/$i/x/f; i=$((i+1)); done; rm -rf w");
                }
            });
            owner.start();
            try {
                for (int i = 0; i < 15; i++) {
                    assertTrue(world.driver.usage(sliver.store, world.base).inodes() >= 0);
                    sliver.changes();
                }
            } finally {
                stop.set(true);
                owner.join();
            }
            assertEquals(0, sliver.changes().size());
        }
    }
}
