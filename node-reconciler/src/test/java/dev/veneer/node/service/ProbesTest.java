package dev.veneer.node.service;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ProbesTest {
    private static int ask(Probes probes, String path) throws Exception {
        URI uri = URI.create("http://127.0.0.1:" + probes.address().getPort() + path);
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    private static InetSocketAddress any() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    @Test
    void itIsReadyAfterItsFirstPassAndAliveBefore() throws Exception {
        try (Probes probes = new Probes(any())) {
            assertEquals(503, ask(probes, "/readyz"));
            assertEquals(200, ask(probes, "/livez"));
            probes.alive();
            probes.ready();
            assertEquals(200, ask(probes, "/readyz"));
            assertEquals(200, ask(probes, "/livez"));
            assertEquals(404, ask(probes, "/metrics"));
        }
    }

    @Test
    void aLoopThatHangsIsNoticedAndOneThatGetsOnIsAliveAgain() throws Exception {
        try (Probes probes = new Probes(any(), Duration.ofMillis(200))) {
            probes.alive();
            Thread.sleep(400);
            assertEquals(503, ask(probes, "/livez"));
            probes.alive();
            assertEquals(200, ask(probes, "/livez"));
        }
    }
}
