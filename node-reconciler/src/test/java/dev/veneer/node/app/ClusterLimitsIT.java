package dev.veneer.node.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.api.testkit.Caller;
import dev.veneer.api.testkit.KubernetesApi;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Objects as large, and edits as many, as an API server takes. */
@Execution(ExecutionMode.CONCURRENT)
class ClusterLimitsIT {
    private static final int EDITS = 10_000;
    private static final int USERS = 4;
    private static final String WEB = "/apis/veneer.dev/v1alpha1/namespaces/default/slivers/web";

    @RegisterExtension
    static final KubernetesApi API = new KubernetesApi();

    private ClusterSite site;
    private FaultyApi api;
    private Path kubeconfig;

    @BeforeEach
    void open() throws Exception {
        site = new ClusterSite(API.plane());
        api = new FaultyApi(API.plane());
        kubeconfig = Files.createTempFile("veneer-kubeconfig-", ".yaml");
        Files.writeString(kubeconfig, site.kubeconfig(api.address()));
        site.startWith(kubeconfig);
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

    @Test
    void namesAtTheirLimits() throws Exception {
        String label = "n".repeat(62) + ProcessHandle.current().pid() % 10;
        site.plane.identities().namespace(label);
        String base = "b".repeat(63);
        site.apply(NodeOnLoop.image(
                base, site.node.archives.resolve("base.tar").toUri().toString()));
        String name = label + "/" + "s".repeat(63);
        site.apply(site.sliver(name, "driver: overlay").replace(site.base("base"), base));
        site.await(() -> site.isReady(name) && site.isMounted(name));
        site.agent.kill();
        site.startWith(kubeconfig);
        site.delete(name);
        site.await(() -> site.get(name).isMissingNode() && !site.isStored(name));
    }

    /**
     * A megabyte of labels, which are the only part of a sliver that may be so large, and half of one that tells whose they are:
     * etcd takes one and a half.
     */
    @Test
    void objectsOfMoreThanAMegabyte() throws Exception {
        StringBuilder labels = new StringBuilder();
        for (int i = 0; i < 8000; i++) {
            labels.append(i == 0 ? "" : ", ")
                    .append("l" + i + "-" + "k".repeat(50))
                    .append(": ")
                    .append("v".repeat(60));
        }
        for (int i = 0; i < 3; i++) {
            site.apply(site.sliver("huge-" + i, "driver: overlay")
                    .replace("}\nspec", ", labels: {" + labels + "}}\nspec"));
        }
        site.apply(site.sliver("web", "driver: overlay"));
        site.await(() -> site.isReady("web"));
        site.await(() -> !site.condition("huge-2", "Ready").isEmpty());
        boolean ready = site.isReady("huge-2");
        assertTrue(
                ready || site.condition("huge-2", "Stalled").equals("True InvalidSpec"),
                site.condition("huge-2", "Ready"));
        site.agent.kill();
        site.startWith(kubeconfig);
        for (int i = 0; i < 3; i++) {
            String huge = "huge-" + i;
            site.delete(huge);
            site.await(() -> site.get(huge).isMissingNode() && !site.isStored(huge));
        }
        assertTrue(site.isReady("web"));
    }

    @Test
    void tenThousandEditsOfOneSliver() throws Exception {
        site.apply(site.sliver("web", "driver: overlay"));
        site.await(
                () -> site.isReady("web") && site.get("web").at("/status/usage").isObject());
        api.forget();
        long start = System.nanoTime();
        AtomicInteger edits = new AtomicInteger();
        try (Caller admin = new Caller(site.plane, site.plane.adminToken())) {
            List<Thread> users = IntStream.range(0, USERS)
                    .mapToObj(user -> new Thread(() -> edit(admin, user, edits)))
                    .toList();
            users.forEach(Thread::start);
            for (Thread user : users) {
                user.join();
            }
            edit(admin, "{\"spec\":{\"desiredState\":\"Deployed\"}}");
        }
        assertEquals(EDITS, edits.get());
        long seconds = Duration.ofNanos(System.nanoTime() - start).toSeconds();
        site.await(() -> site.isReady("web") && site.isMounted("web"));
        assertTrue(
                site.get("web").at("/status/observedGeneration").asLong() > 100,
                site.get("web").toString());
        // A status at most once a second, and a few Events of what was done.
        long statuses = api.count(call -> call.path().contains("/slivers/web/status"));
        long all = api.calls().size();
        assertTrue(statuses <= seconds + 20, statuses + " statuses in " + seconds + " s");
        assertTrue(all <= 10 * (seconds + 20), all + " requests in " + seconds + " s");
        assertEquals(
                List.of(),
                site.events("web").stream()
                        .filter(reason -> reason.endsWith("Failed"))
                        .toList());
    }

    private static void edit(Caller admin, int user, AtomicInteger edits) {
        for (int i = 0; i < EDITS / USERS; i++) {
            String patch = i % 2 == 0
                    ? "{\"metadata\":{\"labels\":{\"i" + user + "\":\"" + i + "\"}}}"
                    : "{\"spec\":{\"desiredState\":\"" + (i % 4 == 1 ? "Registered" : "Deployed") + "\"}}";
            // Of those that come at the same time the server tries all but one again, from the beginning: the agent
            // sees no
            // other edits then, and the server computes twice as long.
            synchronized (edits) {
                edit(admin, patch);
            }
            edits.incrementAndGet();
        }
    }

    private static void edit(Caller admin, String patch) {
        Caller.Reply reply = admin.merge(WEB, patch);
        while (reply.code() == 409) {
            reply = admin.merge(WEB, patch);
        }
        assertTrue(reply.done(), reply.toString());
    }
}
