package dev.veneer.api.access;

import com.sun.net.httpserver.Authenticator;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpPrincipal;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;

/**
 * Lets through who shows the token that a file holds (RFC 6750, {@code Authorization: Bearer TOKEN}). The file is read for each
 * request, so that a token can be replaced while the server runs; while there is none, or a weak one, nobody is let through.
 * Needs no API server: metrics are wanted most of all when that is away.
 */
public final class BearerToken extends Authenticator {
    /** How many characters a token has at least. */
    public static final int SHORTEST = 16;

    private static final int LONGEST = 4096;
    private static final String SCHEME = "bearer ";
    private static final Result UNKNOWN = new Failure(401);
    private static final Result NOBODY = new Failure(503);

    private final Path file;

    /** @param file what holds the token; white space around it does not count */
    public BearerToken(Path file) {
        this.file = file;
    }

    @Override
    public Result authenticate(HttpExchange exchange) {
        byte[] expected = token();
        if (expected.length < SHORTEST) {
            return NOBODY;
        }
        String header = exchange.getRequestHeaders().getFirst("Authorization");
        boolean bearer = header != null && header.regionMatches(true, 0, SCHEME, 0, SCHEME.length());
        byte[] shown =
                bearer ? header.substring(SCHEME.length()).strip().getBytes(StandardCharsets.UTF_8) : new byte[0];
        // Takes as long for a token that is nearly right as for any other of its length.
        if (MessageDigest.isEqual(expected, shown)) {
            return new Success(new HttpPrincipal("bearer", "veneer"));
        }
        exchange.getResponseHeaders().set("WWW-Authenticate", "Bearer realm=\"veneer\"");
        return UNKNOWN;
    }

    /** The token; empty when there is none. */
    private byte[] token() {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] read = in.readNBytes(LONGEST + 1);
            return read.length > LONGEST
                    ? new byte[0]
                    : new String(read, StandardCharsets.UTF_8).strip().getBytes(StandardCharsets.UTF_8);
        } catch (IOException e) {
            // Whoever asks is told that nobody is let through; the next request looks again.
            return new byte[0];
        }
    }
}
