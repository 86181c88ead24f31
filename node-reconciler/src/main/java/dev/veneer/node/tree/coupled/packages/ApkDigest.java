package dev.veneer.node.tree.coupled.packages;

import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.coupled.record.Octets;
import java.util.Base64;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * A checksum as apk spells it: {@code Q1} and {@code Q2} are SHA-1 and SHA-256 in base64, {@code X1} and {@code X2} the
 * same in hexadecimal.
 *
 * @param algorithm as {@link java.security.MessageDigest} calls it
 * @param value the digest's bytes
 */
record ApkDigest(String algorithm, Bytes value) {
    private static final int SHA1 = 20;
    private static final int SHA256 = 32;

    /** Null when it is none. */
    static @Nullable ApkDigest parse(Bytes text) {
        if (text.length() < 2) {
            return null;
        }
        byte kind = text.array()[1];
        int length = kind == '1' ? SHA1 : kind == '2' ? SHA256 : 0;
        String rest = Octets.ascii(Octets.tail(text, 2));
        byte[] value;
        try {
            value = switch (text.array()[0]) {
                case 'Q' -> Base64.getDecoder().decode(rest);
                case 'X' -> HexFormat.of().parseHex(rest);
                default -> new byte[0];
            };
        } catch (IllegalArgumentException e) {
            return null; // digits that are none of it
        }
        return length == 0 || value.length != length
                ? null
                : new ApkDigest(length == SHA1 ? "SHA-1" : "SHA-256", Bytes.wrap(value));
    }
}
