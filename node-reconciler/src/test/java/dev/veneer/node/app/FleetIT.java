package dev.veneer.node.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.veneer.api.testkit.AuditLog;
import dev.veneer.api.testkit.Caller;
import dev.veneer.api.testkit.ControlPlane;
import dev.veneer.node.testkit.LoopDevice;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A hundred whole agents in one process, on one real API server, which tells who asked what of it. */
@Timeout(1200)
class FleetIT {
    private static final int NODES = 100;
    private static final int EACH = 20;
    private static final int CALLERS = 4;

    /** A hundred that start at once on two cores take each other's time, until answers come too late to be waited for. */
    private static final int STARTING = 8;

    /** Longer than the measures of a store wait to be told. */
    private static final int QUIET_MILLIS = 11_000;

    private static final String SLIVERS = "/apis/veneer.dev/v1alpha1/namespaces/default/slivers";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final List<HeldAgent> agents = new ArrayList<>();
    private ControlPlane plane;
    private LoopDevice disk;
    private Caller admin;

    @BeforeEach
    void open() throws Exception {
        plane = ControlPlane.startAudited();
        disk = LoopDevice.create(LoopDevice.Kind.XFS, 4000);
        admin = new Caller(plane, plane.adminToken());
        // What all of them need is made once.
        AgentRole.tokenFor(plane, node(0));
        Path tree = Files.createDirectories(disk.mountPoint().resolve("base/etc"));
        Files.writeString(tree.resolve("motd"), "hello\n");
        Path archive = disk.mountPoint().resolve("base.tar");
        dev.veneer.node.testkit.Commands.run("tar", "-C", tree.getParent().toString(), "-cf", archive.toString(), ".");
        create(
                "/apis/veneer.dev/v1alpha1/baseimages",
                """
                {"apiVersion":"veneer.dev/v1alpha1","kind":"BaseImage","metadata":{"name":"base"},
                 "spec":{"source":{"archive":{"url":"%s"}}}}"""
                        .formatted(archive.toUri()));
    }

    @AfterEach
    void close() throws Exception {
        try {
            agents.forEach(HeldAgent::stop);
            for (HeldAgent agent : agents) {
                agent.join();
            }
        } finally {

            admin.close();
            plane.close();
            disk.close();
        }
    }

    private static String node(int number) {
        return "fleet-%03d".formatted(number);
    }

    /** Tells its node. */
    private static String sliver(int node, int number) {
        return node(node) + "-s%02d".formatted(number);
    }

    private void create(String collection, String json) {
        Caller.Reply reply = admin.create(collection, json);
        assertTrue(reply.done(), reply.toString());
    }

    @Test
    void eachOfAHundredDoesItsOwnWithTwoWritesASliver() throws Exception {
        Map<Integer, Path> kubeconfigs = new ConcurrentHashMap<>();
        byMany(
                NODES,
                i -> kubeconfigs.put(
                        i,
                        plane.kubeconfigFile(plane.identities().podToken("veneer-system", "veneer-agent", node(i)))));
        for (int i = 0; i < NODES; i++) {
            int others = i;
            await("agents report", () -> stores() > others - STARTING);
            agents.add(
                    new HeldAgent(kubeconfigs.get(i), node(i), disk.mountPoint().resolve(node(i))));
        }
        await("all agents report", () -> stores() == NODES);

        long begun = plane.audit().size();
        // What comes to a node in a row, it makes in a few passes.
        byMany(NODES, node -> {
            for (int i = 0; i < EACH; i++) {
                create(
                        SLIVERS,
                        """
                        {"apiVersion":"veneer.dev/v1alpha1","kind":"Sliver","metadata":{"name":"%s"},
                         "spec":{"nodeName":"%s","baseImage":"base","driver":"overlay"}}"""
                                .formatted(sliver(node, i), node(node)));
            }
        });

        await("all slivers are mounted", () -> agents.stream()
                .allMatch(agent -> agent.mounted().size() == EACH));

        // Lists of two thousand objects take time from those that are waited for.
        await("all slivers are measured", () -> measured(begun).size() == NODES * EACH);
        await("nothing is written any more", () -> isQuiet() && ready() == NODES * EACH);

        long steady = plane.audit().size();
        List<AuditLog.Entry> made = plane.audit().since(begun);
        assertWritesUntilReady(made);
        made.stream().filter(AuditLog.Entry::writes).forEach(FleetIT::assertItsOwn);

        // As long as it takes until each has renewed its Lease, that is all that is written.
        await("all agents renew their Leases", () -> renewed(steady).size() == NODES);
        // But that a node's disk, which it has in common with all others here, is looked at two minutes after the
        // start.
        Set<String> looked = new HashSet<>();
        List<AuditLog.Entry> idle = plane.audit().since(steady);
        assertEquals(
                List.of(),
                idle.stream()
                        .filter(each -> each.writes() && !each.resource().equals("leases"))
                        .filter(each -> !each.resource().equals("nodestores") || !looked.add(each.node()))
                        .toList());

        stopHalf();
    }

    /** The others go on as if nothing were. */
    private void stopHalf() throws Exception {
        for (int i = 0; i < NODES; i += 2) {
            agents.get(i).stop();
        }
        for (int i = 0; i < NODES; i += 2) {
            agents.get(i).join();
            assertEquals("ended as DONE", agents.get(i).ended());
        }
        long from = plane.audit().size();
        byMany(NODES / 2, i -> {
            String path = SLIVERS + "/" + sliver(2 * i + 1, 0);
            assertTrue(admin.merge(path, "{\"spec\":{\"desiredState\":\"Registered\"}}")
                    .done());
        });
        await("what goes on unmounts", () -> IntStream.range(0, NODES / 2)
                .allMatch(i -> agents.get(2 * i + 1).mounted().size() == EACH - 1));
        await("and says so", () -> toldAgain(from).size() == NODES / 2);
        assertEquals(NODES * EACH, ready());
    }

    /** From its creation to the first status that says Ready. */
    private static void assertWritesUntilReady(List<AuditLog.Entry> log) {
        Map<String, Integer> writes = new HashMap<>();
        Set<String> ready = new TreeSet<>();
        for (AuditLog.Entry each : log) {
            if (counts(each) && each.resource().equals("slivers") && !ready.contains(each.name())) {
                writes.merge(each.name(), 1, Integer::sum);
                if (isReady(each.said().path("status"))) {
                    ready.add(each.name());
                }
            }
        }
        assertEquals(NODES * EACH, ready.size());
        writes.values().removeIf(count -> count <= 2);
        assertEquals(Map.of(), writes);
    }

    /** What was turned away to be tried later has changed nothing. */
    private static boolean counts(AuditLog.Entry each) {
        return each.writes() && each.code() != 429;
    }

    /** What it writes names its node: Lease and store are called like it, slivers begin so, and Events are about these. */
    private static void assertItsOwn(AuditLog.Entry each) {
        assertTrue(!each.node().isEmpty() && each.name().startsWith(each.node()), each.toString());
    }

    private static boolean isReady(JsonNode status) {
        for (JsonNode condition : status.path("conditions")) {
            if (condition.path("type").asText().equals("Ready")) {
                return condition.path("status").asText().equals("True");
            }
        }
        return false;
    }

    private JsonNode list(String path) throws Exception {
        return JSON.readTree(admin.get(path).body()).path("items");
    }

    private long stores() throws Exception {
        return list("/apis/veneer.dev/v1alpha1/nodestores").size();
    }

    private long ready() throws Exception {
        long count = 0;
        for (JsonNode sliver : list(SLIVERS)) {
            count += isReady(sliver.path("status")) ? 1 : 0;
        }
        return count;
    }

    /** Slivers whose status was written, of their second generation. */
    private Set<String> toldAgain(long from) {
        Set<String> told = new TreeSet<>();
        for (AuditLog.Entry each : plane.audit().since(from)) {
            if (each.done() && each.said().at("/status/observedGeneration").asInt() == 2) {
                told.add(each.name());
            }
        }
        return told;
    }

    /** Slivers of which it was said what they take, which is the last that is said of those that nothing happens to. */
    private Set<String> measured(long from) {
        Set<String> told = new TreeSet<>();
        for (AuditLog.Entry each : plane.audit().since(from)) {
            if (each.done() && each.said().at("/status/usage").isObject()) {
                told.add(each.name());
            }
        }
        return told;
    }

    /** Nodes whose Leases were renewed. */
    private Set<String> renewed(long from) {
        Set<String> alive = new TreeSet<>();
        for (AuditLog.Entry each : plane.audit().since(from)) {
            if (each.writes() && each.resource().equals("leases")) {
                alive.add(each.node());
            }
        }
        return alive;
    }

    /** Waits for so long that whoever has something to write has written it; whether nobody had, but for Leases. */
    private boolean isQuiet() throws InterruptedException {
        long from = plane.audit().size();
        Thread.sleep(QUIET_MILLIS);
        return plane.audit().since(from).stream()
                .noneMatch(each -> each.writes() && !each.resource().equals("leases"));
    }

    private static void byMany(int count, IntConsumer work) throws InterruptedException {
        List<Throwable> failures = new CopyOnWriteArrayList<>();
        List<Thread> threads = IntStream.range(0, CALLERS)
                .mapToObj(caller -> new Thread(() -> {
                    try {
                        for (int i = caller; i < count; i += CALLERS) {
                            work.accept(i);
                        }
                    } catch (RuntimeException | AssertionError e) {
                        failures.add(e);
                    }
                }))
                .toList();
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
        if (!failures.isEmpty()) {
            throw new AssertionError(failures.get(0));
        }
    }

    /** Something that is to become true. */
    private interface Condition {
        boolean holds() throws Exception;
    }

    private void await(String what, Condition condition) throws Exception {
        long end = System.nanoTime() + Duration.ofMinutes(10).toNanos();
        while (!condition.holds()) {
            List<String> ended = agents.stream()
                    .map(HeldAgent::ended)
                    .filter(each -> each.startsWith("ended by"))
                    .toList();
            assertEquals(List.of(), ended);
            assertTrue(System.nanoTime() - end < 0, "waited in vain until " + what + "; " + ready() + " are Ready");
            Thread.sleep(500);
        }
    }
}
