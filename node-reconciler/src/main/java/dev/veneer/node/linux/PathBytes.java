package dev.veneer.node.linux;

import java.nio.charset.StandardCharsets;

/** Names and paths as the kernel wants them: bytes; and as people can read them. */
public final class PathBytes {
    /** The empty path, which with {@code AT_EMPTY_PATH} means the descriptor itself. */
    public static final byte[] EMPTY = {};

    private PathBytes() {}

    /** A path of our own, in UTF-8. Never for names that were read from a tree: those are bytes already. */
    public static byte[] of(String path) {
        return path.getBytes(StandardCharsets.UTF_8);
    }

    /** {@code /proc/self/fd/N}. */
    public static byte[] ofDescriptor(int fd) {
        return of("/proc/self/fd/" + fd);
    }

    /** {@code /proc/self/fd/N/name}, for calls that exist only with paths; {@code name} is one component. */
    public static byte[] below(int dirfd, byte[] name) {
        byte[] head = of("/proc/self/fd/" + dirfd + "/");
        byte[] path = new byte[head.length + name.length];
        System.arraycopy(head, 0, path, 0, head.length);
        System.arraycopy(name, 0, path, head.length, name.length);
        return path;
    }

    /** Whether this can be one name in a directory: not empty, not {@code .} or {@code ..}, no slash, no NUL. */
    public static boolean isName(byte[] name) {
        if (name.length == 0 || name.length > 255 || isDots(name)) {
            return false;
        }
        for (byte b : name) {
            if (b == '/' || b == 0) {
                return false;
            }
        }
        return true;
    }

    private static boolean isDots(byte[] name) {
        return name[0] == '.' && (name.length == 1 || (name.length == 2 && name[1] == '.'));
    }

    /**
     * For people: printable text as it is; control characters, the backslash and what is not UTF-8 as {@code \xHH}, and
     * invisible characters that could make a name look like another by their code point.
     */
    public static String show(byte[] path) {
        boolean ascii = true;
        for (byte b : path) {
            // Negative, not ASCII, among them: those are looked at more closely below.
            if (b < 0x20 || b == 0x7f || b == '\\') {
                ascii = false;
                break;
            }
        }
        String text = new String(path, StandardCharsets.UTF_8);
        if (ascii) {
            return text;
        }
        StringBuilder shown = new StringBuilder(path.length + 16);
        boolean valid = text.indexOf('\uFFFD') < 0;
        if (valid) {
            text.codePoints().forEach(point -> append(shown, point));
        } else {
            for (byte b : path) {
                append(shown, b < 0 ? 0x80 : b, b);
            }
        }
        return shown.toString();
    }

    private static void append(StringBuilder shown, int point) {
        if (point > 0x9f && Character.getType(point) != Character.FORMAT) {
            shown.appendCodePoint(point);
        } else if (point > 0x7f) {
            shown.append(String.format("\\{U+%04X}", point));
        } else {
            append(shown, point, (byte) point);
        }
    }

    private static void append(StringBuilder shown, int point, byte raw) {
        if (point >= 0x20 && point < 0x7f && point != '\\') {
            shown.append((char) point);
        } else {
            shown.append(String.format("\\x%02x", raw & 0xff));
        }
    }
}
