package dev.veneer.node.tree;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Paths in a tree: components joined by single slashes, without a leading one; the root is the empty path. Bytes, not
 * text.
 */
public final class TreePath {
    private TreePath() {}

    /**
     * The order of a manifest: component by component, each byte-wise, a directory before what is in it. It is the
     * order of the bytes with a slash sorting before everything else.
     */
    public static int compare(byte[] a, byte[] b) {
        int at = Arrays.mismatch(a, b);
        if (at < 0) {
            return 0;
        }
        if (at == a.length) {
            return -1;
        }
        if (at == b.length) {
            return 1;
        }
        return Integer.compare(rank(a[at]), rank(b[at]));
    }

    private static int rank(byte b) {
        return b == '/' ? -1 : b & 0xff;
    }

    /** A directory's path and a name in it, joined. */
    public static byte[] join(byte[] directory, byte[] name) {
        if (directory.length == 0) {
            return name;
        }
        byte[] joined = Arrays.copyOf(directory, directory.length + 1 + name.length);
        joined[directory.length] = '/';
        System.arraycopy(name, 0, joined, directory.length + 1, name.length);
        return joined;
    }

    /** Where the last component begins. */
    public static int nameStart(byte[] path) {
        for (int i = path.length - 1; i >= 0; i--) {
            if (path[i] == '/') {
                return i + 1;
            }
        }
        return 0;
    }

    /** The last component; empty for the root. */
    public static byte[] name(byte[] path) {
        int start = nameStart(path);
        return start == 0 ? path : Arrays.copyOfRange(path, start, path.length);
    }

    /** The path of the directory that holds it; the root's own is empty too. */
    public static byte[] parent(byte[] path) {
        return Arrays.copyOf(path, Math.max(0, nameStart(path) - 1));
    }

    /** How many components it has; 0 for the root. */
    public static int depth(byte[] path) {
        int depth = path.length == 0 ? 0 : 1;
        for (byte b : path) {
            if (b == '/') {
                depth++;
            }
        }
        return depth;
    }

    /** The components that lead from a directory to one below it, or to itself. */
    public static List<byte[]> namesBetween(byte[] from, byte[] to) {
        List<byte[]> names = new ArrayList<>();
        int begin = from.length == 0 ? 0 : from.length + 1;
        for (int i = begin; i <= to.length && begin < to.length; i++) {
            if (i == to.length || to[i] == '/') {
                names.add(Arrays.copyOfRange(to, begin, i));
                begin = i + 1;
            }
        }
        return names;
    }

    /** Whether a path lies below a directory. */
    public static boolean isBelow(byte[] path, byte[] directory) {
        return directory.length == 0
                ? path.length > 0
                : path.length > directory.length
                        && path[directory.length] == '/'
                        && Arrays.equals(path, 0, directory.length, directory, 0, directory.length);
    }

    /** Whether a path is a directory or lies below it. */
    public static boolean isAtOrBelow(byte[] path, byte[] directory) {
        return Arrays.equals(path, directory) || isBelow(path, directory);
    }

    /** For people: escaped, with a leading slash. */
    public static String show(byte[] path) {
        return "/" + Bytes.show(path);
    }
}
