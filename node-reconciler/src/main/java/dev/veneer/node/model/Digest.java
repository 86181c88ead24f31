package dev.veneer.node.model;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The digest of a base image's manifest, which names the base: {@code sha256:} and 64 hexadecimal digits in lower case.
 */
public record Digest(String hex) implements Comparable<Digest> {
    private static final Pattern HEX = Pattern.compile("[0-9a-f]{64}");
    private static final String PREFIX = "sha256:";

    public Digest {
        if (!HEX.matcher(hex).matches()) {
            throw new IllegalArgumentException("not a SHA-256 in hexadecimal: " + hex);
        }
    }

    /** Reads {@code sha256:<hex>}. */
    public static Digest parse(String text) {
        if (!text.startsWith(PREFIX)) {
            throw new IllegalArgumentException("not a digest of the form sha256:HEX: " + text);
        }
        return new Digest(text.substring(PREFIX.length()));
    }

    /** The first twelve digits, for people. */
    public String brief() {
        return hex.substring(0, 12);
    }

    // As in SliverId.
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Digest digest && hex.equals(digest.hex);
    }

    @Override
    public int hashCode() {
        return hex.hashCode();
    }

    @Override
    public int compareTo(Digest other) {
        return hex.compareTo(other.hex);
    }

    @Override
    public String toString() {
        return PREFIX + hex;
    }
}
