package dev.veneer.node.desired;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.HexFormat;
import java.util.Locale;
import java.util.TreeSet;

/**
 * The identity of a set of paths: the same set gives the same, in whatever order and from whatever directory it is given. The
 * short name is a word of the first path, so that people recognise it, and 12 digits of the SHA-256 of all paths.
 */
record SourceId(String id, String identity) {
    private static final int WORD = 32;
    private static final int DIGITS = 12;

    /** @param paths as given; {@code -} is standard input */
    static SourceId of(Collection<String> paths) {
        TreeSet<String> absolute = new TreeSet<>();
        for (String path : paths) {
            absolute.add(
                    path.equals("-")
                            ? path
                            : Path.of(path).toAbsolutePath().normalize().toString());
        }
        String identity = String.join("\n", absolute);
        Path name = absolute.first().equals("-")
                ? Path.of("stdin")
                : Path.of(absolute.first()).getFileName();
        String word = (name == null ? "root" : name.toString())
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^a-z0-9]+", "-")
                .replaceAll("^-+", "");
        word = word.substring(0, Math.min(WORD, word.length())).replaceAll("-+$", "");
        return new SourceId((word.isEmpty() ? "source" : word) + "-" + digest(identity), identity);
    }

    private static String digest(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest).substring(0, DIGITS);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
