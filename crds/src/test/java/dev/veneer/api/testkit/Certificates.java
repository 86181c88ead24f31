package dev.veneer.api.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** Certificates that sign themselves, made by openssl, and a client that trusts one of them. */
public final class Certificates {
    private Certificates() {}

    /** Makes {@code tls.crt} and {@code tls.key} in a directory, for 127.0.0.1; what the key is like is said as to openssl. */
    public static void make(Path directory, String... key) throws IOException, InterruptedException {
        openssl(
                directory,
                Stream.of(
                                Stream.of("req", "-x509", "-nodes", "-days", "2", "-subj", "/CN=veneer-metrics"),
                                Stream.of("-addext", "subjectAltName=DNS:veneer-metrics,IP:127.0.0.1"),
                                Stream.of("-keyout", "tls.key", "-out", "tls.crt", "-newkey"),
                                Stream.of(key))
                        .flatMap(words -> words)
                        .toList());
    }

    /** Runs openssl in a directory. */
    public static void openssl(Path directory, List<String> words) throws IOException, InterruptedException {
        Path said = directory.resolve("openssl.log");
        Process process = new ProcessBuilder(
                        Stream.concat(Stream.of("openssl"), words.stream()).toList())
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        if (process.waitFor() != 0) {
            throw new IOException(words + ": " + Files.readString(said));
        }
    }

    /** Asks as one who trusts that certificate alone, with headers by twos. */
    public static HttpResponse<String> ask(Path trusted, int port, String path, String... headers)
            throws IOException, InterruptedException, GeneralSecurityException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + port + path))
                .timeout(Duration.ofSeconds(20));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return HttpClient.newBuilder()
                .sslContext(trusting(trusted))
                .build()
                .send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    /** One who trusts that certificate alone. */
    public static SSLContext trusting(Path trusted) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        try (InputStream in = Files.newInputStream(trusted)) {
            store.setCertificateEntry(
                    "it", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }
}
