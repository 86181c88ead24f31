package dev.veneer.node.tree;

import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.linux.Statx;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Extended attributes and inode flags as a program in the sliver sees them, read from the tree that is stored. In an
 * overlay's upper directory these differ: the kernel's own attributes are hidden, those that it escaped are given back,
 * and immutable and append-only are kept in an attribute.
 */
final class LayerAttributes {
    private static final String PRIVATE = "trusted.overlay.";
    private static final String ESCAPED = "trusted.overlay.overlay.";
    private static final byte[] OPAQUE = PathBytes.of("trusted.overlay.opaque");
    private static final byte[] PROTECTED = PathBytes.of("trusted.overlay.protattr");
    private static final long FLAGS = Abi.STATX_ATTR_IMMUTABLE | Abi.STATX_ATTR_APPEND;

    private final LinuxCalls calls;
    private final boolean upper;

    /** @param upper whether the tree is an overlay's upper directory */
    LayerAttributes(LinuxCalls calls, boolean upper) {
        this.calls = calls;
        this.upper = upper;
    }

    /** Whether this entry only says that the base's is deleted. */
    boolean isWhiteout(Statx stat) {
        return upper && stat.type() == Abi.S_IFCHR && stat.rdevMajor == 0 && stat.rdevMinor == 0;
    }

    /** Whether a directory hides the base's of the same name instead of merging with it. */
    boolean isOpaque(int parent, byte[] name) throws LinuxException {
        byte[] value = upper ? get(PathBytes.below(parent, name), OPAQUE) : PathBytes.EMPTY;
        return value.length == 1 && value[0] == 'y';
    }

    /** Immutable and append-only, as bits of {@link Statx#attributes}. */
    long flags(int parent, byte[] name, Statx stat) throws LinuxException {
        long flags = stat.attributes & FLAGS;
        if (upper && (stat.isRegular() || stat.isDirectory())) {
            for (byte letter : get(PathBytes.below(parent, name), PROTECTED)) {
                flags |= letter == 'i' ? Abi.STATX_ATTR_IMMUTABLE : letter == 'a' ? Abi.STATX_ATTR_APPEND : 0;
            }
        }
        return flags;
    }

    /** Those that belong to the view's identity, by name. */
    Map<Bytes, Bytes> xattrs(int parent, byte[] name) throws LinuxException {
        byte[] path = PathBytes.below(parent, name);
        Map<Bytes, Bytes> found = new TreeMap<>();
        for (Bytes stored : names(path)) {
            Bytes seen = stored;
            if (upper && stored.startsWith(PRIVATE)) {
                if (!stored.startsWith(ESCAPED)) {
                    continue;
                }
                seen = Bytes.utf8(
                        PRIVATE + new String(stored.array(), StandardCharsets.UTF_8).substring(ESCAPED.length()));
            }
            if (XattrPolicy.isOwners(seen)) {
                found.put(seen, Bytes.wrap(get(path, stored.array())));
            }
        }
        return found;
    }

    private List<Bytes> names(byte[] path) throws LinuxException {
        try {
            return XattrPolicy.names(calls.llistxattr(path));
        } catch (LinuxException e) {
            if (e.is(Errno.EOPNOTSUPP, Errno.ENOENT)) {
                return List.of();
            }
            throw e;
        }
    }

    private byte[] get(byte[] path, byte[] name) throws LinuxException {
        try {
            return calls.lgetxattr(path, name);
        } catch (LinuxException e) {
            if (e.is(Errno.ENODATA, Errno.EOPNOTSUPP, Errno.ENOENT)) {
                return PathBytes.EMPTY;
            }
            throw e;
        }
    }
}
