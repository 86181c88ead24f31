package dev.veneer.node.desired;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Bytes of a file as text, or why they are none; and a text as the parts that documents are read from. */
final class SourceText {
    /**
     * A part of a text that begins a document.
     *
     * @param text the part
     * @param lineOffset how many lines lie before it
     */
    record Part(String text, int lineOffset) {}

    /**
     * How long a line of YAML may be, in characters. Finding the end of a scalar costs the square of its length, and the
     * longest that we accept, all annotations of an object, is half of this.
     */
    static final int LONGEST_LINE = 512 << 10;

    private SourceText() {}

    /** Decodes UTF-8, with or without a byte order mark. */
    static String decode(byte[] bytes) throws TextProblem {
        if (startsWith(bytes, 0xfe, 0xff) || startsWith(bytes, 0xff, 0xfe)) {
            throw new TextProblem(1, 1, "the file is UTF-16; save it as UTF-8");
        }
        int start = startsWith(bytes, 0xef, 0xbb, 0xbf) ? 3 : 0;
        CharsetDecoder decoder = StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        ByteBuffer in = ByteBuffer.wrap(bytes, start, bytes.length - start);
        CharBuffer out = CharBuffer.allocate(bytes.length - start + 1);
        CoderResult result = decoder.decode(in, out, true);
        out.flip();
        String text = out.toString();
        int control = indexOfControl(text);
        if (control >= 0) {
            throw at(
                    text,
                    control,
                    text.charAt(control) == 0
                            ? "the file is binary, not YAML or JSON"
                            : String.format("the control character 0x%02x is not allowed", (int) text.charAt(control)));
        }
        if (result.isError()) {
            throw at(text, text.length(), "the file is not UTF-8 from here on; save it as UTF-8");
        }
        return text;
    }

    /**
     * Splits YAML at its document markers, so that what is wrong with one document does not hide the others. A line that begins
     * with {@code ---} is one wherever it stands.
     */
    static List<Part> split(String text) throws TextProblem {
        List<Part> parts = new ArrayList<>();
        int begin = 0;
        int beginLine = 0;
        int line = 0;
        int at = 0;
        while (at < text.length()) {
            int end = text.indexOf('\n', at);
            int next = end < 0 ? text.length() : end + 1;
            if (next - at > LONGEST_LINE) {
                throw new TextProblem(
                        line + 1, 1, "the line has more than " + LONGEST_LINE + " characters; break it up");
            }
            if (at > begin && isMarker(text, at)) {
                Document.bound(parts.size(), line + 1);
                add(parts, text.substring(begin, at), beginLine);
                begin = at;
                beginLine = line;
            }
            at = next;
            line++;
        }
        add(parts, text.substring(begin), beginLine);
        return parts;
    }

    private static void add(List<Part> parts, String part, int line) {
        boolean empty = part.lines().allMatch(l -> l.isBlank() || l.startsWith("#") || l.startsWith("%YAML 1."));
        if (!empty) {
            parts.add(new Part(part, line));
        }
    }

    private static boolean isMarker(String text, int at) {
        return text.startsWith("---", at) && (at + 3 == text.length() || " \t\r\n".indexOf(text.charAt(at + 3)) >= 0);
    }

    private static int indexOfControl(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean wanted = c == '\t' || c == '\n' || c == '\r' || c == 0x85;
            if (!wanted && (c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xfffe || c == 0xffff)) {
                return i;
            }
        }
        return -1;
    }

    private static TextProblem at(String text, int index, String message) {
        int line = 1;
        int lineStart = 0;
        for (int i = text.indexOf('\n'); i >= 0 && i < index; i = text.indexOf('\n', i + 1)) {
            line++;
            lineStart = i + 1;
        }
        return new TextProblem(line, index - lineStart + 1, message);
    }

    private static boolean startsWith(byte[] bytes, int... start) {
        if (bytes.length < start.length) {
            return false;
        }
        for (int i = 0; i < start.length; i++) {
            if ((bytes[i] & 0xff) != start[i]) {
                return false;
            }
        }
        return true;
    }
}
