package dev.veneer.node.tree.coupled.packages;

import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.coupled.record.MalformedState;
import dev.veneer.node.tree.coupled.record.Octets;

/** Paths as package databases list them, made paths of a tree. */
final class OwnedPath {
    private OwnedPath() {}

    /**
     * Without the leading slash; the root is empty.
     *
     * @param file that lists it, for messages
     * @throws MalformedState when it is not absolute or can lead out of the tree
     */
    static Bytes of(Bytes file, Bytes listed) throws MalformedState {
        if (!listed.startsWith("/")) {
            throw new MalformedState(file, "lists a path that is not absolute: " + listed);
        }
        Bytes path = Octets.tail(listed, 1);
        if (path.isEmpty() || path.equals(Octets.of("."))) {
            return Bytes.EMPTY;
        }
        if (!isPlain(path)) {
            throw new MalformedState(file, "lists a path that is none of a package: " + listed);
        }
        return path;
    }

    /** Whether it is components with a slash between them, none empty, a dot or two dots. */
    static boolean isPlain(Bytes path) {
        byte[] all = path.array();
        int start = 0;
        for (int i = 0; i <= all.length; i++) {
            if (i < all.length && all[i] == 0) {
                return false;
            }
            if (i == all.length || all[i] == '/') {
                int length = i - start;
                boolean dots = (length == 1 && all[start] == '.')
                        || (length == 2 && all[start] == '.' && all[start + 1] == '.');
                if (length == 0 || dots) {
                    return false;
                }
                start = i + 1;
            }
        }
        return true;
    }

    /** The first component. */
    static Bytes first(Bytes path) {
        int slash = Octets.indexOf(path, '/');
        return slash < 0 ? path : Octets.head(path, slash);
    }
}
