package dev.veneer.node.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.api.Reason;
import dev.veneer.node.execute.ActionResult;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.plan.Action;
import dev.veneer.node.plan.Requests;
import dev.veneer.node.testkit.Commands;
import dev.veneer.node.testkit.FaultyLinuxCalls;
import dev.veneer.node.testkit.LoopDevice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Snapshots of a running sliver whose store an overlay with other options wrote, on a file system that cannot share
 * blocks: what it is held still for.
 */
class ForeignSnapshotIT {
    private static final long MEBIBYTE = 1 << 20;
    private static final List<String> UNTOUCHED = List.of("untouched1", "untouched2", "untouched3");

    private NodeOnLoop node;
    private final Set<String> readWhileHeld = new ConcurrentSkipListSet<>();
    private final AtomicBoolean held = new AtomicBoolean();

    @BeforeEach
    void start() throws Exception {
        node = new NodeOnLoop(LoopDevice.Kind.EXT4, 400);
        Commands.run("tune2fs", "-m", "0", node.disk.device());
        node.write(
                "store.yaml",
                "apiVersion: veneer.dev/v1alpha1\nkind: NodeStore\nmetadata: {name: local}\nspec: {path: " + node.store
                        + ", reserve: {minFree: " + 20 * MEBIBYTE + "}}\n");
        GuestThatCounts.pack(node);
        Path tree = node.archives.resolve("counting");
        Files.write(tree.resolve("opt"), new byte[(int) (40 * MEBIBYTE)]);
        for (String name : UNTOUCHED) {
            Files.writeString(tree.resolve(name), name.repeat(5000));
        }
        String[] all = tree.toFile().list();
        assertNotNull(all);
        node.write("base.yaml", NodeOnLoop.image("base", node.pack("counting", tree, List.of(all))));
        declare("desiredState: Registered");
        done(node.apply());
        changeModeAlone();
        declare("desiredState: Started");
        done(node.apply());
    }

    private void declare(String... more) throws IOException {
        String[] all = Stream.concat(Stream.of("driver: overlay", "update: {grace: 1s}"), Stream.of(more))
                .toArray(String[]::new);
        node.write("web.yaml", NodeOnLoop.sliver("web", all));
    }

    /** The store holds the mode of a large file, and nothing of its content. */
    private void changeModeAlone() throws Exception {
        Path view = Files.createDirectory(node.disk.mountPoint().resolve("view"));
        Path store = node.revision("web", 1);
        Path base;
        try (Stream<Path> bases = Files.list(node.store.resolve("bases"))) {
            base = bases.map(each -> each.resolve("dir"))
                    .filter(Files::isDirectory)
                    .findFirst()
                    .orElseThrow();
        }
        Commands.run(
                "mount",
                "-t",
                "overlay",
                "-o",
                "lowerdir=" + base + ",upperdir=" + store.resolve("upper") + ",workdir=" + store.resolve("work")
                        + ",redirect_dir=on,metacopy=on,index=off,xino=off",
                "strange",
                view.toString());
        Commands.run("chmod", "0711", view.resolve("opt").toString());
        Commands.run("umount", view.toString());
    }

    @AfterEach
    void end() throws IOException {
        try {
            Files.deleteIfExists(node.files.resolve("web.yaml"));
            node.apply();
        } finally {
            node.close();
        }
    }

    private static void done(NodeOnLoop.Said said) {
        assertEquals(0, said.status(), said.text());
    }

    private boolean isHeld() throws IOException {
        try (Stream<Path> all = Files.list(node.store.resolve("lxc"))) {
            return all.anyMatch(each -> Files.exists(each.resolve("frozen")));
        }
    }

    private ActionResult snapshot() throws Exception {
        declare("desiredState: Started", "snapshots: {" + SnapshotIT.once() + "}");
        FaultyLinuxCalls watched = new FaultyLinuxCalls(Site.REAL)
                .counting("pread", "statx")
                .before((call, number) -> {
                    if (isHeld()) {
                        held.set(true);
                        if (call.name().equals("pread")) {
                            readWhileHeld.add(name((Integer) call.arguments().get(0)));
                        }
                    }
                });
        try (NodeParts parts = NodeParts.open(watched.calls(), node.store.toString(), "test")) {
            return Site.pass(parts, node.store, node.files, Requests.NONE, () -> false).results().stream()
                    .filter(each -> each.action() instanceof Action.TakeSnapshot)
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static String name(int fd) throws IOException {
        try {
            return Files.readSymbolicLink(Path.of("/proc/self/fd/" + fd))
                    .getFileName()
                    .toString();
        } catch (NoSuchFileException e) {
            return "";
        }
    }

    @Test
    void theBasesOwnFilesAreNotReadWhileItIsHeldStill() throws Exception {
        ActionResult taken = snapshot();
        assertEquals(ActionResult.Outcome.DONE, taken.outcome(), String.valueOf(taken.failure()));
        assertTrue(held.get(), "it was held still");
        for (String name : UNTOUCHED) {
            assertFalse(readWhileHeld.contains(name), readWhileHeld.toString());
        }
        Path upper = node.revision("web", 2).resolve("upper");
        assertEquals(40 * MEBIBYTE, Files.size(upper.resolve("opt")));
        for (String name : UNTOUCHED) {
            assertFalse(Files.exists(upper.resolve(name)), name);
        }
        ForeignStore.assertPlain(upper);
    }

    @Test
    void withoutRoomItIsNeverHeldStill() throws Exception {
        Commands.run("sync", "--file-system", node.disk.mountPoint().toString());
        long free = Files.getFileStore(node.disk.mountPoint()).getUsableSpace();
        Commands.run(
                "fallocate",
                "-l",
                Long.toString(free - 50 * MEBIBYTE),
                node.disk.mountPoint().resolve("ballast").toString());
        ActionResult refused = snapshot();
        NodeException why = refused.failure();
        assertNotNull(why, "it was taken");
        assertEquals(Reason.LowSpace, why.reason(), why.getMessage());
        assertFalse(held.get(), "it was held still for nothing");
        assertFalse(Files.exists(node.revision("web", 2)));
    }
}
