package dev.veneer.node.driver.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.veneer.node.model.BaseForm;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The oracle and its comparison can fail: each kind of difference, made on one side only, is seen. */
interface OracleCases extends Worlds {
    List<String> DIFFERENCES = List.of(
            "echo other > etc/motd",
            "chmod 640 etc/motd",
            "chown 1 etc/motd",
            "chgrp 1 etc/motd",
            "touch -d @1500000000.123456788 etc/motd",
            "setfattr -n user.x -v y etc/motd",
            "chattr +i etc/motd",
            "rm etc/motd",
            "rm etc/motd; mkdir etc/motd",
            "echo x > new",
            "ln -sfn other usr/motd",
            "mkdir etc/new",
            "rm -r usr/share/doc/b",
            "touch -d @7 etc",
            "chmod 700 .");

    @Test
    default void everyDifferenceIsSeen() throws Exception {
        for (String difference : DIFFERENCES) {
            try (World world = world()) {
                TestSliver sliver = world.sliver("one");
                TestSliver.shell(sliver.rootfs, difference);
                assertThrows(AssertionError.class, () -> sliver.check(""), difference);
                TestSliver.shell(sliver.rootfs, "chattr -i etc/motd 2>/dev/null || :");
            }
        }
    }

    @Test
    default void brokenHardLinksAreSeen() throws Exception {
        try (World world = world()) {
            var whole = world.text(world.base.path());
            TestSliver sliver = world.sliver("one");
            TestSliver.shell(sliver.oracle, "cp -p bin/one x; mv x bin/one");
            var broken = world.text(sliver.oracle.toString());
            assertEquals(whole.get("bin/one").identity(), broken.get("bin/one").identity());
            assertEquals("[bin/one, bin/two]", whole.get("bin/one").group());
            assertEquals("", broken.get("bin/one").group());
        }
    }

    @Test
    default void changeOfTheBaseIsSeen() throws Exception {
        World world = world();
        TestSliver.shell(world.directory.resolve("base/dir"), "chmod 700 etc");
        if (world.driver.form() == BaseForm.DIR) {
            assertThrows(AssertionError.class, world::close);
            TestSliver.shell(world.directory.resolve("base/dir"), "chmod 755 etc");
        }
        world.close();
    }
}
