package dev.veneer.controller.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.veneer.api.testkit.Caller;
import dev.veneer.api.testkit.ControlPlane;
import dev.veneer.api.testkit.KubernetesApi;
import dev.veneer.api.testkit.Manifests;
import io.fabric8.kubernetes.client.Config;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The controller with the rights that its manifest gives it, on a real API server; agents are played with their real tokens. */
class ControllerIT {
    @RegisterExtension
    static final KubernetesApi API = new KubernetesApi();

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String SYSTEM = "veneer-system";
    private static final String GROUP = "/apis/veneer.dev/v1alpha1/";
    private static final String IMAGES = GROUP + "baseimages";
    private static final String STORES = GROUP + "nodestores";
    private static final String TEAM = "controller-team";
    private static final String SLIVERS = GROUP + "namespaces/" + TEAM + "/slivers";
    private static final String LEASES = "/apis/coordination.k8s.io/v1/namespaces/" + SYSTEM + "/leases";
    private static final String ONE = "sha256:" + "1".repeat(64);
    private static final String TWO = "sha256:" + "2".repeat(64);

    private static Caller admin;
    private static Controller controller;

    @BeforeAll
    static void start() {
        ControlPlane plane = API.plane();
        Manifests.apply(plane, "manifests/kubernetes");
        plane.identities().namespace(TEAM);
        admin = new Caller(plane, plane.adminToken());
        controller = replica("first");
    }

    private static Controller replica(String name) {
        ControlPlane plane = API.plane();
        Config config =
                Config.fromKubeconfig(plane.kubeconfig(plane.identities().token(SYSTEM, "veneer-controller")));
        return Controller.start(
                config, new Controller.Settings(Duration.ofSeconds(3), Duration.ofSeconds(2), name, true));
    }

    @AfterAll
    static void stop() {
        controller.close();
        admin.close();
    }

    /** Plays the agent of a node. */
    private static Caller agent(String node) {
        ControlPlane plane = API.plane();
        return new Caller(plane, plane.identities().podToken(SYSTEM, "veneer-agent", node));
    }

    @Test
    void reportsAreAddedUpAndWhatIsUsedIsKept() {
        String image = IMAGES + "/counted";
        done(
                admin.create(
                        IMAGES,
                        """
                {"apiVersion":"veneer.dev/v1alpha1","kind":"BaseImage","metadata":{"name":"counted"},
                 "spec":{"source":{"archive":{"url":"https://images.example/a.tar"}}}}"""));
        eventually(image, "Ready", "Succeeded");
        assertEquals(
                "veneer.dev/in-use", read(image).at("/metadata/finalizers/0").asText());
        try (Caller one = agent("count-1");
                Caller two = agent("count-2")) {
            sliver("counted-1", "count-1", "counted");
            sliver("counted-2", "count-2", "counted");
            eventually(image, "Ready", "Progressing");
            report(one, "count-1", "Ready", ONE);
            until(() -> read(image).at("/status/nodes/ready").asInt() == 1, () -> read(image));
            JsonNode status = read(image).path("status");
            assertEquals(ONE, status.path("digest").asText());
            assertEquals(1, status.at("/nodes/importing").asInt());
            assertEquals(2, status.at("/blockedBy/count").asInt());
            assertFalse(status.path("blockedBy").has("first"), status.toString());

            report(two, "count-2", "Ready", TWO);
            eventually(image, "Ready", "DigestMismatch");
            assertEquals(ONE, read(image).at("/status/digest").asText());
            report(two, "count-2", "Ready", ONE);
            eventually(image, "Ready", "Succeeded");

            done(admin.delete(image));
            eventually(image, "Ready", "InUse");
            done(admin.delete(SLIVERS + "/counted-1"));
            // Edited away from it, the other one uses it until it has moved.
            done(one(
                    two,
                    "counted-2",
                    "{\"observedGeneration\":1,\"base\":{\"name\":\"counted\",\"digest\":\"" + ONE + "\"}}"));
            done(admin.merge(SLIVERS + "/counted-2", "{\"spec\":{\"baseImage\":\"another\"}}"));
            until(() -> read(image).at("/status/blockedBy/count").asInt() == 1, () -> read(image));
            done(one(
                    two,
                    "counted-2",
                    "{\"observedGeneration\":2,\"base\":{\"name\":\"another\",\"digest\":\"" + ONE + "\"}}"));
            until(() -> admin.get(image).code() == 404, () -> read(image));
        } finally {
            admin.delete(SLIVERS + "/counted-2");
            admin.delete(STORES + "/count-1");
            admin.delete(STORES + "/count-2");
        }
    }

    private static Caller.Reply one(Caller agent, String sliver, String status) {
        return agent.merge(SLIVERS + "/" + sliver + "/status", "{\"status\":" + status + "}");
    }

    @Test
    void aSilentNodeIsLostUntilItReportsAgain() throws InterruptedException {
        AtomicBoolean renewing = new AtomicBoolean(true);
        try (Caller silent = agent("silent");
                Caller lively = agent("lively")) {
            sliver("on-silent", "silent", "x");
            sliver("on-lively", "lively", "x");
            for (String node : new String[] {"silent", "lively"}) {
                Caller agent = node.equals("silent") ? silent : lively;
                done(agent.create(LEASES, lease(node)));
                report(agent, node, "Ready", ONE);
                ready(agent, SLIVERS + "/on-" + node, "Sliver");
            }
            Thread renewal = new Thread(() -> {
                while (renewing.get()) {
                    renew(lively, "lively");
                    pause(300);
                }
            });
            renewal.start();
            eventually(STORES + "/silent", "Ready", "NodeLost");
            eventually(SLIVERS + "/on-silent", "Ready", "NodeLost");
            JsonNode sliver = read(SLIVERS + "/on-silent");
            assertEquals("Unknown", condition(sliver, "Ready").path("status").asText());
            // What else its agent said stays.
            assertEquals(
                    "True", condition(sliver, "BaseUpToDate").path("status").asText());
            assertEquals("overlay", sliver.at("/status/driver").asText());
            pause(3000);
            assertEquals(
                    "Succeeded",
                    condition(read(SLIVERS + "/on-lively"), "Ready")
                            .path("reason")
                            .asText());

            // The agent is back, and takes back both.
            done(renew(silent, "silent"));
            ready(silent, STORES + "/silent", "NodeStore");
            ready(silent, SLIVERS + "/on-silent", "Sliver");
            assertEquals(
                    "Succeeded",
                    condition(read(SLIVERS + "/on-silent"), "Ready")
                            .path("reason")
                            .asText());
            // And is lost again when it is silent again.
            eventually(SLIVERS + "/on-silent", "Ready", "NodeLost");
            renewing.set(false);
            renewal.join();
        } finally {
            renewing.set(false);
            for (String node : new String[] {"silent", "lively"}) {
                admin.delete(SLIVERS + "/on-" + node);
                admin.delete(STORES + "/" + node);
                admin.delete(LEASES + "/" + node);
            }
        }
    }

    @Test
    void deletionsDoNotWaitForNodesThatAreGone() {
        try (Caller gone = agent("gone");
                Caller there = agent("there")) {
            for (String node : new String[] {"gone", "there"}) {
                Caller agent = node.equals("gone") ? gone : there;
                sliver("held-" + node, node, "x");
                done(agent.merge(
                        SLIVERS + "/held-" + node, "{\"metadata\":{\"finalizers\":[\"veneer.dev/node-data\"]}}"));
                report(agent, node, "Ready", ONE);
                ready(agent, SLIVERS + "/held-" + node, "Sliver");
            }
            done(admin.delete("/api/v1/nodes/gone"));
            done(admin.delete(SLIVERS + "/held-gone"));
            done(admin.delete(SLIVERS + "/held-there"));
            until(() -> admin.get(SLIVERS + "/held-gone").code() == 404, () -> read(SLIVERS + "/held-gone"));
            until(
                    () -> admin.get("/apis/events.k8s.io/v1/namespaces/" + TEAM + "/events")
                            .body()
                            .contains("node gone has been gone since"),
                    () -> read("/apis/events.k8s.io/v1/namespaces/" + TEAM + "/events"));

            // Silent too, but its Node object is there: it may come back.
            pause(4000);
            assertEquals(200, admin.get(SLIVERS + "/held-there").code());
            done(admin.merge(
                    SLIVERS + "/held-there", "{\"metadata\":{\"annotations\":{\"veneer.dev/abandon\":\"true\"}}}"));
            until(() -> admin.get(SLIVERS + "/held-there").code() == 404, () -> read(SLIVERS + "/held-there"));
        } finally {
            admin.delete(STORES + "/gone");
            admin.delete(STORES + "/there");
        }
    }

    @Test
    void whatOnlyCountsIsWrittenSeldom() {
        String image = IMAGES + "/busy";
        done(
                admin.create(
                        IMAGES,
                        """
                {"apiVersion":"veneer.dev/v1alpha1","kind":"BaseImage","metadata":{"name":"busy"},
                 "spec":{"source":{"archive":{"url":"https://images.example/a.tar"}}}}"""));
        eventually(image, "Ready", "Succeeded");
        sliver("busy-0", "busy-node", "busy");
        eventually(image, "Ready", "Progressing");
        Set<String> versions = new HashSet<>();
        for (int i = 1; i < 30; i++) {
            sliver("busy-" + i, "busy-node", "busy");
            pause(100);
            versions.add(read(image).at("/metadata/resourceVersion").asText());
        }
        assertTrue(versions.size() <= 2, "written " + versions.size() + " times in three seconds");
        until(() -> read(image).at("/status/blockedBy/count").asInt() == 30, () -> read(image));
        done(admin.delete(SLIVERS));
        done(admin.delete(image));
        until(() -> admin.get(image).code() == 404, () -> read(image));
    }

    /** When the replica that works ends, the other one does. */
    @Test
    void anotherReplicaTakesOver() {
        Controller second = replica("second");
        controller.close();
        controller = second;
        String image = IMAGES + "/taken-over";
        done(
                admin.create(
                        IMAGES,
                        """
                {"apiVersion":"veneer.dev/v1alpha1","kind":"BaseImage","metadata":{"name":"taken-over"},
                 "spec":{"source":{"archive":{"url":"https://images.example/a.tar"}}}}"""));
        eventually(image, "Ready", "Succeeded");
        done(admin.delete(image));
        until(() -> admin.get(image).code() == 404, () -> read(image));
    }

    private static void sliver(String name, String node, String image) {
        done(admin.create(
                SLIVERS,
                """
                {"apiVersion":"veneer.dev/v1alpha1","kind":"Sliver","metadata":{"name":"%s"},
                 "spec":{"nodeName":"%s","baseImage":"%s"}}"""
                        .formatted(name, node, image)));
    }

    private static String lease(String node) {
        return """
                {"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"%s"},
                 "spec":{"holderIdentity":"%s","leaseDurationSeconds":1,"renewTime":"%s000Z"}}"""
                .formatted(node, node, java.time.Instant.now().toString().substring(0, 23));
    }

    private static Caller.Reply renew(Caller agent, String node) {
        String path = LEASES + "/" + node;
        String version = agent.get(path).body().replaceAll("(?s).*\"resourceVersion\":\"([0-9]+)\".*", "$1");
        return agent.replace(
                path, lease(node).replace("\"metadata\":{", "\"metadata\":{\"resourceVersion\":\"" + version + "\","));
    }

    private static void report(Caller agent, String node, String state, String digest) {
        if (admin.get(STORES + "/" + node).code() == 404) {
            done(agent.create(
                    STORES,
                    """
                    {"apiVersion":"veneer.dev/v1alpha1","kind":"NodeStore","metadata":{"name":"%s"},
                     "spec":{"nodeName":"%s","path":"/var/lib/veneer"}}"""
                            .formatted(node, node)));
        }
        done(agent.merge(
                STORES + "/" + node + "/status",
                """
                {"status":{"observedGeneration":1,"baseImages":[{"name":"counted","state":"%s","digest":"%s"}]}}"""
                        .formatted(state, digest)));
    }

    private static void ready(Caller agent, String path, String kind) {
        String condition =
                """
                {"type":"%s","status":"True","reason":"Succeeded","message":"","lastTransitionTime":"2026-01-01T00:00:00Z"}""";
        done(agent.apply(
                path + "/status",
                "veneer-agent",
                """
                {"apiVersion":"veneer.dev/v1alpha1","kind":"%s","status":{"observedGeneration":1%s,"conditions":[%s%s]}}"""
                        .formatted(
                                kind,
                                kind.equals("Sliver") ? ",\"driver\":\"overlay\"" : "",
                                condition.formatted("Ready"),
                                kind.equals("Sliver") ? "," + condition.formatted("BaseUpToDate") : "")));
    }

    private static void eventually(String path, String type, String reason) {
        until(() -> condition(read(path), type).path("reason").asText().equals(reason), () -> read(path));
    }

    private static JsonNode condition(JsonNode object, String type) {
        for (JsonNode condition : object.at("/status/conditions")) {
            if (condition.path("type").asText().equals(type)) {
                return condition;
            }
        }
        return JSON.createObjectNode();
    }

    private static JsonNode read(String path) {
        try {
            return JSON.readTree(admin.get(path).body());
        } catch (java.io.IOException e) {
            throw new AssertionError("no JSON", e);
        }
    }

    private static void done(Caller.Reply reply) {
        assertTrue(reply.done(), reply.toString());
    }

    private static void until(BooleanSupplier condition, java.util.function.Supplier<Object> shown) {
        long end = System.nanoTime() + Duration.ofSeconds(40).toNanos();
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < end, () -> "waited in vain; now: " + shown.get());
            pause(100);
        }
    }

    private static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }
}
