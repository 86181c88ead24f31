package dev.veneer.node.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.api.access.BearerToken;
import dev.veneer.api.access.ServerCertificate;
import dev.veneer.api.testkit.Certificates;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrometheusMetricsTest {
    private PrometheusMetrics metrics;

    @BeforeEach
    void start() throws IOException {
        metrics = new PrometheusMetrics(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), null, null);
        metrics.pass("files", Duration.ofMillis(250), 3, 1);
        metrics.action("mount", Duration.ofMillis(2), false);
        metrics.objects("Sliver", Map.of("Succeeded", 999, "InUse", 1));
        metrics.measured("reclaimable", Duration.ofMillis(500));
        metrics.store(5, 10);
        metrics.held(true);
    }

    @AfterEach
    void stop() {
        metrics.close();
    }

    private HttpResponse<String> ask(String method, String path) throws IOException, InterruptedException {
        URI uri = URI.create("http://127.0.0.1:" + metrics.address().getPort() + path);
        HttpRequest request = HttpRequest.newBuilder(uri)
                .method(method, HttpRequest.BodyPublishers.noBody())
                .timeout(Duration.ofSeconds(20))
                .build();
        return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void whoSendsHalfARequestKeepsNobodyElse() throws Exception {
        try (Socket half = new Socket(
                        metrics.address().getAddress(), metrics.address().getPort());
                Socket another = new Socket(
                        metrics.address().getAddress(), metrics.address().getPort())) {
            half.getOutputStream().write("GET /met".getBytes(StandardCharsets.US_ASCII));
            another.getOutputStream()
                    .write("GET /metrics HTTP/1.1\r\nContent-Length: 1000\r\nHost: x\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
            assertEquals(200, ask("GET", "/metrics").statusCode());
        }
    }

    @Test
    void onlyThoseWhoAreLetThroughReadThem(@TempDir Path directory) throws Exception {
        metrics.close();
        Path token = Files.writeString(directory.resolve("token"), "x".repeat(BearerToken.SHORTEST));
        metrics = new PrometheusMetrics(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), new BearerToken(token), null);
        assertEquals(401, ask("GET", "/metrics").statusCode());
        assertEquals(401, ask("GET", "/").statusCode());
        URI uri = URI.create("http://127.0.0.1:" + metrics.address().getPort() + "/metrics");
        HttpRequest shown = HttpRequest.newBuilder(uri)
                .header("Authorization", "Bearer " + Files.readString(token))
                .build();
        assertEquals(
                200,
                HttpClient.newHttpClient()
                        .send(shown, HttpResponse.BodyHandlers.discarding())
                        .statusCode());
    }

    @Test
    void theyGoOverHttpsWithACertificate(@TempDir Path directory) throws Exception {
        metrics.close();
        Certificates.make(directory, "rsa:2048");
        Path shown = directory.resolve("tls.crt");
        Path token = Files.writeString(directory.resolve("token"), "x".repeat(BearerToken.SHORTEST));
        metrics = new PrometheusMetrics(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                new BearerToken(token),
                new ServerCertificate(shown, directory.resolve("tls.key"), why -> {}));
        int port = metrics.address().getPort();
        // Whoever has begun a handshake, or a request, keeps nobody else.
        try (Socket half = new Socket(metrics.address().getAddress(), port)) {
            half.getOutputStream().write(new byte[] {22, 3, 1});
            assertEquals(401, Certificates.ask(shown, port, "/metrics").statusCode());
            HttpResponse<String> answer =
                    Certificates.ask(shown, port, "/metrics", "Authorization", "Bearer " + Files.readString(token));
            assertEquals(200, answer.statusCode());
            assertTrue(answer.body().contains("veneer_store_free_bytes"), answer.body());
        }
        assertThrows(IOException.class, () -> ask("GET", "/metrics"));
    }

    /** Each would hold a thread that writes answers which nobody takes. */
    @Test
    void whoSendsManyRequestsWithoutTheTokenAndReadsNothingKeepsNobody(@TempDir Path directory) throws Exception {
        metrics.close();
        Path token = Files.writeString(directory.resolve("token"), "x".repeat(BearerToken.SHORTEST));
        metrics = new PrometheusMetrics(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), new BearerToken(token), null);
        byte[] many = "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n".repeat(1000).getBytes(StandardCharsets.US_ASCII);
        List<Socket> open = new ArrayList<>();
        List<Thread> senders = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            Socket socket =
                    new Socket(metrics.address().getAddress(), metrics.address().getPort());
            open.add(socket);
            Thread sender = new Thread(() -> {
                try {
                    for (int j = 0; j < 1000; j++) {
                        socket.getOutputStream().write(many);
                    }
                } catch (IOException e) {
                    // The server has closed it, or the test is over.
                }
            });
            sender.setDaemon(true);
            sender.start();
            senders.add(sender);
        }
        for (Thread sender : senders) {
            sender.join(2000);
        }
        assertEquals(401, ask("GET", "/metrics").statusCode());
        for (Socket socket : open) {
            socket.close();
        }
    }

    @Test
    void failedVerificationsAreCountedByWhatMadeTheRevision() throws Exception {
        String before = ask("GET", "/metrics").body();
        assertTrue(before.contains("veneer_verify_failures_total{action=\"Rebase\"} 0.0"), before);
        metrics.verifyFailed("Rebase");
        String after = ask("GET", "/metrics").body();
        assertTrue(after.contains("veneer_verify_failures_total{action=\"Rebase\"} 1.0"), after);
        assertTrue(after.contains("veneer_verify_failures_total{action=\"Compact\"} 0.0"), after);
    }

    @Test
    void servesWhatItWasTold() throws IOException, InterruptedException {
        HttpResponse<String> answer = ask("GET", "/metrics");
        assertEquals(200, answer.statusCode());
        assertTrue(answer.headers().firstValue("Content-Type").orElse("").startsWith("text/plain; version=0.0.4"));
        String text = answer.body();
        assertTrue(text.contains("veneer_pass_seconds_count{result=\"failure\",trigger=\"files\"} 1\n"), text);
        assertTrue(text.contains("veneer_pass_seconds_sum{result=\"failure\",trigger=\"files\"} 0.25\n"), text);
        assertTrue(text.contains("veneer_action_seconds_count{action=\"mount\",result=\"success\"} 1\n"), text);
        assertTrue(text.contains("veneer_objects{kind=\"Sliver\",reason=\"Succeeded\"} 999.0\n"), text);
        assertTrue(text.contains("veneer_measure_seconds_sum{what=\"reclaimable\"} 0.5\n"), text);
        assertTrue(text.contains("veneer_store_free_bytes 5.0\n"), text);
        assertTrue(text.contains("veneer_source_held 1.0\n"), text);
    }

    @Test
    void aReasonThatNobodyHasAnyMoreIsZero() throws IOException, InterruptedException {
        metrics.objects("Sliver", Map.of("Succeeded", 1000));
        String text = ask("GET", "/metrics").body();
        assertTrue(text.contains("veneer_objects{kind=\"Sliver\",reason=\"InUse\"} 0.0\n"), text);
    }

    @Test
    void refusesAllElse() throws IOException, InterruptedException {
        assertEquals(404, ask("GET", "/").statusCode());
        assertEquals(405, ask("POST", "/metrics").statusCode());
    }

    @Test
    void everyNameIsDocumented() throws IOException, InterruptedException {
        String page = Files.readString(Path.of("../docs/metrics.md"));
        Set<String> missing = new TreeSet<>();
        Matcher names = Pattern.compile("(?m)^# TYPE (\\S+)")
                .matcher(ask("GET", "/metrics").body());
        while (names.find()) {
            if (!page.contains("`" + names.group(1) + "`")) {
                missing.add(names.group(1));
            }
        }
        assertEquals(Set.of(), missing);
    }
}
