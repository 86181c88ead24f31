package dev.veneer.node.kubernetes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.veneer.api.testkit.Caller;
import dev.veneer.api.testkit.ControlPlane;
import dev.veneer.api.testkit.KubernetesApi;
import dev.veneer.node.desired.DesiredStateSource;
import dev.veneer.node.desired.Node;
import dev.veneer.node.model.Cadence;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.model.SliverId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The link to a real API server, with passes that are played, over a network that fails. All times are shortened. */
class ClusterLinkIT {
    @RegisterExtension
    static final KubernetesApi API = new KubernetesApi();

    private static final Cadence FAST = new Cadence(
            Duration.ofMillis(500),
            Duration.ofSeconds(4),
            Duration.ofMillis(1500),
            Duration.ofSeconds(2),
            Duration.ofSeconds(2));

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final AtomicInteger COUNT = new AtomicInteger();
    private static final String TEAM = "link-team";
    private static final String SYSTEM = "link-system";
    private static final String SLIVERS = "/apis/veneer.dev/v1alpha1/namespaces/" + TEAM + "/slivers";
    private static final String STORES = "/apis/veneer.dev/v1alpha1/nodestores";

    private final List<ObjectRef> objects = new ArrayList<>();
    private final List<String> paths = new ArrayList<>();
    private String node;
    private Caller admin;
    private Relay relay;
    private Path kubeconfig;
    private ClusterLink link;
    private PlayedPasses passes;

    @BeforeEach
    void open() throws Exception {
        ControlPlane plane = API.plane();
        plane.identities().namespace(TEAM);
        plane.identities().namespace(SYSTEM);
        node = "link-" + ProcessHandle.current().pid() + "-" + COUNT.incrementAndGet();
        admin = new Caller(plane, plane.adminToken());
        String direct = plane.kubeconfig();
        Matcher port = Pattern.compile("https://127[.]0[.]0[.]1:([0-9]+)").matcher(direct);
        assertTrue(port.find());
        relay = new Relay(Integer.parseInt(port.group(1)));
        kubeconfig = Files.createTempFile("veneer-link-", ".yaml");
        Files.writeString(kubeconfig, port.replaceAll("https://127.0.0.1:" + relay.port()));
        for (int i = 0; i < 3; i++) {
            sliver(node + "-" + i);
        }
        objects.add(ObjectRef.store(node));
        paths.add(STORES + "/" + node);
    }

    @AfterEach
    void close() throws Exception {
        if (link != null) {
            link.close();
            passes.end();
        }
        relay.close();
        for (String path : paths) {
            admin.merge(path, "{\"metadata\":{\"finalizers\":null}}");
            admin.delete(path);
        }
        admin.close();
        Files.delete(kubeconfig);
    }

    private void sliver(String name) {
        Caller.Reply made = admin.create(
                SLIVERS,
                """
                {"apiVersion":"veneer.dev/v1alpha1","kind":"Sliver","metadata":{"name":"%s"},
                 "spec":{"nodeName":"%s","baseImage":"x"}}"""
                        .formatted(name, node));
        assertTrue(made.done(), made.toString());
        objects.add(0, ObjectRef.of(new SliverId(TEAM, name)));
        paths.add(0, SLIVERS + "/" + name);
    }

    private void begin(String namespace) throws Exception {
        passes = new PlayedPasses(objects);
        link = ClusterLink.to(
                kubeconfig,
                new ClusterLink.Agent(
                        new Node(node, "/var/lib/" + node, Set.of("overlay"), Map.of()),
                        node,
                        namespace,
                        "tests",
                        passes::kept,
                        id -> false,
                        passes),
                FAST);
        ClusterId cluster = link.identify();
        if (namespace.equals(SYSTEM)) {
            assertEquals(null, link.take());
        } else {
            assertThrows(ClusterException.class, link::take);
        }
        DesiredStateSource source = link.begin(
                cluster, new ClusterLink.Before(PlayedPasses.NOTHING, Map.of(), null), Duration.ofSeconds(5));
        passes.begin(link, source);
    }

    private JsonNode read(String path) throws Exception {
        return JSON.readTree(admin.get(path).body());
    }

    private boolean isTold(String path) throws Exception {
        JsonNode object = read(path);
        JsonNode conditions = object.at("/status/conditions");
        for (JsonNode condition : conditions) {
            if (!condition.path("status").asText().equals("True")) {
                return false;
            }
        }
        return !conditions.isEmpty()
                && object.at("/status/observedGeneration").asLong()
                        == object.at("/metadata/generation").asLong();
    }

    private boolean areTold() throws Exception {
        for (String path : paths) {
            if (!isTold(path)) {
                return false;
            }
        }
        return true;
    }

    private List<String> versions() throws Exception {
        List<String> versions = new ArrayList<>();
        for (String path : paths) {
            versions.add(read(path).at("/metadata/resourceVersion").asText());
        }
        return versions;
    }

    /** Something that is to become true. */
    interface Condition {
        boolean holds() throws Exception;
    }

    private void await(Condition condition) throws Exception {
        long end = System.nanoTime() + Duration.ofSeconds(45).toNanos();
        while (!condition.holds()) {
            if (System.nanoTime() - end > 0) {
                throw new AssertionError("not within 45 s; trouble: " + passes.trouble() + "; " + read(paths.get(0)));
            }
            Thread.sleep(50);
        }
    }

    @Test
    void whenTheApiServerComesBackNothingWasToBeTold() throws Exception {
        begin(SYSTEM);
        await(this::areTold);
        List<String> before = versions();
        JsonNode fresh = freshness();
        relay.cut();
        await(() -> passes.trouble().contains("has not answered since"));
        // What is tried again meanwhile has its times to be tried at.
        Thread.sleep(FAST.lease().toMillis());
        relay.mend();
        await(() -> passes.trouble().isEmpty());
        Thread.sleep(2000);
        assertEquals(before, versions());
        // And what is edited then is told.
        admin.merge(paths.get(0), "{\"spec\":{\"suspend\":true}}");
        await(this::areTold);
        assertEquals(fresh.path("lastTransitionTime"), freshness().path("lastTransitionTime"));
    }

    private JsonNode freshness() throws Exception {
        JsonNode condition = read(paths.get(0)).at("/status/conditions/1");
        assertEquals("DesiredStateFresh", condition.path("type").asText());
        return condition;
    }

    /** An edit while it is away is answered when it is back. */
    @Test
    void whatIsEditedMeanwhileIsToldAfterwards() throws Exception {
        begin(SYSTEM);
        await(this::areTold);
        relay.cut();
        await(() -> passes.trouble().contains("has not answered since"));
        for (String path : paths.subList(0, 3)) {
            admin.merge(path, "{\"spec\":{\"suspend\":true}}");
        }
        relay.mend();
        await(this::areTold);
        assertEquals("", passes.lost());
    }

    @Test
    void aConnectionThatDiesSilentlyIsGivenUp() throws Exception {
        begin(SYSTEM);
        await(this::areTold);
        relay.freeze();
        String gone = paths.remove(0);
        admin.merge(gone, "{\"metadata\":{\"finalizers\":null}}");
        assertTrue(admin.delete(gone).done());
        sliver(node + "-new");
        // Told of, and answered.
        await(this::areTold);
        await(() -> passes.trouble().isEmpty());
    }

    /** Watches that end by themselves begin again, and nothing is missed or told twice. */
    @Test
    void watchesEndAndBeginWithoutAnyonesNotice() throws Exception {
        begin(SYSTEM);
        await(this::areTold);
        List<String> before = versions();
        int made = passes.passes();
        Thread.sleep(3 * FAST.watch().toMillis());
        assertEquals(before, versions());
        assertEquals(made, passes.passes());
        assertEquals("", passes.trouble());
        admin.merge(paths.get(0), "{\"spec\":{\"suspend\":true}}");
        await(this::areTold);
    }

    @Test
    void anAgentThatCannotRenewItsLeaseKeepsQuiet() throws Exception {
        String later = "link-later-" + node;
        begin(later);
        await(() -> Stream.of(0, 1, 2).allMatch(i -> isFinalized(paths.get(i))));
        Thread.sleep(2000);
        for (String path : paths.subList(0, 3)) {
            assertEquals(-1, read(path).at("/status/observedGeneration").asInt());
        }
        API.plane().identities().namespace(later);
        await(this::areTold);
    }

    private boolean isFinalized(String path) {
        try {
            return read(path).at("/metadata/finalizers/0").asText().equals("veneer.dev/node-data");
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void whatCouldNotBeReportedIsNotSaidToBeObserved() throws Exception {
        begin(SYSTEM);
        await(this::areTold);
        passes.unwritable = true;
        int made = passes.passes();
        admin.merge(paths.get(0), "{\"spec\":{\"suspend\":true}}");
        await(() -> passes.passes() > made);
        Thread.sleep(2000);
        assertEquals(1, read(paths.get(0)).at("/status/observedGeneration").asInt());
        passes.unwritable = false;
        passes.changed();
        await(this::areTold);
    }

    @Test
    void aFieldThatTheDefinitionDoesNotHaveIsLeftOut() throws Exception {
        try {
            API.client()
                    .apiextensions()
                    .v1()
                    .customResourceDefinitions()
                    .withName("slivers.veneer.dev")
                    .edit(definition -> {
                        definition
                                .getSpec()
                                .getVersions()
                                .get(0)
                                .getSchema()
                                .getOpenAPIV3Schema()
                                .getProperties()
                                .get("status")
                                .getProperties()
                                .remove("driverReason");
                        return definition;
                    });
            await(() -> admin.apply(
                                    paths.get(0) + "/status",
                                    "probe",
                                    "{\"apiVersion\":\"veneer.dev/v1alpha1\",\"kind\":\"Sliver\",\"status\":{\"driverReason\":\"x\"}}")
                            .code()
                    == 500);
            begin(SYSTEM);
            await(this::areTold);
            JsonNode status = read(paths.get(0)).path("status");
            assertEquals("overlay", status.path("driver").asText());
            assertTrue(status.path("driverReason").isMissingNode(), status.toString());
            List<String> before = versions();
            Thread.sleep(2500);
            assertEquals(before, versions());
        } finally {
            API.plane().restoreCrds();
        }
    }
}
