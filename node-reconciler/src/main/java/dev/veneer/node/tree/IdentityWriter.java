package dev.veneer.node.tree;

import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;

/**
 * Gives a path of a tree of ours the owner, mode, attributes and time of an identity. In this order, since changing the
 * owner clears setuid bits and capabilities, an access control list changes the mode, and everything changes the time.
 * Attributes that it has and should not have (inherited from its directory, say) are removed.
 *
 * <p>Inode flags are not set in a plain tree: an immutable file cannot be linked, so they come when all is there. In an
 * overlay's upper directory they are an attribute, as are those that the kernel would take for its own.
 */
public final class IdentityWriter {
    private static final String PRIVATE = "trusted.overlay.";
    private static final String ESCAPED = "trusted.overlay.overlay.";
    private static final byte[] PROTECTED = PathBytes.of("trusted.overlay.protattr");

    private final LinuxCalls calls;
    private final boolean upper;

    /** @param upper whether the tree is an overlay's upper directory */
    public IdentityWriter(LinuxCalls calls, boolean upper) {
        this.calls = calls;
        this.upper = upper;
    }

    /** For directories and regular files, by descriptor. */
    public void write(int fd, Identity identity) throws LinuxException {
        calls.fchownat(fd, PathBytes.EMPTY, identity.uid(), identity.gid(), Abi.AT_EMPTY_PATH);
        calls.fchmod(fd, identity.permissions());
        Set<Bytes> stale = new HashSet<>(XattrPolicy.names(list(fd)));
        // What the overlay itself noted there stays.
        stale.removeIf(name -> !XattrPolicy.isOwners(name) || name.startsWith(PRIVATE));
        for (Xattr xattr : identity.xattrs()) {
            Bytes stored = stored(xattr.name());
            stale.remove(stored);
            calls.fsetxattr(fd, stored.array(), xattr.value().array(), 0);
        }
        for (Bytes name : stale) {
            calls.fremovexattr(fd, name.array());
        }
        if (upper && identity.flags() != 0) {
            calls.fsetxattr(fd, PROTECTED, letters(identity.flags()), 0);
        }
        calls.utimensat(
                fd, PathBytes.EMPTY, 0, Abi.UTIME_OMIT, identity.mtimeSec(), identity.mtimeNsec(), Abi.AT_EMPTY_PATH);
    }

    /** For links and special files, by name; links are not followed. */
    public void write(int directory, byte[] name, Identity identity) throws LinuxException {
        calls.fchownat(directory, name, identity.uid(), identity.gid(), Abi.AT_SYMLINK_NOFOLLOW);
        if (identity.type() != FileType.SYMLINK) {
            calls.fchmodat(directory, name, identity.permissions());
        }
        for (Xattr xattr : identity.xattrs()) {
            calls.lsetxattr(
                    PathBytes.below(directory, name),
                    stored(xattr.name()).array(),
                    xattr.value().array(),
                    0);
        }
        if (upper && identity.flags() != 0) {
            calls.lsetxattr(PathBytes.below(directory, name), PROTECTED, letters(identity.flags()), 0);
        }
        calls.utimensat(
                directory, name, 0, Abi.UTIME_OMIT, identity.mtimeSec(), identity.mtimeNsec(), Abi.AT_SYMLINK_NOFOLLOW);
    }

    private Bytes stored(Bytes seen) {
        if (!upper || !seen.startsWith(PRIVATE)) {
            return seen;
        }
        String name = new String(seen.array(), StandardCharsets.ISO_8859_1);
        return Bytes.wrap((ESCAPED + name.substring(PRIVATE.length())).getBytes(StandardCharsets.ISO_8859_1));
    }

    private static byte[] letters(int flags) {
        String text = ((flags & Identity.APPEND_ONLY) != 0 ? "a" : "") + ((flags & Identity.IMMUTABLE) != 0 ? "i" : "");
        return PathBytes.of(text);
    }

    private byte[] list(int fd) throws LinuxException {
        try {
            return calls.flistxattr(fd);
        } catch (LinuxException e) {
            if (e.is(Errno.EOPNOTSUPP)) {
                return PathBytes.EMPTY;
            }
            throw e;
        }
    }
}
