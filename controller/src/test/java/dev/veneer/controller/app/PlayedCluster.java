package dev.veneer.controller.app;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.veneer.api.testkit.Caller;
import dev.veneer.api.testkit.ControlPlane;
import dev.veneer.api.testkit.Manifests;
import dev.veneer.controller.telemetry.Telemetry;
import io.fabric8.kubernetes.client.Config;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** A real API server with Veneer's manifests, the controller with the rights that they give it, and agents that are played with their real tokens. */
final class PlayedCluster implements AutoCloseable {
    static final String SYSTEM = "veneer-system";
    static final String GROUP = "/apis/veneer.dev/v1alpha1/";
    static final String IMAGES = GROUP + "baseimages";
    static final String STORES = GROUP + "nodestores";
    static final String LEASES = leases(SYSTEM);
    static final String ONE = "sha256:" + "1".repeat(64);
    static final String TWO = "sha256:" + "2".repeat(64);

    /** As short as a test can wait for. */
    static final Duration LEAST = Duration.ofSeconds(2);

    static final Duration GONE = Duration.ofSeconds(3);
    static final Duration APART = Duration.ofSeconds(2);

    private static final ObjectMapper JSON = new ObjectMapper();

    final Caller admin;
    final String slivers;
    private final ControlPlane plane;
    private Controller controller;
    private Telemetry telemetry;

    /** @param team a namespace of this test's own */
    PlayedCluster(ControlPlane plane, String team) {
        this.plane = plane;
        Manifests.apply(plane, "manifests/kubernetes");
        plane.identities().namespace(team);
        admin = new Caller(plane, plane.adminToken());
        slivers = GROUP + "namespaces/" + team + "/slivers";
        controller = replica("first");
    }

    private Controller replica(String name) {
        Config config =
                Config.fromKubeconfig(plane.kubeconfig(plane.identities().token(SYSTEM, "veneer-controller")));
        Telemetry telling = new Telemetry();
        try {
            telling.serve(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), null, null, null);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        telemetry = telling;
        return Controller.start(config, new Controller.Settings(GONE, LEAST, APART, SYSTEM, name), telling);
    }

    /** Whether the replica that was started last says that it is ready. */
    boolean isReady() {
        URI uri = URI.create("http://127.0.0.1:" + telemetry.addresses().get(0).getPort() + "/readyz");
        try {
            return HttpClient.newHttpClient()
                            .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.discarding())
                            .statusCode()
                    == 200;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    /** Has another replica take over from the one that works. */
    void handOver() {
        Controller second = replica("second");
        assertTrue(isReady(), "one that waits for its turn is ready, too");
        controller.close();
        controller = second;
    }

    @Override
    public void close() {
        controller.close();
        telemetry.close();
        admin.close();
    }

    /** Plays the agent of a node. */
    Caller agent(String node) {
        return new Caller(plane, plane.identities().podToken(SYSTEM, "veneer-agent", node));
    }

    static String leases(String namespace) {
        return "/apis/coordination.k8s.io/v1/namespaces/" + namespace + "/leases";
    }

    void image(String name) {
        done(admin.create(
                IMAGES,
                """
                {"apiVersion":"veneer.dev/v1alpha1","kind":"BaseImage","metadata":{"name":"%s"},
                 "spec":{"source":{"archive":{"url":"https://images.example/a.tar"}}}}"""
                        .formatted(name)));
    }

    void sliver(String name, String node, String image) {
        done(admin.create(
                slivers,
                """
                {"apiVersion":"veneer.dev/v1alpha1","kind":"Sliver","metadata":{"name":"%s"},
                 "spec":{"nodeName":"%s","baseImage":"%s"}}"""
                        .formatted(name, node, image)));
    }

    static String lease(String node) {
        return """
                {"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"%s"},
                 "spec":{"holderIdentity":"%s","leaseDurationSeconds":1,"renewTime":"%s000Z"}}"""
                .formatted(node, node, Instant.now().toString().substring(0, 23));
    }

    static Caller.Reply renew(Caller agent, String node) {
        String path = LEASES + "/" + node;
        String version = agent.get(path).body().replaceAll("(?s).*\"resourceVersion\":\"([0-9]+)\".*", "$1");
        return agent.replace(
                path, lease(node).replace("\"metadata\":{", "\"metadata\":{\"resourceVersion\":\"" + version + "\","));
    }

    /** A NodeStore that nobody has reported on. */
    void store(Caller agent, String node) {
        if (admin.get(STORES + "/" + node).code() == 404) {
            done(agent.create(
                    STORES,
                    """
                    {"apiVersion":"veneer.dev/v1alpha1","kind":"NodeStore","metadata":{"name":"%s"},
                     "spec":{"nodeName":"%s","path":"/var/lib/veneer"}}"""
                            .formatted(node, node)));
        }
    }

    /** Reports of a node's store one base image, as the object of that name that is there now. */
    void report(Caller agent, String node, String image, String state, String digest) {
        store(agent, node);
        String uid = read(IMAGES + "/" + image).at("/metadata/uid").asText("none");
        done(agent.merge(
                STORES + "/" + node + "/status",
                """
                {"status":{"observedGeneration":1,
                 "baseImages":[{"name":"%s","uid":"%s","state":"%s","digest":"%s","reason":"%s"}]}}"""
                        .formatted(image, uid, state, digest, state.equals("Failed") ? "FetchFailed: 404" : "")));
    }

    /** Reports that all is well. */
    static void ready(Caller agent, String path, String kind) {
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

    void eventually(String path, String type, String reason) {
        until(() -> condition(read(path), type).path("reason").asText().equals(reason), () -> read(path));
    }

    void gone(String path) {
        until(() -> admin.get(path).code() == 404, () -> read(path));
    }

    String reason(String path) {
        return condition(read(path), "Ready").path("reason").asText();
    }

    static JsonNode condition(JsonNode object, String type) {
        for (JsonNode condition : object.at("/status/conditions")) {
            if (condition.path("type").asText().equals(type)) {
                return condition;
            }
        }
        return JSON.createObjectNode();
    }

    JsonNode read(String path) {
        try {
            return JSON.readTree(admin.get(path).body());
        } catch (IOException e) {
            throw new AssertionError("no JSON", e);
        }
    }

    static void done(Caller.Reply reply) {
        assertTrue(reply.done(), reply.toString());
    }

    static void until(BooleanSupplier condition, Supplier<Object> shown) {
        long end = System.nanoTime() + Duration.ofSeconds(40).toNanos();
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < end, () -> "waited in vain; now: " + shown.get());
            pause(50);
        }
    }

    static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }
}
