package dev.veneer.node.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.api.testkit.ControlPlane;
import dev.veneer.api.testkit.KubernetesApi;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Whatever becomes of the cluster: what lies on the node stays, and goes on being kept. */
@Execution(ExecutionMode.CONCURRENT)
class ClusterLossIT {
    @RegisterExtension
    static final KubernetesApi API = new KubernetesApi();

    private ClusterSite site;

    @BeforeEach
    void open() throws Exception {
        site = new ClusterSite(API.plane());
        site.start();
        site.apply(site.sliver("web", "driver: overlay"));
        site.await(() -> site.isReady("web"));
        Files.writeString(site.node.rootfs("web").resolve("mine"), "kept\n");
    }

    @AfterEach
    void close() throws Exception {
        site.close();
    }

    private void adopt(ClusterSite there) {
        there.annotate("web", "veneer.dev/adopt", "true");
    }

    private String mine() throws Exception {
        return Files.readString(site.node.rootfs("web").resolve("mine"));
    }

    @Test
    void allDefinitionsAreDeleted() throws Exception {
        String base = site.node.archives.resolve("base.tar").toUri().toString();
        try {
            ControlPlane.crds().forEach(crd -> site.client().resource(crd).delete());
            site.await(() -> ControlPlane.crds().stream()
                    .allMatch(crd -> site.client().resource(crd).get() == null));
            Thread.sleep(2000);
            assertTrue(site.isMounted("web"));
            assertEquals("kept\n", mine());
        } finally {
            site.plane.restoreCrds();
        }
        // The same objects, as a backup or a repository has them, are other objects.
        site.apply(NodeOnLoop.image(site.base("base"), base));
        site.apply(site.sliver("web", "driver: overlay", "instanceSerial: 2"));
        site.await(() -> site.condition("web", "Ready").equals("False OtherObject"));
        assertTrue(site.isMounted("web"));
        assertEquals("kept\n", mine());
        site.unmount(site.node.rootfs("web"));
        site.await(() -> site.isMounted("web"));
        site.apply(site.sliver("web", "driver: overlay"));
        adopt(site);
        site.await(() -> site.isReady("web"));
        assertEquals("kept\n", mine());
        site.delete("web");
        site.await(() -> site.get("web").isMissingNode());
        assertFalse(site.isStored("web"));
    }

    @Test
    void theHeldOneIsDeletedWithoutItsNamesakesData() throws Exception {
        site.agent.signal("TERM");
        assertEquals(0, site.agent.end());
        site.kind("Sliver").inNamespace("default").withName("web").edit(web -> {
            web.getMetadata().setFinalizers(java.util.List.of());
            return web;
        });
        site.delete("web");
        site.await(() -> site.get("web").isMissingNode());
        site.start();
        site.apply(site.sliver("web", "driver: overlay"));
        site.await(() -> site.condition("web", "Ready").equals("False OtherObject"));
        site.delete("web");
        site.await(() -> site.get("web").isMissingNode());
        Thread.sleep(1000);
        assertEquals("kept\n", mine());
        site.await(
                () -> site.kind("NodeStore").withName(site.name).get().get("status", "orphans") == Integer.valueOf(1));
    }

    @Test
    void theApiServerDiesAndTheAgentToo() throws Exception {
        site.plane.killServer();
        try {
            site.unmount(site.node.rootfs("web"));
            site.await(() -> site.isMounted("web"));
            site.agent.kill();
            site.unmount(site.node.rootfs("web"));
            site.start();
            site.await(() -> site.isMounted("web"));
            site.await(() -> site.node
                    .run("get", "sliver", "web", "-o", "json")
                    .text()
                    .contains("has not been reached since the agent began"));
        } finally {
            site.plane.startServer();
        }
        site.apply(site.sliver("web", "driver: overlay", "desiredState: Registered"));
        site.apply(site.sliver("new", "driver: overlay"));
        site.await(() -> site.isReady("web") && site.isReady("new") && !site.isMounted("web"));
        site.await(() -> site.condition("web", "DesiredStateFresh").equals("True Succeeded"));
    }

    @Test
    void theApiServerIsStartedAgainUnderTheAgent() throws Exception {
        site.plane.killServer();
        Thread.sleep(3000);
        site.plane.startServer();
        site.apply(site.sliver("web", "driver: overlay", "desiredState: Registered"));
        site.await(() -> site.isReady("web") && !site.isMounted("web"));
        site.delete("web");
        site.await(() -> site.get("web").isMissingNode() && !site.isStored("web"));
    }

    /** While slivers are made and taken away as fast as the API server takes it. */
    @Test
    void apiServerAndEtcdDieUnderLoad() throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        AtomicInteger made = new AtomicInteger();
        CompletableFuture<Void> load = CompletableFuture.runAsync(() -> {
            while (!over.get()) {
                String name = "load-" + made.get() % 20;
                try {
                    site.apply(site.sliver(name, "driver: overlay"));
                    if (made.get() % 3 == 0) {
                        site.delete(name);
                    }
                    made.incrementAndGet();
                } catch (KubernetesClientException e) {
                    // Nobody answers, or the one of before is just going: tried again.
                    LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
                }
            }
        });
        try {
            for (int round = 0; round < 2; round++) {
                int before = made.get();
                site.await(() -> made.get() > before + 10);
                site.plane.restart();
            }
        } finally {
            over.set(true);
        }
        load.join();
        for (int i = 0; i < 20; i++) {
            String name = "load-" + i;
            site.await(() -> applied(name));
            site.await(Duration.ofMinutes(2), () -> site.isReady(name) && site.isMounted(name));
        }
        assertEquals("kept\n", mine());
        for (int i = 0; i < 20; i++) {
            site.delete("load-" + i);
        }
        site.await(Duration.ofMinutes(2), () -> IntStream.range(0, 20)
                .noneMatch(i -> !site.get("load-" + i).isMissingNode() || site.isStored("load-" + i)));
        assertTrue(site.isMounted("web"));
    }

    /** Declares one; false as long as the one of that name before is still going. */
    private boolean applied(String name) {
        try {
            site.apply(site.sliver(name, "driver: overlay"));
            return site.get(name).at("/metadata/deletionTimestamp").isMissingNode();
        } catch (KubernetesClientException e) {
            return false;
        }
    }

    @Test
    void aSecondAgentOfTheSameNameIsRefused() throws Exception {
        Path other = site.node.disk.mountPoint().resolve("other");
        ChildVeneer second = site.startOn(other, site.name);
        assertEquals(75, second.end(), second.said());
        assertTrue(second.said().contains("another agent is the agent of node " + site.name), second.said());
        // The same agent, killed and started again, need not wait for its own Lease.
        site.agent.kill();
        site.start();
        site.apply(site.sliver("web", "driver: overlay", "desiredState: Registered"));
        site.await(() -> site.isReady("web") && !site.isMounted("web"));
        // One that was ended lets go of it.
        site.agent.signal("TERM");
        assertEquals(0, site.agent.end());
        site.kind("NodeStore").withName(site.name).delete();
        site.agent = site.startOn(other, site.name);
        // What was made elsewhere is not made again without a word.
        site.await(() -> site.condition("web", "Ready").equals("False DataMissing"));
        assertFalse(Files.exists(other.resolve("slivers/default/web")));
        adopt(site);
        site.await(() -> Files.exists(other.resolve("slivers/default/web")));
    }

    @Test
    void aNewClusterWithTheSameObjects() throws Exception {
        site.agent.signal("TERM");
        assertEquals(0, site.agent.end());
        try (ControlPlane other = ControlPlane.start();
                ClusterSite rebuilt = site.on(other)) {
            rebuilt.start();
            rebuilt.apply(NodeOnLoop.image(
                    rebuilt.base("base"),
                    site.node.archives.resolve("base.tar").toUri().toString()));
            Thread.sleep(2000);
            assertEquals("kept\n", mine());
            rebuilt.await(() -> rebuilt.orphans() == 1);
            rebuilt.apply(rebuilt.sliver("web", "driver: overlay"));
            rebuilt.await(() -> rebuilt.condition("web", "Ready").equals("False OtherSource"));
            assertEquals("kept\n", mine());
            rebuilt.delete("web");
            rebuilt.await(() -> rebuilt.get("web").isMissingNode());
            Thread.sleep(1000);
            assertEquals("kept\n", mine());
            rebuilt.await(() -> rebuilt.orphans() == 1);
            rebuilt.apply(rebuilt.sliver("web", "driver: overlay"));
            // Who may annotate a Sliver is not who may give away what another cluster's namespace had.
            adopt(rebuilt);
            rebuilt.await(() -> rebuilt.condition("web", "Ready").equals("False OtherSource"));
            Thread.sleep(1000);
            assertEquals("False OtherSource", rebuilt.condition("web", "Ready"));
            rebuilt.adoptAll("true");
            rebuilt.await(() -> rebuilt.isReady("web"));
            rebuilt.await(() -> rebuilt.orphans() == 0);
            assertEquals("kept\n", mine());
            rebuilt.agent.signal("TERM");
            assertEquals(0, rebuilt.agent.end());
        }
    }
}
