package dev.veneer.node.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import dev.veneer.api.testkit.KubernetesApi;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An import that takes long. */
@Execution(ExecutionMode.CONCURRENT)
class ClusterImportIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int PARTS = 40;

    @RegisterExtension
    static final KubernetesApi API = new KubernetesApi();

    private static JsonNode row(ClusterSite site, String image) {
        JsonNode store =
                JSON.valueToTree(site.kind("NodeStore").withName(site.name).get());
        for (JsonNode row : store.at("/status/baseImages")) {
            if (row.path("name").asText().equals(image)) {
                return row;
            }
        }
        return JSON.nullNode();
    }

    /** Serves an archive so slowly that there is something to be told meanwhile. */
    private static HttpServer serveSlowly(ClusterSite site) throws Exception {
        String[] files = new String[200];
        for (int i = 0; i < files.length; i += 2) {
            files[i] = "etc/file-" + i;
            files[i + 1] = "x".repeat(10_000);
        }
        byte[] archive = Files.readAllBytes(Path.of(URI.create(site.node.archive("slow", files))));
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            exchange.sendResponseHeaders(200, archive.length);
            try (OutputStream out = exchange.getResponseBody()) {
                for (int i = 0; i < PARTS; i++) {
                    int from = (int) ((long) archive.length * i / PARTS);
                    out.write(archive, from, (int) ((long) archive.length * (i + 1) / PARTS) - from);
                    out.flush();
                    Thread.sleep(150);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        server.start();
        return server;
    }

    private static void declareSlow(ClusterSite site, HttpServer server) {
        String slow = site.base("slow");
        site.apply(
                NodeOnLoop.image(slow, "http://127.0.0.1:" + server.getAddress().getPort() + "/slow.tar"));
        site.apply(site.sliver("web", "driver: overlay").replace(site.base("base"), slow));
    }

    private static void assertImportIsTold(ClusterSite site) throws Exception {
        String slow = site.base("slow");
        Set<String> states = new TreeSet<>();
        site.await(() -> {
            JsonNode now = row(site, slow);
            states.add(now.path("state").asText());
            if (now.path("state").asText().equals("Importing")) {
                int progress = now.path("progress").asInt(-1);
                assertTrue(progress > 0 && progress < 100, now.toString());
            }
            return now.path("state").asText().equals("Ready");
        });
        assertTrue(states.contains("Importing"), states.toString());
        assertTrue(
                row(site, slow).path("progress").isMissingNode(),
                row(site, slow).toString());
        site.await(() -> site.isReady("web"));
    }

    @Test
    void whileItGoesOnTheNodeSaysHowFarItIs() throws Exception {
        try (ClusterSite site = new ClusterSite(API.plane())) {
            HttpServer server = serveSlowly(site);
            try {
                site.start();
                site.apply(site.sliver("before", "driver: overlay"));
                site.await(() -> site.isReady("before"));
                declareSlow(site, server);
                site.await(() ->
                        row(site, site.base("slow")).path("state").asText().equals("Importing"));
                assertEquals("Ready", row(site, site.base("base")).path("state").asText(), "the others stay");
                assertImportIsTold(site);
            } finally {
                server.stop(0);
            }
        }
    }

    /** Of a new agent, and of one that is started again: nobody would else know what it does for minutes. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theFirstPassTellsToo(boolean again) throws Exception {
        try (ClusterSite site = new ClusterSite(API.plane())) {
            HttpServer server = serveSlowly(site);
            try {
                if (again) {
                    site.start();
                    site.apply(site.sliver("before", "driver: overlay"));
                    site.await(() -> site.isReady("before"));
                    site.stop();
                }
                declareSlow(site, server);
                site.start();
                assertImportIsTold(site);
            } finally {
                server.stop(0);
            }
        }
    }
}
