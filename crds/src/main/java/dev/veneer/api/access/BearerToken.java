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
 * request, so that a token can be replaced while the server runs; while there is none, a weak one, or one with other than
 * visible ASCII characters, which no client could show, nobody is let through.
 * Needs no API server: metrics are wanted most of all when that is away.
 */
public final class BearerToken extends Authenticator {
    /** How many characters a token has at least. */
    public static final int SHORTEST = 16;

    /** The option by which the programs are told of the file. */
    public static final String OPTION = "--metrics-token-file";

    /** What their usage says of it. */
    public static final String OPTION_HELP =
            "Serve them only to who shows the token in this file (Authorization: Bearer), of " + SHORTEST
                    + " visible ASCII characters or more; read anew for each request (default: to whoever reaches the"
                    + " address).";

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
        // One request a connection: who sends many at once and reads no answer would else hold a thread for ever.
        exchange.getResponseHeaders().set("Connection", "close");
        String expected = token();
        if (expected.length() < SHORTEST || !expected.chars().allMatch(c -> c > ' ' && c <= '~')) {
            return NOBODY;
        }
        String header = exchange.getRequestHeaders().getFirst("Authorization");
        boolean bearer = header != null && header.regionMatches(true, 0, SCHEME, 0, SCHEME.length());
        String shown = bearer ? header.substring(SCHEME.length()).strip() : "";
        // Takes as long for a token that is nearly right as for any other of its length.
        if (MessageDigest.isEqual(bytes(expected), bytes(shown))) {
            return new Success(new HttpPrincipal("bearer", "veneer"));
        }
        exchange.getResponseHeaders().set("WWW-Authenticate", "Bearer realm=\"veneer\"");
        return UNKNOWN;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** The token; empty when there is none. */
    private String token() {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] read = in.readNBytes(LONGEST + 1);
            return read.length > LONGEST ? "" : new String(read, StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            // Whoever asks is told that nobody is let through; the next request looks again.
            return "";
        }
    }
}
