package dev.veneer.node.image;

import dev.veneer.api.Reason;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.model.ArchiveRef;
import dev.veneer.node.tls.QuickCiphers;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.NoSuchAlgorithmException;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.Base64;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * Fetches an archive over HTTP. Redirects are followed by hand, a few of them, never from https to http, and
 * credentials go to the host that was declared only.
 */
final class HttpSource {
    private static final Duration CONNECT = Duration.ofSeconds(30);
    private static final Duration ANSWER = Duration.ofSeconds(60);
    private static final int REDIRECTS = 5;

    private final Secrets secrets;
    private final ImportSession session;

    HttpSource(Secrets secrets, ImportSession session) {
        this.secrets = secrets;
        this.session = session;
    }

    /** The body of the answer. */
    HttpBody open(String url, ArchiveRef archive) throws IOException, NodeException {
        URI uri = uri(url);
        HttpClient.Builder builder =
                HttpClient.newBuilder().connectTimeout(CONNECT).followRedirects(HttpClient.Redirect.NEVER);
        SSLContext context = context(archive.caSecretName());
        builder.sslContext(context).sslParameters(QuickCiphers.of(context));
        HttpClient client = builder.build();
        String authorization = authorization(archive.secretName());
        URI at = uri;
        for (int redirect = 0; redirect <= REDIRECTS; redirect++) {
            HttpRequest.Builder request =
                    HttpRequest.newBuilder(at).timeout(ANSWER).GET();
            if (authorization != null && sameOrigin(uri, at)) {
                request.header("Authorization", authorization);
            }
            HttpResponse<InputStream> answer = send(client, request.build());
            int status = answer.statusCode();
            if (status == 200) {
                long stated = length(answer.headers());
                session.expect(stated);
                return new HttpBody(answer.body(), stated, session.readBytes(), at);
            }
            answer.body().close();
            String location = answer.headers().firstValue("Location").orElse("");
            boolean redirected = status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
            if (!redirected || location.isEmpty()) {
                throw failed(at, status);
            }
            at = next(at, location);
        }
        throw new SourceException(url + " was redirected more than " + REDIRECTS + " times");
    }

    /** How long the body is to be; below zero when nobody says. */
    private static long length(HttpHeaders headers) {
        // With a transfer coding, the coding tells where the body ends.
        if (headers.firstValue("Transfer-Encoding").isPresent()) {
            return -1;
        }
        String stated = headers.firstValue("Content-Length").orElse("");
        return stated.matches("[0-9]{1,18}") ? Long.parseLong(stated) : -1;
    }

    private static NodeException failed(URI at, int status) {
        String hint = status == 401 || status == 403 ? ": name a secret with credentials in secretRef" : "";
        return new NodeException(Reason.FetchFailed, Follow.RETRY, at + " answered with status " + status + hint);
    }

    private static URI uri(String url) throws NodeException {
        try {
            URI uri = URI.create(url);
            if (uri.getHost() != null && uri.getUserInfo() == null) {
                return uri;
            }
        } catch (IllegalArgumentException e) {
            // Told below, without the address, which may hold a password.
        }
        throw new NodeException(
                Reason.InvalidSpec,
                Follow.STALLED,
                "the archive's address is not http(s)://HOST/PATH without a user: credentials belong into a secret");
    }

    private static URI next(URI from, String location) throws NodeException {
        URI to;
        try {
            to = from.resolve(location);
        } catch (IllegalArgumentException e) {
            throw new NodeException(
                    Reason.FetchFailed, Follow.RETRY, from + " was redirected to something that is no address", e);
        }
        boolean http = "http".equals(to.getScheme());
        boolean https = "https".equals(to.getScheme());
        if (to.getHost() == null || !(https || (http && "http".equals(from.getScheme())))) {
            throw new NodeException(
                    Reason.FetchFailed, Follow.RETRY, from + " was redirected to " + to + ", which is not followed");
        }
        return to;
    }

    private static boolean sameOrigin(URI a, URI b) {
        return String.valueOf(a.getScheme()).equals(b.getScheme())
                && String.valueOf(a.getHost()).equals(b.getHost())
                && a.getPort() == b.getPort();
    }

    private static HttpResponse<InputStream> send(HttpClient client, HttpRequest request) throws IOException {
        try {
            return client.send(request, HttpResponse.BodyHandlers.ofInputStream());
        } catch (IOException | IllegalArgumentException e) {
            // The client says the latter to a length that is no number.
            String why = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
            throw new SourceException("cannot fetch " + request.uri() + ": " + why, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while fetching " + request.uri());
        }
    }

    private @Nullable String authorization(@Nullable String secret) throws NodeException {
        if (secret == null) {
            return null;
        }
        byte[] token = secrets.get(secret, "token");
        if (token != null) {
            return "Bearer " + new String(token, StandardCharsets.UTF_8).strip();
        }
        byte[] user = secrets.get(secret, "username");
        byte[] password = secrets.get(secret, "password");
        if (user == null || password == null) {
            throw new NodeException(
                    Reason.FetchFailed,
                    Follow.RETRY,
                    "the secret " + secret + " has neither token nor username and password");
        }
        String both = new String(user, StandardCharsets.UTF_8).strip() + ":"
                + new String(password, StandardCharsets.UTF_8).strip();
        return "Basic " + Base64.getEncoder().encodeToString(both.getBytes(StandardCharsets.UTF_8));
    }

    private SSLContext context(@Nullable String caSecret) throws NodeException, IOException {
        try {
            return caSecret == null ? SSLContext.getDefault() : trusting(caSecret);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has a default for TLS", e);
        }
    }

    private SSLContext trusting(String secret) throws NodeException, IOException {
        byte[] pem = secrets.get(secret, "ca.crt");
        if (pem == null) {
            throw new NodeException(Reason.FetchFailed, Follow.RETRY, "the secret " + secret + " has no ca.crt");
        }
        try {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            int number = 0;
            for (Certificate certificate :
                    CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(pem))) {
                store.setCertificateEntry("ca-" + number++, certificate);
            }
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(store);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, factory.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new NodeException(
                    Reason.FetchFailed, Follow.RETRY, "ca.crt of the secret " + secret + " is no certificate", e);
        }
    }
}
