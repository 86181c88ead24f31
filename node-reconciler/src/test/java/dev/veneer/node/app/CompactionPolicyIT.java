package dev.veneer.node.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.veneer.api.v1alpha1.SliverUsage;
import dev.veneer.node.desired.Node;
import dev.veneer.node.desired.Permissions;
import dev.veneer.node.execute.ExecutionListener;
import dev.veneer.node.loop.PassResult;
import dev.veneer.node.loop.ReconcileLoop;
import dev.veneer.node.loop.Reconciler;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.observe.StateObserver.Look;
import dev.veneer.node.plan.Requests;
import dev.veneer.node.plan.Rewrite;
import dev.veneer.node.testkit.Commands;
import dev.veneer.node.testkit.LoopDevice;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code spec.compaction}: what would be given back is estimated, and given back when the schedule's time has come. */
class CompactionPolicyIT {
    private static final SliverId WEB = new SliverId("default", "web");
    private static final long BIG = 8 << 20;

    /** An agent that looks now and then: measures, makes a pass, and so on, in one process. */
    private record Agent(NodeOnLoop on, NodeParts node, Reconciler reconciler) implements AutoCloseable {
        static Agent start(NodeOnLoop on) throws Exception {
            NodeParts node = NodeParts.open(on.store.toString(), "test");
            FileInput input = Sources.open(
                    List.of(on.files.toString()),
                    new Permissions(false, false, true),
                    InputStream.nullInputStream(),
                    new Node(
                            node.nodeName(),
                            on.store.toString(),
                            Set.copyOf(node.drivers().names()),
                            SpecTexts.JUDGES));
            Sources.register(input, node.store());
            return new Agent(on, node, new Reconciler(input, node.observer(), Clock.systemUTC()));
        }

        @Override
        public void close() {
            node.close();
        }

        SliverUsage measure() throws Exception {
            // What btrfs has not given a place on the disk yet is not seen.
            Commands.run("sync", "-f", on.store.toString());
            Measuring.all(
                    node, node.store().scan().slivers().get(WEB).record(), dev.veneer.node.metrics.Metrics.none());
            return node.usage().of(WEB);
        }

        PassResult pass() throws Exception {
            return reconciler.pass(
                    Look.EVERYTHING,
                    node.tools(null),
                    node.reporter(),
                    ExecutionListener.NONE,
                    () -> false,
                    Requests.NONE);
        }
    }

    private static long compactions(PassResult result) {
        result.results().forEach(each -> assertNull(each.failure(), () -> each.toString()));
        return result.results().stream()
                .filter(each -> each.action() instanceof Rewrite.Compact)
                .count();
    }

    private static void declare(NodeOnLoop on, String driver, String minimum) throws Exception {
        on.write(
                "web.yaml",
                NodeOnLoop.sliver(
                        "web",
                        "driver: " + driver,
                        "pins: [/pinned]",
                        "compaction: {" + SnapshotIT.once() + ", minReclaimable: " + minimum + "}"));
    }

    @ParameterizedTest
    @CsvSource({"XFS, overlay", "BTRFS, overlay", "XFS, copy", "BTRFS, btrfs-snapshot"})
    void whatIsWorthItIsGivenBack(LoopDevice.Kind kind, String driver) throws Exception {
        try (NodeOnLoop on = new NodeOnLoop(kind)) {
            String big = "0123456789abcdef".repeat((int) BIG / 16);
            on.write(
                    "base.yaml",
                    NodeOnLoop.image("base", on.archive("base", "usr/big", big, "pinned", big, "etc/x", "y")));
            on.write("web.yaml", NodeOnLoop.sliver("web", "driver: " + driver, "pins: [/pinned]"));
            assertEquals(0, on.apply().status());
            try (Agent agent = Agent.start(on)) {
                NodeParts node = agent.node();
                assertEquals(0, node.usage().of(WEB) == null ? 0 : 1);
                SliverUsage fresh = agent.measure();
                assertNotNull(fresh.reclaimableBytes());
                assertTrue(fresh.reclaimableBytes() < 1 << 20, fresh.toString());
                again(on, "usr/big");
                again(on, "pinned");
                SliverUsage usage = agent.measure();
                assertNotNull(usage.reclaimableBytes());
                boolean pinsAreWhole = usage.reclaimableBytes() < BIG * 3 / 2;
                assertTrue(usage.reclaimableBytes() >= BIG, usage.toString());
                assertTrue(pinsAreWhole || !driver.equals("overlay"), "what is pinned stays: " + usage);

                agent.pass();
                declare(on, driver, "1Gi");
                assertEquals(0, compactions(agent.pass()), "not worth it");
                declare(on, driver, "1Mi");
                assertEquals(1, compactions(agent.pass()));
                assertNull(node.usage().of(WEB), "what was measured is of another revision");
                JsonNode last = status(on).path("lastCompaction");
                assertTrue(last.path("before").asLong() >= BIG, last.toString());
                if (driver.equals("overlay")) {
                    assertTrue(
                            last.path("after").asLong() <= last.path("before").asLong() - BIG, last.toString());
                }
                assertTrue(last.path("duration").asText().endsWith("s"), last.toString());

                // Its time has come once; also were it still worth it, it is not done again.
                agent.measure();
                assertEquals(0, compactions(agent.pass()));
                assertTrue(status(on).at("/usage/observedAt").isTextual());
            }
        }
    }

    /** Where blocks cannot be shared, nothing can be given back, and nobody is stopped for it. */
    @ParameterizedTest
    @CsvSource({"EXT4, copy"})
    void whatCannotBeToldIsNotDone(LoopDevice.Kind kind, String driver) throws Exception {
        try (NodeOnLoop on = new NodeOnLoop(kind)) {
            on.write("base.yaml", NodeOnLoop.image("base", on.archive("base", "usr/big", "x".repeat(100_000))));
            on.write("web.yaml", NodeOnLoop.sliver("web", "driver: " + driver));
            assertEquals(0, on.apply().status());
            try (Agent agent = Agent.start(on)) {
                again(on, "usr/big");
                assertNull(agent.measure().reclaimableBytes());
                declare(on, driver, "0");
                assertEquals(0, compactions(agent.pass()));
            }
        }
    }

    /** A file of the base written anew with what it had. */
    private static void again(NodeOnLoop on, String file) throws Exception {
        Path path = on.rootfs("web").resolve(file);
        Commands.run("cp", "-p", "--reflink=never", "--sparse=never", path.toString(), path + ".new");
        Files.move(Path.of(path + ".new"), path, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    }

    private static JsonNode status(NodeOnLoop on) throws Exception {
        return AgentSocket.JSON
                .readTree(on.run("get", "sliver", "web", "-o", "json").text())
                .path("status");
    }

    /** Who asks for a sliver soon after the agent's start has its usage measured, which must not be all for an hour. */
    @Test
    void whatWasAskedForIsEstimatedAllTheSame() throws Exception {
        try (NodeOnLoop on = new NodeOnLoop(LoopDevice.Kind.XFS)) {
            on.write("base.yaml", NodeOnLoop.image("base", on.archive("base", "data", "x")));
            on.write("web.yaml", NodeOnLoop.sliver("web", "driver: overlay"));
            assertEquals(0, on.apply().status());
            try (Agent agent = Agent.start(on)) {
                Measuring.usage(
                        agent.node(),
                        agent.node().store().scan().slivers().get(WEB).record());
                assertNull(agent.node().usage().of(WEB).reclaimableBytes());
                ReconcileLoop loop = new ReconcileLoop(why -> Optional.empty(), Clock.systemUTC());
                new Measuring(agent.node(), loop, dev.veneer.node.metrics.Metrics.none()).runNew();
                assertNotNull(agent.node().usage().of(WEB).reclaimableBytes());
            }
        }
    }
}
