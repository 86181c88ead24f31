package dev.veneer.node.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.veneer.api.testkit.KubernetesApi;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** The node's clock is wrong by days, and jumps there and back, as of a machine whose battery is empty. */
@Execution(ExecutionMode.CONCURRENT)
class ClusterClockIT {
    @RegisterExtension
    static final KubernetesApi API = new KubernetesApi();

    private ClusterSite site;
    private Path offset;

    @BeforeEach
    void open() throws Exception {
        site = new ClusterSite(API.plane()).hasty();
        offset = Files.createTempFile("veneer-clock-", ".txt");
        jump("+0");
    }

    @AfterEach
    void close() throws Exception {
        try {
            site.close();
        } finally {
            Files.delete(offset);
        }
    }

    private void jump(String to) throws Exception {
        Path next = Files.writeString(offset.resolveSibling(offset.getFileName() + ".new"), to + "\n");
        Files.move(next, offset, StandardCopyOption.ATOMIC_MOVE);
    }

    private ZonedDateTime renewed() {
        return site.client()
                .leases()
                .inNamespace("veneer-system")
                .withName(site.name)
                .get()
                .getSpec()
                .getRenewTime();
    }

    private JsonNode ready(String sliver) {
        for (JsonNode condition : site.get(sliver).at("/status/conditions")) {
            if (condition.path("type").asText().equals("Ready")) {
                return condition;
            }
        }
        throw new AssertionError(site.get(sliver));
    }

    @Test
    void itJumpsForthAndBack() throws Exception {
        site.startWithClock(offset);
        site.apply(site.sliver("web", "driver: overlay"));
        site.await(() -> site.isReady("web"));
        Files.writeString(site.node.rootfs("web").resolve("mine"), "kept\n");
        JsonNode before = ready("web");
        String mount = site.node.mountedAt(site.rootfs("web")).toString();
        for (String to : new String[] {"+3d", "-30d"}) {
            jump(to);
            long days = Long.parseLong(to.substring(0, to.length() - 1));
            site.await(
                    Duration.ofMinutes(1),
                    () -> Math.abs(Duration.between(Instant.now(), renewed().toInstant())
                                            .toHours()
                                    - 24 * days)
                            < 2);
            assertTrue(site.agent.isAlive(), site.agent.said());
            assertEquals(before, ready("web"), "nothing has happened to it");
            assertEquals(mount, site.node.mountedAt(site.rootfs("web")).toString());
            // And goes on to do what it is told.
            site.apply(site.sliver("young", "driver: overlay"));
            site.await(() -> site.isReady("young") && site.isMounted("young"));
            site.delete("young");
            site.await(() -> site.get("young").isMissingNode() && !site.isStored("young"));
            assertEquals("kept\n", Files.readString(site.node.rootfs("web").resolve("mine")));
        }
    }

    /** Its Lease looks as if it had expired long ago. */
    @Test
    void anotherDoesNotTakeItForLost() throws Exception {
        jump("-3d");
        site.startWithClock(offset);
        site.apply(site.sliver("web", "driver: overlay"));
        site.await(() -> site.isReady("web"));
        ChildVeneer first = site.agent;
        try (NodeOnLoop elsewhere = new NodeOnLoop(dev.veneer.node.testkit.LoopDevice.Kind.XFS);
                ChildVeneer second = site.startOn(elsewhere.store, site.name)) {
            assertEquals(75, second.end(), second.said());
            assertTrue(second.said().contains("is held by"), second.said());
        }
        assertTrue(first.isAlive(), first.said());
        assertTrue(site.isReady("web"));
    }

    /** Its Lease looks as if it counted for days, but nobody renews it any more. */
    @Test
    void anotherTakesThePlaceOfOneThatIsGone() throws Exception {
        jump("+3d");
        site.startWithClock(offset);
        site.apply(site.sliver("web", "driver: overlay"));
        site.await(() -> site.isReady("web"));
        site.agent.kill();
        ZonedDateTime last = renewed();
        try (NodeOnLoop elsewhere = new NodeOnLoop(dev.veneer.node.testkit.LoopDevice.Kind.XFS);
                ChildVeneer second = site.startOn(elsewhere.store, site.name)) {
            site.await(Duration.ofMinutes(2), () -> !renewed().equals(last));
            assertNotEquals(last, renewed());
            assertTrue(second.isAlive(), second.said());
        }
    }
}
