package dev.veneer.api.access;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BearerTokenTest {
    private static final String TOKEN = "0123456789abcdef";

    @TempDir
    private Path directory;

    private Path file;
    private HttpServer server;

    @BeforeEach
    void serve() throws Exception {
        file = directory.resolve("token");
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
                    byte[] body = "secret".getBytes(StandardCharsets.UTF_8);
                    exchange.sendResponseHeaders(200, body.length);
                    exchange.getResponseBody().write(body);
                    exchange.close();
                })
                .setAuthenticator(new BearerToken(file));
        server.start();
    }

    @AfterEach
    void end() {
        server.stop(0);
    }

    private int ask(String... headers) throws Exception {
        URI uri = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/metrics");
        HttpRequest.Builder request = HttpRequest.newBuilder(uri);
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        return HttpClient.newHttpClient()
                .send(request.build(), BodyHandlers.ofString())
                .statusCode();
    }

    private int askWith(String authorization) throws Exception {
        return ask("Authorization", authorization);
    }

    @Test
    void onlyWhoShowsItIsLetThrough() throws Exception {
        Files.writeString(file, TOKEN + "\n");
        assertEquals(200, askWith("Bearer " + TOKEN));
        assertEquals(200, askWith("bearer  " + TOKEN));
        assertEquals(401, ask());
        assertEquals(401, askWith(TOKEN));
        assertEquals(401, askWith("Basic " + TOKEN));
        assertEquals(401, askWith("Bearer"));
        assertEquals(401, askWith("Bearer "));
        assertEquals(401, askWith("Bearer " + TOKEN + "0"));
        assertEquals(401, askWith("Bearer " + TOKEN.substring(1)));
        assertEquals(401, askWith("Bearer " + TOKEN.toUpperCase(java.util.Locale.ROOT)));
        assertEquals(401, askWith("Bearer " + "0".repeat(5000)));
        assertEquals(401, ask("Authorization", "Bearer x", "Authorization", "Bearer " + TOKEN));
    }

    @Test
    void anotherOneTakesItsPlaceWhileTheServerRuns() throws Exception {
        Files.writeString(file, TOKEN);
        assertEquals(200, askWith("Bearer " + TOKEN));
        Files.writeString(file, "another-" + TOKEN);
        assertEquals(401, askWith("Bearer " + TOKEN));
        assertEquals(200, askWith("Bearer another-" + TOKEN));
    }

    @Test
    void withoutAGoodOneNobodyIsLetThrough() throws Exception {
        assertEquals(503, askWith("Bearer "));
        for (String weak : new String[] {"", "\n", "short", " ".repeat(100), "0".repeat(5000)}) {
            Files.writeString(file, weak);
            assertEquals(503, askWith("Bearer " + weak.strip()), weak);
        }
        for (String weak : new String[] {
            TOKEN.substring(1),
            "\u00e4".repeat(8),
            "\u00e4".repeat(16),
            "0123456789abcde\u00e4",
            "01234567 89abcdef",
            "01234567\n89abcdef",
            TOKEN + "\u0000",
            TOKEN + "\u007f"
        }) {
            Files.writeString(file, weak);
            assertEquals(503, askWith("Bearer " + TOKEN), weak);
        }
        Files.write(file, new byte[] {(byte) 0xff, (byte) 0xfe});
        assertEquals(503, askWith("Bearer " + TOKEN));
        Files.delete(file);
        Files.createDirectory(file);
        assertEquals(503, askWith("Bearer " + TOKEN));
    }
}
