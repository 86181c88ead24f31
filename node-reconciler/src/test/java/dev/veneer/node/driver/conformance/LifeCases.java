package dev.veneer.node.driver.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.api.Reason;
import dev.veneer.node.driver.BaseTree;
import dev.veneer.node.driver.WritableStore;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.model.BaseForm;
import dev.veneer.node.model.Digest;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.testkit.Commands;
import dev.veneer.node.tree.TreeRemover;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The life of a writable store: made, moved, mounted again, found damaged, removed. */
interface LifeCases extends Worlds {
    @Test
    default void newSliverEqualsItsBase() throws Exception {
        same();
    }

    @Test
    default void emptyBase() throws Exception {
        try (World world = world(":")) {
            world.sliver("one").step("echo x > y").remount();
        }
    }

    @Test
    default void sliversOfOneBaseAreApart() throws Exception {
        try (World world = world()) {
            TestSliver one = world.sliver("one");
            TestSliver two = world.sliver("two");
            one.step("echo one > etc/motd; rm bin/run");
            two.check("after the other was written");
            two.step("echo two > etc/motd");
            one.check("after the other was written");
        }
    }

    @Test
    default void storeIsMovedBeforeItIsMounted() throws Exception {
        try (World world = world()) {
            WritableStore staged = world.newStore("staged");
            world.driver.create(staged, world.base);
            Path place = world.directory.resolve("published");
            Files.move(Path.of(staged.path()), place);
            WritableStore published = new WritableStore(staged.sliver(), 1, place.toString());
            world.driver.inspect(published);
            TestSliver sliver = new TestSliver(world, published);
            sliver.mount();
            try {
                sliver.step("echo x > etc/motd");
            } finally {
                sliver.unmount();
            }
        }
    }

    @Test
    default void describingAMountLooksAtNothing() throws Exception {
        try (World world = world()) {
            WritableStore nowhere = new WritableStore(new SliverId("default", "x"), 1, "/nonexistent/store");
            BaseTree noBase = new BaseTree(new Digest("cd".repeat(32)), BaseForm.DIR, "/nonexistent/base");
            assertEquals(world.driver.mount(nowhere, noBase), world.driver.mount(nowhere, noBase));
        }
    }

    @Test
    default void inspectionMayBeRepeated() throws Exception {
        try (World world = world()) {
            TestSliver sliver = world.sliver("one").step("echo x > etc/motd");
            sliver.unmount();
            for (int i = 0; i < 3; i++) {
                world.driver.inspect(sliver.store);
            }
            sliver.mount();
            sliver.step("echo y > etc/motd");
        }
    }

    @Test
    default void lostContentIsDamage() throws Exception {
        try (World world = world()) {
            WritableStore store = world.newStore("one");
            world.driver.create(store, world.base);
            new TreeRemover(world.calls).empty(store.path());
            assertEquals(Reason.Damaged, damage(world, store).reason());
        }
    }

    @Test
    default void contentReplacedByFileOrLinkIsDamage() throws Exception {
        try (World world = world()) {
            for (String name : new String[] {"upper", "tree"}) {
                WritableStore store = world.newStore(name);
                Commands.run("touch", store.path() + "/" + name);
                assertEquals(Reason.Damaged, damage(world, store).reason());
                Commands.run("ln", "-sfn", "/etc", store.path() + "/" + name);
                assertEquals(Reason.Damaged, damage(world, store).reason());
            }
        }
    }

    private static NodeException damage(World world, WritableStore store) {
        NodeException damage = assertThrows(NodeException.class, () -> world.driver.inspect(store));
        assertTrue(damage.getMessage().contains(store.path()), damage.getMessage());
        return damage;
    }

    @Test
    default void removalLeavesTheEmptyDirectory() throws Exception {
        try (World world = world()) {
            TestSliver sliver = world.sliver("one").step("mkdir -p a/b; echo x > a/b/c; mkfifo a/p; chattr +i a/b/c");
            sliver.unmount();
            world.driver.remove(sliver.store);
            assertEquals("", Commands.run("ls", "-A", sliver.store.path()));
            world.driver.remove(sliver.store);
            Commands.run("chattr", "-i", sliver.oracle.resolve("a/b/c").toString());
        }
    }

    @Test
    default void removalSparesWhatIsMountedInIt() throws Exception {
        try (World world = world()) {
            WritableStore store = world.newStore("one");
            world.driver.create(store, world.base);
            Path precious = Files.createDirectory(world.directory.resolve("precious"));
            Files.writeString(precious.resolve("file"), "x");
            Path point = Files.createDirectory(Path.of(store.path()).resolve("point"));
            Commands.run("mount", "--bind", precious.toString(), point.toString());
            try {
                assertEquals(
                        Reason.InUse,
                        assertThrows(NodeException.class, () -> world.driver.remove(store))
                                .reason());
            } finally {
                Commands.run("umount", point.toString());
            }
            assertTrue(Files.exists(precious.resolve("file")));
            world.driver.remove(store);
        }
    }
}
