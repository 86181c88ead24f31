package dev.veneer.node.tree.coupled.record;

import dev.veneer.node.tree.Bytes;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Taking byte strings apart and putting them together. */
public final class Octets {
    private static final Bytes SLASH = Bytes.utf8("/");

    private Octets() {}

    /** The parts between separators; always at least one. */
    public static List<Bytes> split(Bytes text, char separator) {
        byte[] all = text.array();
        List<Bytes> parts = new ArrayList<>();
        int start = 0;
        for (int i = 0; i <= all.length; i++) {
            if (i == all.length || all[i] == separator) {
                parts.add(Bytes.copy(all, start, i));
                start = i + 1;
            }
        }
        return parts;
    }

    /** The parts between runs of spaces, tabs and line ends; none empty. */
    public static List<Bytes> words(Bytes text) {
        byte[] all = text.array();
        List<Bytes> words = new ArrayList<>();
        int start = 0;
        for (int i = 0; i <= all.length; i++) {
            if (i == all.length || isBlank(all[i])) {
                if (i > start) {
                    words.add(Bytes.copy(all, start, i));
                }
                start = i + 1;
            }
        }
        return words;
    }

    /** Without spaces, tabs and line ends at its ends. */
    public static Bytes strip(Bytes text) {
        byte[] all = text.array();
        int from = 0;
        int to = all.length;
        while (from < to && isBlank(all[from])) {
            from++;
        }
        while (to > from && isBlank(all[to - 1])) {
            to--;
        }
        return Bytes.copy(all, from, to);
    }

    private static boolean isBlank(byte b) {
        return b == ' ' || b == '\t' || b == '\n' || b == '\r';
    }

    /** Joined with the separator between them. */
    public static Bytes join(List<Bytes> parts, String separator) {
        ByteArrayOutputStream joined = new ByteArrayOutputStream();
        byte[] between = separator.getBytes(StandardCharsets.UTF_8);
        boolean first = true;
        for (Bytes part : parts) {
            if (!first) {
                joined.write(between, 0, between.length);
            }
            first = false;
            joined.write(part.array(), 0, part.length());
        }
        return Bytes.wrap(joined.toByteArray());
    }

    /** One after the other. */
    public static Bytes concat(Bytes... parts) {
        return join(List.of(parts), "");
    }

    /** Each with a line end after it. */
    public static Bytes ofLines(List<Bytes> lines) {
        return lines.isEmpty() ? Bytes.EMPTY : concat(join(lines, "\n"), Bytes.utf8("\n"));
    }

    /** As Latin-1: for names that are checked to be ASCII, and for numbers. */
    public static String ascii(Bytes text) {
        return new String(text.array(), StandardCharsets.ISO_8859_1);
    }

    /** The bytes of which {@link #ascii} makes a text. */
    public static Bytes ofAscii(String text) {
        return Bytes.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    public static Bytes of(String text) {
        return Bytes.utf8(text);
    }

    public static Bytes tail(Bytes text, int from) {
        return Bytes.copy(text.array(), from, text.length());
    }

    public static Bytes head(Bytes text, int to) {
        return Bytes.copy(text.array(), 0, to);
    }

    /** Where it first occurs, or -1. */
    public static int indexOf(Bytes text, char wanted) {
        for (int i = 0; i < text.length(); i++) {
            if (text.array()[i] == wanted) {
                return i;
            }
        }
        return -1;
    }

    /** Where it last occurs, or -1. */
    public static int lastIndexOf(Bytes text, char wanted) {
        for (int i = text.length() - 1; i >= 0; i--) {
            if (text.array()[i] == wanted) {
                return i;
            }
        }
        return -1;
    }

    /** A path below a directory. */
    public static Bytes below(Bytes directory, Bytes name) {
        return directory.isEmpty() ? name : concat(directory, SLASH, name);
    }
}
