package dev.veneer.node.tree;

import dev.veneer.node.linux.PathBytes;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A short immutable sequence of bytes with value equality, ordered as unsigned numbers: names, link targets, attribute
 * values, digests. Names in trees are bytes and need not be text.
 */
public final class Bytes implements Comparable<Bytes> {
    /** No bytes. */
    public static final Bytes EMPTY = new Bytes(new byte[0]);

    private static final char[] HEX = "0123456789abcdef".toCharArray();

    private static final int SHOWN = 512;

    private final byte[] value;

    private Bytes(byte[] value) {
        this.value = value;
    }

    /** Takes the array over: the caller does not change it any more. */
    public static Bytes wrap(byte[] value) {
        return value.length == 0 ? EMPTY : new Bytes(value);
    }

    /** A copy of a part of an array. */
    public static Bytes copy(byte[] value, int from, int to) {
        return wrap(Arrays.copyOfRange(value, from, to));
    }

    /** A text's UTF-8. */
    public static Bytes utf8(String text) {
        return wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    /** The array itself, not to be changed. */
    public byte[] array() {
        return value;
    }

    public int length() {
        return value.length;
    }

    public boolean isEmpty() {
        return value.length == 0;
    }

    /** Whether it begins with the ASCII text. */
    public boolean startsWith(String ascii) {
        if (value.length < ascii.length()) {
            return false;
        }
        for (int i = 0; i < ascii.length(); i++) {
            if (value[i] != ascii.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** Lower case hexadecimal digits. */
    public String hex() {
        StringBuilder text = new StringBuilder(2 * value.length);
        for (byte b : value) {
            text.append(HEX[(b >> 4) & 15]).append(HEX[b & 15]);
        }
        return text.toString();
    }

    /** For people and logs, escaped by {@link PathBytes#show}; the middle of what is very long is left out. */
    public static String show(byte[] value) {
        if (value.length <= SHOWN) {
            return PathBytes.show(value);
        }
        byte[] begin = Arrays.copyOf(value, SHOWN / 2);
        byte[] end = Arrays.copyOfRange(value, value.length - SHOWN / 2, value.length);
        return PathBytes.show(begin) + "[...]" + PathBytes.show(end) + " (" + value.length + " bytes)";
    }

    @Override
    public int compareTo(Bytes other) {
        return Arrays.compareUnsigned(value, other.value);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Bytes bytes && Arrays.equals(value, bytes.value);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(value);
    }

    /** {@link #show}. */
    @Override
    public String toString() {
        return show(value);
    }
}
