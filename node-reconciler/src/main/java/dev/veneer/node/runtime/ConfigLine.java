package dev.veneer.node.runtime;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One line of LXC configuration, taken apart the way LXC does it. What LXC would read differently from how it looks to
 * a person (comments, quotes, keys that are prefixes, control characters) is refused rather than interpreted.
 *
 * @param key in full, as the manual page {@code lxc.container.conf} has it
 * @param value without surrounding blanks, never empty
 */
record ConfigLine(String key, String value) {
    private static final int LONGEST = 1024;
    private static final Pattern KEY = Pattern.compile("lxc(\\.[a-z0-9_]+(-[a-z0-9_]+)*)+");

    /** Either a line or what is wrong with it. */
    record Parsed(@Nullable ConfigLine line, String problem) {}

    static Parsed parse(String text) {
        if (text.length() > LONGEST) {
            return bad("is longer than " + LONGEST + " characters");
        }
        for (int i = 0; i < text.length(); i++) {
            if (!isPrintable(text.charAt(i))) {
                return bad("has a control character, a line break or a character outside ASCII at position " + (i + 1));
            }
        }
        int equals = text.indexOf('=');
        if (equals < 0) {
            return bad("is not of the form KEY = VALUE");
        }
        String key = text.substring(0, equals).strip();
        String value = text.substring(equals + 1).strip();
        if (!KEY.matcher(key).matches()) {
            return bad("does not start with a key such as lxc.tty.max");
        }
        if (value.isEmpty()) {
            return bad("has no value (an empty one would take back what Veneer sets)");
        }
        if (value.startsWith("\"") || value.startsWith("'")) {
            return bad("has a quoted value: write it without quotes");
        }
        return new Parsed(new ConfigLine(key, value), "");
    }

    /** Whether a character may stand in the configuration at all: one line, no surprises in logs and terminals. */
    static boolean isPrintable(char c) {
        return c >= ' ' && c <= '~';
    }

    private static Parsed bad(String problem) {
        return new Parsed(null, problem);
    }

    @Override
    public String toString() {
        return key + " = " + value;
    }
}
