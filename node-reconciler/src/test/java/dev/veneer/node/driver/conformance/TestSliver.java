package dev.veneer.node.driver.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.veneer.node.driver.Usage;
import dev.veneer.node.driver.WritableStore;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.model.IdRange;
import dev.veneer.node.model.RootfsMount;
import dev.veneer.node.testkit.Commands;
import dev.veneer.node.tree.ViewChange;
import dev.veneer.node.tree.ViewDiff;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A sliver beside its oracle, a plain directory that began as the same tree. */
final class TestSliver {
    private final World world;
    final WritableStore store;
    final Path rootfs;
    final Path oracle;
    private boolean mounted;

    TestSliver(World world, WritableStore store) throws Exception {
        this.world = world;
        this.store = store;
        this.rootfs = Files.createDirectories(
                world.directory.resolve("rootfs").resolve(store.sliver().name()));
        this.oracle = Files.createDirectories(
                world.directory.resolve("oracle").resolve(store.sliver().name()));
        world.makeBase(oracle);
    }

    /** Runs a shell script in both trees and compares them. */
    TestSliver step(String script) throws Exception {
        shell(rootfs, script);
        shell(oracle, script);
        check("after: " + script);
        return this;
    }

    /** Compares the two trees, and the view's diff with the one that the trees' texts show. */
    void check(String when) throws Exception {
        Map<String, TreeText.Line> view = world.text(rootfs.toString());
        assertSame(world.text(oracle.toString()), view, when);
        assertEquals(expectedChanges(view), changes(), "the changes that are told, " + when);
    }

    /** Groups of hard links are part of the comparison only where the driver keeps them. */
    private void assertSame(Map<String, TreeText.Line> expected, Map<String, TreeText.Line> view, String when) {
        assertEquals(lines(expected), lines(view), when);
    }

    private List<String> lines(Map<String, TreeText.Line> tree) {
        boolean groups = world.driver.capabilities().hardLinksOfBaseKept();
        List<String> lines = new ArrayList<>();
        tree.forEach((path, line) -> lines.add(path + " " + line.identity() + (groups ? line.group() : "")));
        return lines;
    }

    /** What {@code ViewDiff} tells, as {@code A path}, in the order in which it tells it. */
    List<String> changes() throws Exception {
        List<String> told = new ArrayList<>();
        List<byte[]> order = new ArrayList<>();
        new ViewDiff(world.calls).compare(world.driver.mount(store, world.base), world.base.path(), change -> {
            told.add(line(change));
            order.add(change.path().array());
        });
        for (int i = 1; i < order.size(); i++) {
            String before = new String(order.get(i - 1), StandardCharsets.ISO_8859_1).replace('/', '\0');
            String after = new String(order.get(i), StandardCharsets.ISO_8859_1).replace('/', '\0');
            assertEquals(true, before.compareTo(after) < 0, "told in order: " + before + ", " + after);
        }
        return new ArrayList<>(new TreeSet<>(told));
    }

    private static String line(ViewChange change) {
        return change.kind().letter() + " " + new String(change.path().array(), StandardCharsets.ISO_8859_1);
    }

    private List<String> expectedChanges(Map<String, TreeText.Line> view) {
        Map<String, TreeText.Line> base = world.baseText();
        TreeSet<String> expected = new TreeSet<>();
        base.keySet().stream().filter(path -> !view.containsKey(path)).forEach(path -> expected.add("D " + path));
        view.forEach((path, line) -> {
            TreeText.Line before = base.get(path);
            if (before == null) {
                expected.add("A " + path);
            } else if (isChanged(before, line)) {
                expected.add("M " + path);
            }
        });
        return new ArrayList<>(expected);
    }

    /** A directory's time alone is not told. */
    private static boolean isChanged(TreeText.Line before, TreeText.Line now) {
        boolean directories = before.directory() && now.directory();
        return directories
                ? !now.withoutTime().equals(before.withoutTime())
                : !now.identity().equals(before.identity());
    }

    Usage usage() throws Exception {
        Commands.run("sync", "-f", store.path());
        return world.driver.usage(store, world.base);
    }

    void mount() throws Exception {
        mount(null);
    }

    /** Mounts it for a user namespace with these ids, or as it is. */
    void mount(@Nullable IdRange ids) throws Exception {
        world.mounter.mount(new RootfsMount(
                "0a1b2c3d", store.sliver(), 1, world.driver.mount(store, world.base), rootfs.toString(), ids));
        mounted = true;
    }

    void unmount() throws LinuxException, NodeException {
        if (mounted) {
            world.mounter.unmount(rootfs.toString());
            mounted = false;
        }
    }

    /** As after a reboot or a lost mount. */
    TestSliver remount() throws Exception {
        unmount();
        world.driver.inspect(store);
        mount();
        check("after it was mounted again");
        return this;
    }

    /** Runs a shell script in a directory; names of any bytes go through {@code printf}. */
    static String shell(Path in, String script) {
        return Commands.run("env", "LC_ALL=C", "sh", "-e", "-c", "cd \"$1\"\n" + script, "case", in.toString());
    }
}
