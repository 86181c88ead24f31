package dev.veneer.api.access;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import dev.veneer.api.testkit.Certificates;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServerCertificateTest {
    private static final String EC = "ec -pkeyopt ec_paramgen_curve:P-256";

    @TempDir
    private Path directory;

    private final List<String> warnings = new ArrayList<>();
    private Path certificate;
    private Path key;
    private HttpServer server;

    @BeforeEach
    void files() {
        certificate = directory.resolve("tls.crt");
        key = directory.resolve("tls.key");
    }

    @AfterEach
    void end() {
        if (server != null) {
            server.stop(0);
        }
    }

    private ServerCertificate read() throws IOException {
        return new ServerCertificate(certificate, key, warnings::add);
    }

    private void serve() throws IOException {
        server = ServerCertificate.serverAt(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), read());
        server.createContext("/", exchange -> {
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        });
        server.start();
    }

    private int ask(Path trusted) throws Exception {
        return Certificates.ask(trusted, server.getAddress().getPort(), "/").statusCode();
    }

    private void make(String kind) throws Exception {
        Certificates.make(directory, kind.split(" "));
    }

    private String refused() {
        return assertThrows(IOException.class, this::read).getMessage();
    }

    @ParameterizedTest
    @ValueSource(strings = {"rsa:2048", EC, "ec -pkeyopt ec_paramgen_curve:P-384", "ed25519"})
    void servesWithAnyUsualKey(String kind) throws Exception {
        make(kind);
        serve();
        assertEquals(204, ask(certificate));
    }

    /** As cert-manager writes them unless told otherwise, and {@code openssl ecparam}. */
    @ParameterizedTest
    @ValueSource(strings = {"rsa:2048", EC})
    void readsTheOlderFormsOfKeys(String kind) throws Exception {
        make(kind);
        boolean ec = kind.equals(EC);
        Certificates.openssl(
                directory,
                ec
                        ? List.of("ec", "-in", "tls.key", "-out", "old")
                        : List.of("rsa", "-in", "tls.key", "-out", "old", "-traditional"));
        String old = Files.readString(directory.resolve("old"));
        assertTrue(old.contains(ec ? "BEGIN EC PRIVATE KEY" : "BEGIN RSA PRIVATE KEY"), old);
        Files.writeString(key, "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n" + old);
        serve();
        assertEquals(204, ask(certificate));
    }

    @Test
    void oneThatTakesItsPlaceIsShownAtOnceAndABadOneNever() throws Exception {
        make(EC);
        serve();
        Path first = Files.copy(certificate, directory.resolve("first"));
        assertEquals(204, ask(first));

        // Half of a replacement, and then the other.
        Path firstKey = Files.copy(key, directory.resolve("first.key"));
        make("rsa:2048");
        Path second = Files.copy(certificate, directory.resolve("second"));
        Path secondKey = Files.copy(key, directory.resolve("second.key"));
        Files.copy(firstKey, key, StandardCopyOption.REPLACE_EXISTING);
        assertEquals(204, ask(first));
        assertEquals(204, ask(first));
        assertEquals(1, warnings.size(), warnings.toString());
        assertTrue(warnings.get(0).contains("stays in force: " + key + " holds no key of the kind"), warnings.get(0));
        Files.copy(secondKey, key, StandardCopyOption.REPLACE_EXISTING);
        assertEquals(204, ask(second));
        assertThrows(SSLHandshakeException.class, () -> ask(first));

        Files.delete(certificate);
        assertEquals(204, ask(second));
        assertEquals(204, ask(second));
        assertEquals(2, warnings.size(), warnings.toString());
        assertTrue(warnings.get(1).endsWith(certificate + " is not there"), warnings.get(1));
        make(EC);
        assertEquals(204, ask(certificate));
        assertEquals(2, warnings.size(), warnings.toString());
    }

    @Test
    void olderProtocolsAreRefused() throws Exception {
        make("rsa:2048");
        serve();
        var sockets = Certificates.trusting(certificate).getSocketFactory();
        for (String protocol : List.of("TLSv1.2", "TLSv1.3")) {
            try (SSLSocket socket = (SSLSocket) sockets.createSocket(
                    server.getAddress().getAddress(), server.getAddress().getPort())) {
                socket.setEnabledProtocols(new String[] {protocol});
                socket.startHandshake();
                assertEquals(protocol, socket.getSession().getProtocol());
            }
        }
        // Java itself refuses to ask by these, so as openssl asks.
        assertThrows(
                IOException.class,
                () -> Certificates.openssl(
                        directory,
                        List.of(
                                "s_client",
                                "-tls1_1",
                                "-cipher",
                                "ALL:@SECLEVEL=0",
                                "-connect",
                                "127.0.0.1:" + server.getAddress().getPort())));
    }

    @Test
    void whatIsWrongIsTold() throws Exception {
        assertEquals(certificate + " is not there", refused());
        make("rsa:2048");
        String good = Files.readString(certificate);
        String goodKey = Files.readString(key);

        Files.writeString(certificate, "");
        assertEquals(certificate + " is empty", refused());
        Files.writeString(certificate, goodKey);
        assertTrue(refused().startsWith(certificate + " holds no certificate"), refused());
        Files.writeString(certificate, good.substring(0, good.length() / 2));
        assertTrue(refused().startsWith(certificate + " holds a certificate that cannot be read"), refused());
        Files.writeString(certificate, good + good.substring(0, good.length() / 2));
        assertTrue(refused().startsWith(certificate + " holds a certificate that cannot be read"), refused());
        Files.writeString(certificate, good + " ".repeat(1 << 20));
        assertEquals(certificate + " is larger than 1 MiB", refused());
        Files.writeString(certificate, good);

        Files.writeString(key, goodKey.substring(0, goodKey.length() / 2));
        assertTrue(refused().startsWith(key + " holds no whole private key"), refused());
        Files.writeString(key, goodKey.replaceFirst("\n[^\n]{20}", "\n"));
        assertTrue(refused().startsWith(key + " holds no key of the kind that the certificate has (RSA)"), refused());
        Files.writeString(key, good);
        assertTrue(refused().startsWith(key + " holds no whole private key"), refused());
        Certificates.openssl(directory, List.of("genrsa", "-out", "tls.key", "2048"));
        assertEquals(key + " is not the key of the certificate in " + certificate, refused());
        Certificates.openssl(directory, List.of("genrsa", "-out", "tls.key", "4096"));
        assertEquals(key + " is not the key of the certificate in " + certificate, refused());
        Certificates.openssl(
                directory, List.of("genrsa", "-aes128", "-passout", "pass:secret", "-out", "tls.key", "2048"));
        assertTrue(refused().contains("encrypted"), refused());
        Files.delete(key);
        assertEquals(key + " is not there", refused());
        Files.createDirectory(key);
        assertTrue(refused().contains("Is a directory"), refused());
        Files.delete(key);
        Files.writeString(key, goodKey);
        read();
        assertEquals(List.of(), warnings);
    }

    @Test
    void whoSpeaksPlainHttpIsToldNothing() throws Exception {
        make(EC);
        serve();
        try (Socket socket =
                new Socket(server.getAddress().getAddress(), server.getAddress().getPort())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(US_ASCII));
            String said = new String(socket.getInputStream().readAllBytes(), US_ASCII);
            assertFalse(said.contains("HTTP"), said);
        }
    }
}
