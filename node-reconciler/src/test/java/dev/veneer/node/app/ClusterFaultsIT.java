package dev.veneer.node.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.api.testkit.ControlPlane;
import dev.veneer.api.testkit.KubernetesApi;
import dev.veneer.node.app.FaultyApi.Cut;
import dev.veneer.node.app.FaultyApi.CutShort;
import dev.veneer.node.app.FaultyApi.Reply;
import dev.veneer.node.app.FaultyApi.Slow;
import dev.veneer.node.app.FaultyApi.Stale;
import dev.veneer.node.app.FaultyApi.Twice;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Whatever becomes of requests and answers on their way: nothing wrong is done, all comes right, and nobody is flooded. */
@Execution(ExecutionMode.CONCURRENT)
class ClusterFaultsIT {
    @RegisterExtension
    static final KubernetesApi API = new KubernetesApi();

    private ClusterSite site;
    private FaultyApi api;
    private Path kubeconfig;

    @BeforeEach
    void open() throws Exception {
        site = new ClusterSite(API.plane()).hasty();
        api = new FaultyApi(API.plane());
        kubeconfig = Files.createTempFile("veneer-kubeconfig-", ".yaml");
        Files.writeString(kubeconfig, site.kubeconfig(api.address()));
    }

    @AfterEach
    void close() throws Exception {
        try {
            site.close();
        } finally {
            api.close();
            Files.delete(kubeconfig);
        }
    }

    private void startWithASliver() throws Exception {
        site.startWith(kubeconfig);
        site.apply(site.sliver("web", "driver: overlay"));
        site.await(() -> site.isReady("web"));
        Files.writeString(site.node.rootfs("web").resolve("mine"), "kept\n");
    }

    private void assertKept() throws Exception {
        assertTrue(site.agent.isAlive(), site.agent.said());
        assertEquals("kept\n", Files.readString(site.node.rootfs("web").resolve("mine")));
    }

    /** A life of a sliver beside the one that is there. */
    private void liveALife(String name) throws Exception {
        site.apply(site.sliver(name, "driver: overlay"));
        site.await(() -> site.isReady(name) && site.isMounted(name));
        site.apply(site.sliver(name, "driver: overlay", "desiredState: Registered"));
        site.await(() -> site.isReady(name) && !site.isMounted(name));
        site.delete(name);
        site.await(() -> site.get(name).isMissingNode() && !site.isStored(name));
        assertKept();
    }

    @Test
    void theServerHasEnough() throws Exception {
        startWithASliver();
        api.forget();
        // Not every third one: requests that come in turn would always meet the same. And for a moment again and again
        // it
        // takes all, since whoever has lost it needs two answers in a row to have it back.
        Random random = new Random(11);
        api.faults(call -> random.nextInt(3) == 0 || System.nanoTime() / 1_000_000_000L % 3 == 0
                ? null
                : Reply.of(429, "TooManyRequests").with("Retry-After: 1"));
        liveALife("busy");
        long in = api.calls().size();
        assertTrue(in < 150, in + " requests: " + api.calls());
        // While it says nothing but that, it is asked ever more seldom.
        api.faults(call -> Reply.of(429, "TooManyRequests").with("Retry-After: 2"));
        site.apply(site.sliver("late", "driver: overlay"));
        api.cutWatches();
        Thread.sleep(5000);
        api.forget();
        Thread.sleep(15_000);
        assertTrue(api.calls().size() < 80, api.calls().size() + " requests in 15 s: " + api.calls());
        assertKept();
        api.faults(call -> null);
        site.await(() -> site.isReady("late"));
    }

    @Test
    void everyWriteIsAConflictAtFirst() throws Exception {
        startWithASliver();
        // Not every third one: writes that come in turn would always meet the same.
        Random random = new Random(3);
        api.faults(call -> call.writes() && random.nextInt(3) != 0 ? Reply.of(409, "Conflict") : null);
        api.forget();
        liveALife("contended");
        assertTrue(api.count(FaultyApi.Call::writes) < 100, api.calls().toString());
    }

    @Test
    void watchesExpire() throws Exception {
        startWithASliver();
        AtomicInteger count = new AtomicInteger();
        api.faults(call -> call.watch() && count.incrementAndGet() % 2 == 0 ? Reply.of(410, "Expired") : null);
        for (int i = 0; i < 3; i++) {
            api.cutWatches();
            liveALife("expired-" + i);
        }
        api.forget();
        api.cutWatches();
        Thread.sleep(10_000);
        assertTrue(api.calls().size() < 60, api.calls().toString());
    }

    @Test
    void connectionsAreCut() throws Exception {
        startWithASliver();
        Random random = new Random(5);
        api.faults(call -> switch (random.nextInt(10)) {
            case 0 -> new Cut(false);
            case 1 -> new Cut(true);
            case 2 -> new CutShort(200);
            default -> null;
        });
        Thread cutting = new Thread(() -> {
            try {
                for (int i = 0; i < 100; i++) {
                    Thread.sleep(300);
                    api.cutWatches();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        cutting.start();
        try {
            liveALife("cut");
            site.apply(site.sliver("cut-again", "driver: overlay"));
        } finally {
            cutting.interrupt();
            cutting.join();
        }
        // The client does not always notice that a watch was cut while it began; the agent does, when it is overdue.
        site.await(() -> site.isReady("cut-again"));
        assertKept();
    }

    @Test
    void answersAreSlow() throws Exception {
        startWithASliver();
        api.faults(call -> call.watch() ? null : new Slow(1500));
        liveALife("slow");
        api.faults(call -> call.watch() || !call.writes() ? null : new Slow(12_000));
        site.apply(site.sliver("slower", "driver: overlay"));
        site.await(() -> site.isMounted("slower"));
        api.faults(call -> null);
        site.await(() -> site.isReady("slower"));
        assertKept();
    }

    @Test
    void whatIsAskedOrAnsweredIsRepeated() throws Exception {
        startWithASliver();
        api.faults(call -> call.writes() ? new Twice() : null);
        liveALife("twice");
        // Lists from before a sliver was there: what lies here for it stays.
        api.faults(call -> null);
        site.apply(site.sliver("young", "driver: overlay"));
        site.await(() -> site.isReady("young"));
        api.faults(call -> call.watch() ? Reply.of(410, "Expired") : call.writes() ? null : new Stale());
        api.cutWatches();
        Thread.sleep(8000);
        assertTrue(site.isMounted("young") && site.isMounted("web"), site.agent.said());
        api.faults(call -> null);
        site.apply(site.sliver("young", "driver: overlay", "desiredState: Registered"));
        site.await(() -> site.isReady("young") && !site.isMounted("young"));
        assertKept();
    }

    @Test
    void nonsenseIsAnswered() throws Exception {
        startWithASliver();
        AtomicInteger count = new AtomicInteger();
        String[] bodies = {"", "<html>proxy</html>", "null", "[]", "{\"kind\":\"Sliver\"}", "{\"items\":[{}]}", "\u0000"
        };
        api.faults(call -> {
            int n = count.incrementAndGet();
            return n % 3 == 0 ? null : new Reply(n % 3 == 1 ? 200 : 502, "", bodies[n % bodies.length]);
        });
        api.cutWatches();
        site.apply(site.sliver("odd", "driver: overlay"));
        Thread.sleep(10_000);
        assertKept();
        api.faults(call -> null);
        site.await(() -> site.isReady("odd"));
        assertKept();
    }

    @Test
    void aTokenExpiresAndIsReplaced() throws Exception {
        Path token = Files.createTempFile("veneer-token-", "");
        try {
            String first = site.token("first");
            Files.writeString(token, first);
            Files.writeString(
                    kubeconfig,
                    site.kubeconfig(api.address()).replaceAll("token: \"[^\"]*\"", "tokenFile: \"" + token + "\""));
            startWithASliver();
            // The pod that it is bound to is gone: the server does not know it any more.
            site.client()
                    .pods()
                    .inNamespace("veneer-system")
                    .withName(site.podOf("first"))
                    .withGracePeriod(0)
                    .delete();
            site.await(() -> isRefused(first));
            api.cutWatches();
            api.forget();
            site.apply(site.sliver("late", "driver: overlay"));
            Thread.sleep(5000);
            assertKept();
            assertTrue(api.calls().size() < 60, api.calls().toString());
            Files.writeString(token, site.token("second"));
            site.await(() -> site.isReady("late"));
            assertKept();
        } finally {
            Files.delete(token);
        }
    }

    /** By the first version of HTTP: by the second one the server ends a stranger's connection instead of answering. */
    private boolean isRefused(String token) throws IOException {
        HttpURLConnection call = (HttpURLConnection) URI.create(api.address() + "/api/v1/namespaces/kube-system")
                .toURL()
                .openConnection();
        call.setRequestProperty("Authorization", "Bearer " + token);
        try {
            return call.getResponseCode() == 401;
        } finally {
            call.disconnect();
        }
    }

    @Test
    void anotherClusterAnswersAfterAPartition() throws Exception {
        startWithASliver();
        site.agent.kill();
        try (ControlPlane other = ControlPlane.start();
                ClusterSite elsewhere = site.on(other)) {
            Files.writeString(kubeconfig, elsewhere.kubeconfig(api.address()));
            api.target(other);
            api.faults(call -> new Cut(false));
            ChildVeneer agent = site.startWith(kubeconfig);
            site.await(() -> agent.said().contains("for the store"));
            elsewhere.apply(elsewhere.sliver("web", "driver: overlay", "instanceSerial: 2"));
            api.faults(call -> null);
            assertEquals(75, agent.end(), agent.said());
            assertTrue(agent.said().contains("that of another cluster"), agent.said());
            assertEquals("kept\n", Files.readString(site.node.rootfs("web").resolve("mine")));
        }
    }
}
