package dev.veneer.node.image;

import dev.veneer.node.failure.NodeException;
import java.util.Arrays;

/** Turns the name of an archive's entry into a path in the tree, or refuses it. */
final class EntryPath {
    private static final int MAX_NAME = 255;

    private EntryPath() {}

    /**
     * Leading slashes, {@code .} and empty components go; {@code ..} is refused, wherever it would lead.
     *
     * @param raw the name as the archive has it
     * @return components joined by single slashes; empty for the root
     */
    static byte[] normalise(byte[] raw, ImportLimits limits) throws NodeException {
        return normalise(raw, raw, limits);
    }

    /** The same for a hard link's target, which is named in messages by the link's own name. */
    static byte[] normalise(byte[] raw, byte[] shown, ImportLimits limits) throws NodeException {
        if (raw.length == 0) {
            throw Refusals.entry(shown, "has an empty name or target");
        }
        byte[] path = new byte[raw.length];
        int length = 0;
        int depth = 0;
        for (int start = 0; start < raw.length; ) {
            int end = start;
            while (end < raw.length && raw[end] != '/') {
                if (raw[end] == 0) {
                    throw Refusals.entry(shown, "has a NUL byte in its name or target");
                }
                end++;
            }
            int size = end - start;
            boolean dot = size == 1 && raw[start] == '.';
            if (size == 2 && raw[start] == '.' && raw[start + 1] == '.') {
                throw Refusals.entry(shown, "leads out of the tree by '..'");
            }
            if (size > MAX_NAME) {
                throw Refusals.entry(shown, "has a name of " + size + " bytes; 255 is the most");
            }
            if (size > 0 && !dot) {
                if (length > 0) {
                    path[length++] = '/';
                }
                System.arraycopy(raw, start, path, length, size);
                length += size;
                depth++;
            }
            start = end + 1;
        }
        if (length > limits.pathBytes()) {
            throw Refusals.entry(shown, "has a path of " + length + " bytes; the limit is " + limits.pathBytes());
        }
        if (depth > limits.depth()) {
            throw Refusals.entry(shown, "lies " + depth + " directories deep; the limit is " + limits.depth());
        }
        return length == path.length ? path : Arrays.copyOf(path, length);
    }
}
