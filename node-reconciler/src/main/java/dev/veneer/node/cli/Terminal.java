package dev.veneer.node.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * Where a command writes: results to {@code out}, all else to {@code err}.
 *
 * <p>Whether each is a terminal is told by the launcher, which asks the kernel ({@code -Dveneer.terminal=out,err});
 * {@code System.console()} answers that differently from one Java to the next. Without the launcher there are no
 * colours and no bars.
 *
 * @param out buffered results; the commands flush it at their end
 * @param err messages and progress, flushed at each line
 * @param outColours whether results may be coloured
 * @param errTerminal whether progress may be drawn over itself
 * @param columns how wide the terminal is
 */
public record Terminal(PrintStream out, PrintStream err, boolean outColours, boolean errTerminal, int columns) {
    private static final int DEFAULT_COLUMNS = 80;

    /** A colour's number in the terminal's own table. */
    public enum Colour {
        RED(31),
        GREEN(32),
        YELLOW(33),
        BOLD(1);

        private final int code;

        Colour(int code) {
            this.code = code;
        }
    }

    /** The process's own streams, in UTF-8 whatever the locale is. */
    public static Terminal ofProcess() {
        PrintStream out = ResultStream.to(new FileOutputStream(FileDescriptor.out));
        PrintStream err = new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
        return of(out, err, System.getProperty("veneer.terminal", ""), System.getenv());
    }

    public static Terminal of(PrintStream out, PrintStream err, String terminals, Map<String, String> environment) {
        boolean plain = !environment.getOrDefault("NO_COLOR", "").isEmpty() || "dumb".equals(environment.get("TERM"));
        boolean outTerminal = terminals.contains("out");
        boolean errTerminal = terminals.contains("err") && !"dumb".equals(environment.get("TERM"));
        return new Terminal(out, err, outTerminal && !plain, errTerminal, columns(environment.get("COLUMNS")));
    }

    private static int columns(@org.jspecify.annotations.Nullable String text) {
        if (text == null || !text.matches("[0-9]{1,4}")) {
            return DEFAULT_COLUMNS;
        }
        return Math.max(40, Integer.parseInt(text));
    }

    /** The same, with results going where messages go: for words beside a result that a program reads. */
    Terminal aside() {
        return new Terminal(err, err, false, errTerminal, columns);
    }

    /** The text in a colour where results may be coloured, else as it is. */
    public String paint(Colour colour, String text) {
        return outColours ? "\u001b[" + colour.code + "m" + text + "\u001b[0m" : text;
    }

    /**
     * Text that came from elsewhere (file names of a sliver's owner, messages of programs), with everything that a
     * terminal would act on written as an escape: control characters, and the marks that turn the writing direction.
     */
    public static String printable(String text) {
        StringBuilder safe = null;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean acts = Character.isISOControl(c) || (Character.getType(c) == Character.FORMAT);
            if (acts && safe == null) {
                safe = new StringBuilder(text.length() + 16).append(text, 0, i);
            }
            if (safe != null) {
                if (acts) {
                    safe.append(String.format(c < 0x100 ? "\\x%02x" : "\\u%04x", (int) c));
                } else {
                    safe.append(c);
                }
            }
        }
        return safe == null ? text : safe.toString();
    }

    /** The same of a name's bytes; those that are not UTF-8 are escapes too, so that two names never look alike. */
    static String printable(byte[] name) {
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        ByteBuffer bytes = ByteBuffer.wrap(name);
        CharBuffer part = CharBuffer.allocate(name.length);
        StringBuilder text = new StringBuilder(name.length);
        while (bytes.hasRemaining()) {
            CoderResult result = decoder.decode(bytes, part, true);
            text.append(printable(part.flip().toString()));
            part.clear();
            for (int i = 0; result.isError() && i < result.length(); i++) {
                text.append(String.format("\\x%02x", bytes.get() & 0xff));
            }
            decoder.reset();
        }
        return text.toString();
    }
}
