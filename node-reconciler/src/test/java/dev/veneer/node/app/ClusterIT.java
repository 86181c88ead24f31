package dev.veneer.node.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.veneer.api.testkit.KubernetesApi;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** The agent of a node of a real API server, from a sliver's creation to its deletion. */
@Execution(ExecutionMode.CONCURRENT)
class ClusterIT {
    @RegisterExtension
    static final KubernetesApi API = new KubernetesApi();

    private ClusterSite site;

    @BeforeEach
    void open() throws Exception {
        site = new ClusterSite(API.plane());
    }

    @AfterEach
    void close() throws Exception {
        site.close();
    }

    @Test
    void aSliverBecomesReadyIsEditedAndGoes() throws Exception {
        site.start();
        site.apply(site.sliver("web", "driver: overlay"));
        site.await(() -> site.isReady("web"));
        assertTrue(site.isMounted("web"));
        JsonNode web = site.get("web");
        assertEquals(
                "[\"veneer.dev/node-data\"]", web.at("/metadata/finalizers").toString());
        assertEquals(site.name, web.at("/status/store").asText());
        for (JsonNode condition : web.at("/status/conditions")) {
            assertEquals(1, condition.path("observedGeneration").asLong(), condition.toString());
        }
        site.apply(site.sliver("web", "driver: overlay", "desiredState: Registered"));
        site.await(() -> site.isReady("web") && !site.isMounted("web"));
        site.delete("web");
        site.await(() -> site.get("web").isMissingNode());
        assertFalse(site.isStored("web"));
    }

    /** The finalizer and one status: what is measured afterwards is told afterwards. */
    @Test
    void twoWritesMakeASliverReady() throws Exception {
        site.start();
        site.await(() -> site.agent.said().contains("pass trigger=start"));
        List<JsonNode> versions = new CopyOnWriteArrayList<>();
        try (var informer = site.kind("Sliver").inNamespace("default").inform(new Collector(versions))) {
            site.apply(site.sliver("web", "driver: overlay"));
            site.await(() -> versions.stream().anyMatch(ClusterIT::isReady));
            assertTrue(informer.isWatching());
        }
        List<JsonNode> until = new ArrayList<>();
        for (JsonNode version : versions) {
            until.add(version);
            if (isReady(version)) {
                break;
            }
        }
        assertTrue(
                until.size() > 1 && until.size() <= 3,
                "made, and then written " + (until.size() - 1) + " times: " + until);
    }

    private static boolean isReady(JsonNode sliver) {
        for (JsonNode condition : sliver.at("/status/conditions")) {
            if (condition.path("type").asText().equals("Ready")) {
                return condition.path("status").asText().equals("True");
            }
        }
        return false;
    }

    /** All versions of objects that are told of. */
    private record Collector(List<JsonNode> versions) implements ResourceEventHandler<GenericKubernetesResource> {
        @Override
        public void onAdd(GenericKubernetesResource object) {
            versions.add(new ObjectMapper().valueToTree(object));
        }

        @Override
        public void onUpdate(GenericKubernetesResource before, GenericKubernetesResource now) {
            onAdd(now);
        }

        @Override
        public void onDelete(GenericKubernetesResource object, boolean unknown) {}
    }

    @Test
    void aSteadyNodeWritesNothing() throws Exception {
        site.start();
        site.apply(site.sliver("web", "driver: overlay"));
        site.await(
                () -> site.isReady("web") && site.get("web").at("/status/usage").isObject());
        site.await(() -> site.kind("NodeStore").withName(site.name).get() != null);
        // What the store takes is told once in ten seconds.
        Thread.sleep(12_000);
        String version = site.get("web").at("/metadata/resourceVersion").asText();
        String store =
                site.kind("NodeStore").withName(site.name).get().getMetadata().getResourceVersion();
        Thread.sleep(20_000);
        assertEquals(version, site.get("web").at("/metadata/resourceVersion").asText());
        assertEquals(
                store,
                site.kind("NodeStore").withName(site.name).get().getMetadata().getResourceVersion());
    }

    @Test
    void anEditOfTheBaseMovesItAndIsTold() throws Exception {
        site.apply(NodeOnLoop.image(
                site.base("next"), site.node.archive("next", "etc/motd", "welcome\n", "usr/one", "1\n")));
        site.start();
        site.apply(site.sliver("web", "driver: overlay"));
        site.await(() -> site.isReady("web"));
        Files.writeString(site.node.rootfs("web").resolve("mine"), "kept\n");
        site.apply(site.sliver("web", "driver: overlay").replace(site.base("base"), site.base("next")));
        site.await(() -> site.isReady("web")
                && site.get("web").at("/status/base/name").asText().equals(site.base("next")));
        assertEquals("welcome\n", Files.readString(site.node.rootfs("web").resolve("etc/motd")));
        assertEquals("kept\n", Files.readString(site.node.rootfs("web").resolve("mine")));
        assertEquals(
                site.base("base"),
                site.get("web").at("/status/lastRebase/from/name").asText(site.base("base")));
        site.await(() ->
                site.events("web").contains("Rebase") && site.events("web").contains("CreateSliver"));
    }

    @Test
    void whatIsRetainedStaysAndIsTakenUpAgain() throws Exception {
        site.start();
        site.apply(site.sliver("web", "driver: overlay", "deletionPolicy: Retain"));
        site.await(() -> site.isReady("web"));
        Files.writeString(site.node.rootfs("web").resolve("mine"), "kept\n");
        site.delete("web");
        site.await(() -> site.get("web").isMissingNode());
        assertTrue(site.isStored("web"));
        assertFalse(site.isMounted("web"));
        site.apply(site.sliver("web", "driver: overlay"));
        site.await(() -> site.isReady("web"));
        assertEquals("kept\n", Files.readString(site.node.rootfs("web").resolve("mine")));
    }

    @Test
    void aSuspendedOneIsNotEvenDeleted() throws Exception {
        site.start();
        site.apply(site.sliver("web", "driver: overlay", "suspend: true"));
        site.await(() -> site.condition("web", "Ready").equals("Unknown Suspended"));
        assertFalse(site.isStored("web"));
        site.apply(site.sliver("web", "driver: overlay"));
        site.await(() -> site.isReady("web"));
        site.apply(site.sliver("web", "driver: overlay", "suspend: true"));
        site.await(() -> site.condition("web", "Ready").equals("Unknown Suspended"));
        site.delete("web");
        Thread.sleep(3000);
        assertTrue(site.isMounted("web"));
        site.apply(site.sliver("web", "driver: overlay"));
        site.await(() -> site.get("web").isMissingNode());
        assertFalse(site.isStored("web"));
    }

    @Test
    void aWrongOneIsToldAndKeepsNoOther() throws Exception {
        site.start();
        site.apply(site.sliver("wrong", "driver: nosuch"));
        site.apply(site.sliver("orphaned").replace(site.base("base"), "nowhere"));
        site.apply(site.sliver("stray", "store: nosuch"));
        site.apply(site.sliver("web", "driver: overlay"));
        site.await(() -> site.isReady("web"));
        site.await(() -> site.condition("wrong", "Stalled").equals("True InvalidSpec"));
        site.await(() -> site.condition("orphaned", "Ready").equals("False BaseImageNotFound"));
        site.await(() -> site.condition("stray", "Stalled").equals("True InvalidSpec"));
        site.await(() -> site.events("orphaned").contains("BaseImageNotFound"));
        for (String each : List.of("wrong", "orphaned", "stray")) {
            assertEquals(1, site.get(each).at("/status/observedGeneration").asLong());
            site.delete(each);
        }
        for (String each : List.of("wrong", "orphaned", "stray")) {
            site.await(() -> site.get(each).isMissingNode());
        }
    }

    @Test
    void aRequestIsAnsweredAndAForeignStatusTakenBack() throws Exception {
        site.start();
        site.apply(site.sliver("web", "driver: overlay"));
        site.await(() -> site.isReady("web"));
        site.kind("Sliver").inNamespace("default").withName("web").edit(web -> {
            web.getMetadata().setAnnotations(Map.of("veneer.dev/requestedAt", "now"));
            return web;
        });
        site.await(() ->
                site.get("web").at("/status/lastHandledRequestAt").asText().equals("now"));
        site.kind("Sliver").inNamespace("default").withName("web").editStatus(web -> {
            web.setAdditionalProperty("status", Map.of("observedGeneration", 1, "driver", "forged"));
            return web;
        });
        site.await(() -> site.isReady("web")
                && site.get("web").at("/status/driver").asText().equals("overlay"));
    }
}
