package dev.veneer.node.tree;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A pattern of paths in a tree, in the form that {@code .gitignore} made known (gitignore(5)); bytes are compared, not
 * characters.
 *
 * <ul>
 *   <li>{@code *} stands for any bytes but a slash, {@code ?} for one, {@code [a-z]} and {@code [!a-z]} for one of a set;
 *   a backslash takes the next byte as it is.
 *   <li>Without a slash in front or in the middle, it is matched against the last component, at any depth; otherwise
 *   against the whole path, from the root.
 *   <li>Two stars as a component stand for any number of directories: <code>&#42;&#42;/name</code>, <code>etc/&#42;&#42;</code>,
 *   <code>a/&#42;&#42;/b</code>.
 *   <li>What it matches, it matches with all that is below.
 *   <li>A slash at the end changes nothing else: {@code etc/} is {@code etc} and all that is in it.
 * </ul>
 */
public final class PathPattern {
    private static final byte[] ANY = {'*', '*'};

    private final String text;
    private final List<byte[]> components;

    private PathPattern(String text, List<byte[]> components) {
        this.text = text;
        this.components = components;
    }

    /**
     * Reads a pattern.
     *
     * @throws IllegalArgumentException with what is wrong with it
     */
    public static PathPattern parse(String text) {
        String trimmed = text;
        while (trimmed.endsWith("/")) {
            trimmed = trimmed.substring(0, trimmed.length() - 1);
        }
        boolean anchored = trimmed.contains("/");
        if (trimmed.startsWith("/")) {
            trimmed = trimmed.substring(1);
        }
        if (trimmed.isEmpty()) {
            throw new IllegalArgumentException("a pattern names something below the root, such as /etc/hosts or *.log");
        }
        List<byte[]> components = new ArrayList<>();
        if (!anchored) {
            components.add(ANY);
        }
        for (String component : trimmed.split("/", -1)) {
            if (component.isEmpty() || component.equals(".") || component.equals("..")) {
                throw new IllegalArgumentException(
                        "\"" + text + "\" has an empty component, . or .. in it: paths in a tree have none");
            }
            byte[] bytes = component.getBytes(StandardCharsets.UTF_8);
            check(text, bytes);
            components.add(bytes);
        }
        return new PathPattern(text, components);
    }

    private static void check(String text, byte[] component) {
        for (int i = 0; i < component.length; i++) {
            if (component[i] == '\\') {
                if (++i == component.length) {
                    throw new IllegalArgumentException("\"" + text + "\" has a backslash with nothing behind it");
                }
            } else if (component[i] == '[') {
                i = setEnd(component, i);
                if (i < 0) {
                    throw new IllegalArgumentException("\"" + text + "\" has a [ without its ]");
                }
            }
        }
    }

    /** Where a set that begins at an index ends; -1 when it does not. */
    private static int setEnd(byte[] component, int begin) {
        int at = begin + 1;
        if (at < component.length && (component[at] == '!' || component[at] == '^')) {
            at++;
        }
        // A ] that comes first is one of the set.
        for (at++; at < component.length; at++) {
            if (component[at] == ']') {
                return at;
            }
        }
        return -1;
    }

    /** Whether it matches a path or a directory above it. The root, the empty path, is matched by none. */
    public boolean matches(byte[] path) {
        return path.length > 0 && isMatch(path);
    }

    /**
     * From a component of the pattern and the beginning of a component of the path. Goes back to the last {@code **} only:
     * what an earlier one could match more, that one can too. So the time is bounded by the product of both lengths.
     */
    private boolean isMatch(byte[] path) {
        int component = 0;
        int at = 0;
        int back = -1;
        int from = 0;
        while (component < components.size()) {
            byte[] wanted = components.get(component);
            if (Arrays.equals(wanted, ANY)) {
                if (component == components.size() - 1) {
                    // Behind a directory: all that is in it, not the directory itself, which has nothing left here.
                    return at <= path.length;
                }
                back = component + 1;
                from = at;
                component = back;
                continue;
            }
            int end = at <= path.length ? end(path, at) : -1;
            if (end >= 0 && matchesName(wanted, path, at, end)) {
                component++;
                at = end + 1;
            } else if (back >= 0 && from <= path.length && end(path, from) < path.length) {
                from = end(path, from) + 1;
                at = from;
                component = back;
            } else {
                return false;
            }
        }
        return true; // whatever is left is below what was matched
    }

    /** Where the component that begins at an index ends. */
    private static int end(byte[] path, int begin) {
        int end = begin;
        while (end < path.length && path[end] != '/') {
            end++;
        }
        return end;
    }

    /** The same of one name, with single stars. */
    private static boolean matchesName(byte[] wanted, byte[] path, int begin, int end) {
        int at = begin;
        int i = 0;
        int back = -1;
        int from = begin;
        while (at < end || i < wanted.length) {
            if (i < wanted.length && wanted[i] == '*') {
                back = ++i;
                from = at;
                continue;
            }
            int next = at < end && i < wanted.length ? matchesOne(wanted, i, path[at]) : -1;
            if (next >= 0) {
                i = next;
                at++;
            } else if (back >= 0 && from < end) {
                at = ++from;
                i = back;
            } else {
                return false;
            }
        }
        return true;
    }

    /** Where the pattern goes on when what it has at an index matches a byte; -1 when it does not. */
    private static int matchesOne(byte[] wanted, int i, byte value) {
        return switch (wanted[i]) {
            case '?' -> i + 1;
            case '[' -> {
                int close = setEnd(wanted, i);
                yield inSet(wanted, i + 1, close, value) ? close + 1 : -1;
            }
            case '\\' -> wanted[i + 1] == value ? i + 2 : -1;
            default -> wanted[i] == value ? i + 1 : -1;
        };
    }

    private static boolean inSet(byte[] wanted, int from, int close, byte value) {
        boolean not = wanted[from] == '!' || wanted[from] == '^';
        boolean found = false;
        for (int i = not ? from + 1 : from; i < close; i++) {
            int low = wanted[i] & 0xff;
            int high = low;
            if (i + 2 < close && wanted[i + 1] == '-') {
                high = wanted[i + 2] & 0xff;
                i += 2;
            }
            found |= low <= (value & 0xff) && (value & 0xff) <= high;
        }
        return found != not;
    }

    /** As it was written. */
    @Override
    public String toString() {
        return text;
    }
}
