package dev.veneer.node.driver.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.driver.BaseTree;
import dev.veneer.node.driver.DriverCapabilities;
import dev.veneer.node.driver.Usage;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.model.IdRange;
import dev.veneer.node.testkit.Commands;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Each capability on both sides: what is declared works, what is not declared fails in the one agreed way. */
interface CapabilityCases extends Worlds {
    @Test
    default void sharesBaseBytes() throws Exception {
        try (World world = world("yes data | head -c 8M > large")) {
            Usage usage = world.sliver("one").usage();
            if (world.driver.capabilities().sharesBaseBytes()) {
                assertTrue(usage.exclusiveBytes() < 256 << 10, usage.toString());
            } else {
                assertTrue(usage.exclusiveBytes() + usage.sharedBytes() >= 8 << 20, usage.toString());
            }
        }
    }

    @Test
    default void sharesPageCache() throws Exception {
        try (World world = world("yes data | head -c 8M > large")) {
            TestSliver sliver = world.sliver("one");
            String baseFile = world.base.path() + "/large";
            Commands.run("sync", "-f", baseFile);
            Commands.run("dd", "if=" + baseFile, "iflag=nocache", "count=0", "status=none");
            assertEquals("0", resident(baseFile), "dropped from memory");
            Commands.run("cat", sliver.rootfs.resolve("large").toString());
            if (world.driver.capabilities().sharesPageCache()) {
                assertNotEquals("0", resident(baseFile));
            } else {
                assertEquals("0", resident(baseFile));
            }
        }
    }

    private static String resident(String file) {
        return Commands.run("fincore", "--bytes", "--noheadings", "--output", "PAGES", file);
    }

    @Test
    default void idmapped() throws Exception {
        IdRange ids = new IdRange(200_000, 65_536);
        String script = "echo x > etc/motd; mkdir n; echo y > n/f; rm bin/run; chmod 4755 n/f";
        try (World world = world()) {
            TestSliver sliver = world.sliver("one");
            sliver.unmount();
            if (world.driver.capabilities().idmapped()) {
                sliver.mount(ids);
                assertEquals("200000", TestSliver.shell(sliver.rootfs, "stat -c %u etc/passwd"));
                assertEquals("200007", TestSliver.shell(sliver.rootfs, "stat -c %u var/log"));
                // As the user that is root in there, which on the host is nobody.
                String asOwner = "setpriv --reuid=200000 --regid=200000 --clear-groups sh -e -c '" + script + "'";
                TestSliver.shell(sliver.rootfs, asOwner);
                TestSliver.shell(sliver.oracle, script);
                // Mounted as it is again, the ids in the store turn out not to be shifted.
                sliver.remount();
            } else {
                assertThrows(LinuxException.class, () -> sliver.mount(ids));
            }
        }
    }

    @Test
    default void storesWhiteoutDevice() throws Exception {
        try (World world = world()) {
            TestSliver sliver = world.sliver("one");
            if (world.driver.capabilities().storesWhiteoutDevice()) {
                sliver.step("mknod w c 0 0").remount();
            } else {
                // EPERM, so that nothing of it is in the tree.
                TestSliver.shell(sliver.rootfs, "! mknod w c 0 0 2>/dev/null; [ ! -e w ]");
                sliver.check("after the refusal");
            }
        }
    }

    @Test
    default void nestedSubvolumes() throws Exception {
        try (World world = world()) {
            TestSliver sliver = world.sliver("one");
            String subvolume = sliver.rootfs.resolve("sub").toString();
            if (world.driver.capabilities().nestedSubvolumes()) {
                Commands.run("btrfs", "subvolume", "create", subvolume);
                Commands.run("btrfs", "subvolume", "create", subvolume + "/inner");
                TestSliver.shell(sliver.oracle, "mkdir -p sub/inner");
                sliver.step("yes data | head -c 4M > sub/inner/large").remount();
                assertTrue(sliver.usage().exclusiveBytes() >= 4 << 20, "what is in it is counted");
                Commands.run("btrfs", "property", "set", subvolume, "ro", "true");
                sliver.unmount();
                world.driver.remove(sliver.store);
                assertEquals("", Commands.run("ls", "-A", sliver.store.path()));
            } else {
                TestSliver.shell(sliver.rootfs, "! btrfs subvolume create sub 2>/dev/null; [ ! -e sub ]");
                sliver.check("after the refusal");
            }
        }
    }

    @Test
    default void hardLinksOfBaseKept() throws Exception {
        try (World world = world()) {
            TestSliver sliver = world.sliver("one");
            if (world.driver.capabilities().hardLinksOfBaseKept()) {
                sliver.step("echo written >> bin/one; cmp bin/one bin/two").remount();
            } else {
                TestSliver.shell(sliver.rootfs, "echo written >> bin/one; ! cmp -s bin/one bin/two");
                assertEquals(List.of("M bin/one"), sliver.changes());
            }
        }
    }

    @Test
    default void parallelCreates() throws Exception {
        try (World world = world()) {
            DriverCapabilities capabilities = world.driver.capabilities();
            int count = capabilities.parallelCreates();
            assertTrue(count >= 1, "at least one");
            ExecutorService threads = Executors.newFixedThreadPool(count);
            try {
                List<Future<?>> running = new ArrayList<>();
                BaseTree base = world.base;
                for (int i = 0; i < 2 * count; i++) {
                    var store = world.newStore("p" + i);
                    running.add(threads.submit(() -> {
                        world.driver.create(store, base);
                        world.driver.inspect(store);
                        return null;
                    }));
                }
                for (Future<?> one : running) {
                    one.get();
                }
            } finally {
                threads.shutdown();
            }
        }
    }
}
