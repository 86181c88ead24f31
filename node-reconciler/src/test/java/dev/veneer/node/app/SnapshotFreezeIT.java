package dev.veneer.node.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.testkit.LoopDevice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A running container is held still while its writable store is copied, and goes on afterwards, also when who held it was
 * killed. On a file system that cannot share blocks, so that a copy takes its time.
 */
class SnapshotFreezeIT {
    private NodeOnLoop node;

    @BeforeEach
    void start() throws Exception {
        node = new NodeOnLoop(LoopDevice.Kind.EXT4);
        node.write("base.yaml", NodeOnLoop.image("base", GuestThatCounts.pack(node)));
        declare("keepPrevious: 0s");
        done(node.apply());
        awaitCounting();
        // Its ids are mapped: only a program in it can write there.
        String store = node.store.toString();
        done(node.run(
                "exec",
                "--store",
                store,
                "web",
                "--",
                "/bin/sh",
                "-c",
                "/bin/busybox dd if=/dev/zero of=/big bs=1M count=250" + " 2>/dev/null; true"));
    }

    private void declare(String more) throws IOException {
        node.write(
                "web.yaml",
                NodeOnLoop.sliver("web", "driver: overlay", "desiredState: Started", "update: {grace: 1s}", more));
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

    private static NodeOnLoop.Said done(NodeOnLoop.Said said) {
        assertEquals(0, said.status(), said.text());
        return said;
    }

    private String count() throws IOException {
        return Files.readString(node.rootfs("web").resolve("count")).strip();
    }

    private void awaitCounting() throws Exception {
        long until = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!Files.exists(node.rootfs("web").resolve("again"))) {
            assertTrue(System.nanoTime() < until, "the guest does not count");
            Thread.sleep(20);
        }
        String before = count();
        while (count().equals(before) || count().isEmpty()) {
            assertTrue(System.nanoTime() < until, "the guest stands still at " + before);
            Thread.sleep(20);
        }
    }

    private boolean isMarked() throws IOException {
        try (Stream<Path> all = Files.list(node.store.resolve("lxc"))) {
            return all.anyMatch(each -> Files.exists(each.resolve("frozen")));
        }
    }

    /** What was written one after the other is in the snapshot as it was at one moment. */
    private void assertOfOneMoment(int revision) throws IOException {
        Path upper = node.revision("web", revision).resolve("upper");
        int first = Integer.parseInt(Files.readString(upper.resolve("count")).strip());
        int second = Integer.parseInt(Files.readString(upper.resolve("again")).strip());
        assertTrue(first == second || first == second + 1, first + " and " + second);
        assertEquals(250L << 20, Files.size(upper.resolve("big")));
    }

    @Test
    void itGoesOnAfterwards() throws Exception {
        declare("snapshots: {" + SnapshotIT.once() + "}");
        assertTrue(done(node.apply()).text().contains("snapshot done"));
        assertFalse(isMarked());
        awaitCounting();
        assertOfOneMoment(2);
    }

    @Test
    void whoHeldItWasKilled() throws Exception {
        declare("snapshots: {" + SnapshotIT.once() + "}");
        try (ChildVeneer child =
                ChildVeneer.start("apply", "-f", node.files.toString(), "--store", node.store.toString())) {
            long until = System.nanoTime() + Duration.ofSeconds(60).toNanos();
            while (!isMarked()) {
                assertTrue(System.nanoTime() < until, child.said());
                Thread.sleep(1);
            }
            // It is marked before it is held, and the copy takes longer than that.
            Thread.sleep(60);
            assertTrue(child.kill(), child.said());
        }
        assertTrue(isMarked());
        String held = count();
        Thread.sleep(400);
        assertEquals(held, count(), "it is held still");
        assertFalse(Files.exists(node.revision("web", 2)));

        // Whoever comes next lets it go on, whatever it came for.
        declare("keepPrevious: 0s");
        done(node.apply());
        assertFalse(isMarked());
        awaitCounting();
        assertNotEquals(held, count());
        declare("snapshots: {" + SnapshotIT.once() + "}");
        done(node.apply());
        assertOfOneMoment(2);
    }

    /** The pause is told. */
    @Test
    void howLongItWasDown() throws Exception {
        NodeOnLoop.Said said = done(node.run("compact", "sliver", "web"));
        assertTrue(said.text().contains("started; it was down for "), said.text());
        String history = done(node.run("describe", "sliver", "web")).text();
        assertTrue(history.contains("it was down for "), history);
        assertTrue(history.contains("Last Compaction:"), history);
        awaitCounting();
    }
}
