package dev.veneer.node.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.veneer.api.Reason;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.model.ArchiveRef;
import dev.veneer.node.model.ImageSource;
import dev.veneer.node.testkit.Commands;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Archives over HTTP, from servers that do what servers do. */
class HttpImportIT {
    private static final byte[] ARCHIVE =
            new TarBuilder().file("f", "x".repeat(700_000)).end();

    private final Map<String, String> seen = new ConcurrentHashMap<>();
    private ImportFixture fixture;
    private HttpServer server;
    private HttpServer other;

    @BeforeEach
    void open() throws IOException {
        fixture = new ImportFixture();
        server = serve(HttpServer.create(loopback(), 0));
        other = serve(HttpServer.create(loopback(), 0));
    }

    @AfterEach
    void close() throws Exception {
        server.stop(0);
        other.stop(0);
        fixture.close();
    }

    private static InetSocketAddress loopback() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    private HttpServer serve(HttpServer made) {
        made.createContext("/", exchange -> {
            try (exchange) {
                answer(made, exchange);
            }
        });
        made.start();
        return made;
    }

    private void answer(HttpServer at, HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        String authorization = String.valueOf(exchange.getRequestHeaders().getFirst("Authorization"));
        seen.put((at == server ? "" : "other ") + path, authorization);
        switch (path) {
            case "/good" -> send(exchange, 200, ARCHIVE.length, ARCHIVE.length);
            case "/chunked" -> send(exchange, 200, 0, ARCHIVE.length);
            case "/cut" -> send(exchange, 200, ARCHIVE.length, 100_000);
            case "/private" -> {
                boolean allowed = List.of("Basic dXNlcjpwYXNz", "Bearer secret").contains(authorization);
                send(exchange, allowed ? 200 : 401, ARCHIVE.length, ARCHIVE.length);
            }
            case "/moved" -> redirect(exchange, "good");
            case "/away" -> redirect(exchange, url(other, "/good"));
            case "/round" -> redirect(exchange, "/round");
            case "/down" -> redirect(exchange, "ftp://127.0.0.1/x");
            default -> send(exchange, 404, 0, 0);
        }
    }

    private static void redirect(HttpExchange exchange, String to) throws IOException {
        exchange.getResponseHeaders().set("Location", to);
        exchange.sendResponseHeaders(302, -1);
    }

    private static void send(HttpExchange exchange, int status, long stated, int sent) throws IOException {
        exchange.sendResponseHeaders(status, stated);
        if (sent > 0) {
            exchange.getResponseBody().write(ARCHIVE, 0, sent);
        }
    }

    private static String url(HttpServer at, String path) {
        return "http://127.0.0.1:" + at.getAddress().getPort() + path;
    }

    private ImportResult fetch(ArchiveRef archive, Path secrets) throws Exception {
        return fixture.run(new ImageSource.Archive(archive), ImportLimits.DEFAULT, secrets);
    }

    private ImportResult fetch(String path) throws Exception {
        return fetch(new ArchiveRef(url(server, path), null, List.of(), null, null), null);
    }

    private void assertFails(String path, String message) {
        NodeException e = assertThrows(NodeException.class, () -> fetch(path));
        assertEquals(Reason.FetchFailed, e.reason(), e.getMessage());
        assertTrue(e.getMessage().contains(message), e.getMessage());
    }

    @Test
    void fetchesAndFollows() throws Exception {
        ImportResult expected = fixture.archive(ARCHIVE);
        assertEquals(expected, fetch("/good"));
        assertEquals(expected, fetch("/chunked"));
        assertEquals(expected, fetch("/moved"));
        assertEquals(expected, fetch("/away"));
    }

    @Test
    void whatGoesWrongIsTold() {
        assertFails("/absent", "404");
        assertFails("/private", "secretRef");
        assertFails("/round", "redirected more than");
        assertFails("/down", "not followed");
        assertFails("/cut", "connection failed");
        int port = server.getAddress().getPort();
        NodeException e = assertThrows(
                NodeException.class,
                () -> fetch(
                        new ArchiveRef("http://u:p@127.0.0.1:" + port + "/good", null, List.of(), null, null), null));
        assertEquals(Reason.InvalidSpec, e.reason());
        assertFalse(e.getMessage().contains("u:p"), "no password in a message");
    }

    @Test
    void aMirrorIsUsedWhenTheFirstFailsHalfWay() throws Exception {
        String digest = "sha256:" + LayoutBuilder.sha256(ARCHIVE);
        ArchiveRef archive = new ArchiveRef(
                url(server, "/cut"), digest, List.of(url(other, "/absent"), url(other, "/good")), null, null);
        ImportResult result = fetch(archive, null);
        assertEquals(fixture.archive(ARCHIVE).digest(), result.digest());
        assertEquals(2, result.notices().size(), "both failures are told");
    }

    @Test
    void credentialsGoToTheDeclaredHostOnly() throws Exception {
        Path secrets = Files.createDirectories(fixture.directory.resolve("secrets/login"));
        Files.writeString(secrets.resolve("username"), "user\n");
        Files.writeString(secrets.resolve("password"), "pass\n");
        Path token = Files.createDirectories(fixture.directory.resolve("secrets/token"));
        Files.writeString(token.resolve("token"), "secret\n");
        for (String secret : List.of("login", "token")) {
            fetch(new ArchiveRef(url(server, "/private"), null, List.of(), secret, null), secrets.getParent());
            fetch(new ArchiveRef(url(server, "/away"), null, List.of(), secret, null), secrets.getParent());
            assertFalse(seen.get("/away").equals("null"));
            assertEquals("null", seen.get("other /good"));
        }
        for (String bad : List.of("../secrets/login", "absent", "")) {
            NodeException e = assertThrows(
                    NodeException.class,
                    () -> fetch(new ArchiveRef(url(server, "/good"), null, List.of(), bad, null), secrets.getParent()));
            assertEquals(Reason.FetchFailed, e.reason());
        }
    }

    @Test
    void aPrivateAuthorityIsTrustedWhenNamed() throws Exception {
        Path store = fixture.directory.resolve("keys.p12");
        Path secret = Files.createDirectories(fixture.directory.resolve("secrets/ca"));
        String keytool =
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        Commands.run(
                keytool,
                "-genkeypair",
                "-alias",
                "a",
                "-keyalg",
                "EC",
                "-dname",
                "CN=localhost",
                "-ext",
                "san=ip:127.0.0.1",
                "-keystore",
                store.toString(),
                "-storepass",
                "changeit");
        Commands.run(
                keytool,
                "-exportcert",
                "-rfc",
                "-alias",
                "a",
                "-keystore",
                store.toString(),
                "-storepass",
                "changeit",
                "-file",
                secret.resolve("ca.crt").toString());
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, "changeit".toCharArray());
        }
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(keys, "changeit".toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(factory.getKeyManagers(), null, null);
        HttpsServer tls = HttpsServer.create(loopback(), 0);
        tls.setHttpsConfigurator(new HttpsConfigurator(context));
        serve(tls);
        try {
            String url = "https://127.0.0.1:" + tls.getAddress().getPort() + "/good";
            fetch(new ArchiveRef(url, null, List.of(), null, "ca"), secret.getParent());
            NodeException e = assertThrows(
                    NodeException.class, () -> fetch(new ArchiveRef(url, null, List.of(), null, null), null));
            assertEquals(Reason.FetchFailed, e.reason());
        } finally {
            tls.stop(0);
        }
    }
}
