package dev.veneer.controller.telemetry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.api.access.BearerToken;
import dev.veneer.api.access.ServerCertificate;
import dev.veneer.api.testkit.Certificates;
import io.javaoperatorsdk.operator.api.monitoring.Metrics.ControllerExecution;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TelemetryTest {
    private static HttpResponse<String> ask(InetSocketAddress address, String method, String path) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + address.getPort() + path))
                                .method(method, HttpRequest.BodyPublishers.noBody())
                                .timeout(Duration.ofSeconds(20))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }

    private static int status(InetSocketAddress address, String path) throws Exception {
        return ask(address, "GET", path).statusCode();
    }

    private static InetSocketAddress any() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    private static ControllerExecution<String> execution(Callable<String> what) {
        return new ControllerExecution<>() {
            @Override
            public String name() {
                return "reconcile";
            }

            @Override
            public String controllerName() {
                return "slivers";
            }

            @Override
            public String successTypeName(String result) {
                return "done";
            }

            @Override
            public ResourceID resourceID() {
                return new ResourceID("web", "default");
            }

            @Override
            public Map<String, Object> metadata() {
                return Map.of();
            }

            @Override
            public String execute() throws Exception {
                return what.call();
            }
        };
    }

    @Test
    void itLivesFromTheStartAndIsReadyWhenItHasReadEverything() throws Exception {
        try (Telemetry telemetry = new Telemetry()) {
            telemetry.serve(any(), any(), null, null);
            InetSocketAddress health = telemetry.addresses().get(0);
            InetSocketAddress metrics = telemetry.addresses().get(1);
            assertEquals(200, status(health, "/livez"));
            assertEquals(503, status(health, "/readyz"));
            AtomicBoolean watching = new AtomicBoolean(true);
            telemetry.readyWhen(watching::get);
            assertEquals(200, status(health, "/readyz"));
            watching.set(false);
            assertEquals(503, status(health, "/readyz"));

            telemetry.countStores(() -> 3, () -> 1);
            telemetry.reconciliations().timeControllerExecution(execution(() -> "done"));
            String text = ask(metrics, "GET", "/metrics").body();
            assertTrue(text.contains("veneer_controller_nodestores_lost 1.0"), text);
            assertTrue(
                    text.contains(
                            "veneer_controller_reconcile_seconds_count{reconciler=\"slivers\",result=\"success\"} 1"),
                    text);
            // Who may ask for the one need not be told the other.
            assertEquals(404, status(health, "/metrics"));
            assertEquals(404, status(metrics, "/livez"));
            assertEquals(405, ask(health, "POST", "/livez").statusCode());
        }
    }

    @Test
    void metricsAreForThoseWhoAreLetThroughAndHealthForAll(@TempDir Path directory) throws Exception {
        try (Telemetry telemetry = new Telemetry()) {
            telemetry.serve(
                    any(), any(), new BearerToken(Files.writeString(directory.resolve("token"), "x".repeat(16))), null);
            assertEquals(200, status(telemetry.addresses().get(0), "/livez"));
            assertEquals(401, status(telemetry.addresses().get(1), "/metrics"));
            assertEquals(401, status(telemetry.addresses().get(1), "/"));
        }
    }

    @Test
    void metricsGoOverHttpsWithACertificateAndHealthAsBefore(@TempDir Path directory) throws Exception {
        Certificates.make(directory, "ec", "-pkeyopt", "ec_paramgen_curve:P-256");
        Path shown = directory.resolve("tls.crt");
        Path token = Files.writeString(directory.resolve("token"), "x".repeat(16));
        try (Telemetry telemetry = new Telemetry()) {
            telemetry.serve(
                    any(),
                    any(),
                    new BearerToken(token),
                    new ServerCertificate(shown, directory.resolve("tls.key"), why -> {}));
            assertEquals(200, status(telemetry.addresses().get(0), "/livez"));
            int port = telemetry.addresses().get(1).getPort();
            assertEquals(401, Certificates.ask(shown, port, "/metrics").statusCode());
            HttpResponse<String> answer =
                    Certificates.ask(shown, port, "/metrics", "Authorization", "Bearer " + Files.readString(token));
            assertEquals(200, answer.statusCode());
            assertTrue(answer.body().contains("jvm_memory_used_bytes"), answer.body());
        }
    }

    @Test
    void nowhereMeansNowhere() throws Exception {
        try (Telemetry telemetry = new Telemetry()) {
            telemetry.serve(null, null, null, null);
            assertTrue(telemetry.addresses().isEmpty());
        }
    }

    @Test
    void oneThatHangsIsNoticed() throws Exception {
        Reconciliations all = new Reconciliations(new SimpleMeterRegistry());
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        assertFalse(all.hangs(Duration.ZERO));
        Thread hanging = new Thread(() -> {
            try {
                all.timeControllerExecution(execution(() -> {
                    begun.countDown();
                    end.await();
                    return "done";
                }));
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
        hanging.start();
        assertTrue(begun.await(20, TimeUnit.SECONDS));
        assertTrue(all.hangs(Duration.ofNanos(1)));
        assertFalse(all.hangs(Duration.ofHours(1)));
        end.countDown();
        hanging.join();
        assertFalse(all.hangs(Duration.ofNanos(1)));
    }
}
