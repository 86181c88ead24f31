package dev.veneer.node.image;

import dev.veneer.node.tree.Xattr;
import java.util.List;

/**
 * What a file gets besides its content.
 *
 * @param permissions twelve bits
 * @param uid owner, an unsigned 32 bit number
 * @param gid group, an unsigned 32 bit number
 * @param mtimeSec modification time, seconds
 * @param mtimeNsec and nanoseconds
 * @param flags as in {@code Identity}
 * @param xattrs those that are kept
 */
record Metadata(int permissions, int uid, int gid, long mtimeSec, int mtimeNsec, int flags, List<Xattr> xattrs) {
    /** Of a directory that the source only implies. */
    static final Metadata IMPLIED = new Metadata(0755, 0, 0, 0, 0, 0, List.of());

    Metadata {
        xattrs = List.copyOf(xattrs);
    }
}
