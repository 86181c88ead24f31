package dev.veneer.node.tree;

import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.linux.Statx;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One path of a stored tree as a program in the sliver sees it, and what the overlay itself noted there. In a plain tree
 * nothing is noted and everything is seen as it is.
 *
 * @param identity as seen; of a regular file without its content's digest
 * @param opaque a directory that hides the base's of the same name
 * @param borrows content or names come from another place of the layers below (metacopy, redirect, index), or the entry is
 *     a whiteout in a form that only lower layers have: what is seen cannot be told from this layer alone
 * @param copied noted to have been made of a file or directory of the base ({@code origin})
 */
public record LayerEntry(Identity identity, boolean opaque, boolean borrows, boolean copied) {
    private static final String PRIVATE = "trusted.overlay.";
    private static final String ESCAPED = "trusted.overlay.overlay.";
    private static final Bytes OPAQUE = Bytes.utf8("trusted.overlay.opaque");
    private static final Bytes ORIGIN = Bytes.utf8("trusted.overlay.origin");
    private static final Bytes PROTECTED = Bytes.utf8("trusted.overlay.protattr");
    private static final List<Bytes> BORROWING = List.of(
            Bytes.utf8("trusted.overlay.redirect"),
            Bytes.utf8("trusted.overlay.metacopy"),
            // of index=on, where further names show this file though they are not here
            Bytes.utf8("trusted.overlay.nlink"),
            Bytes.utf8("trusted.overlay.whiteout"));

    /** Whether an entry of an upper directory only says that the base's is deleted. */
    public static boolean isWhiteout(Statx stat) {
        return stat.type() == Abi.S_IFCHR && stat.rdevMajor == 0 && stat.rdevMinor == 0;
    }

    /**
     * Reads a path's metadata without opening it.
     *
     * @param upper whether the tree is an overlay's upper directory
     * @param parent descriptor of the directory that holds it
     * @param name its name there; empty for that directory itself
     * @param stat what the kernel says of it
     */
    public static LayerEntry read(LinuxCalls calls, boolean upper, int parent, byte[] name, Statx stat)
            throws LinuxException {
        byte[] path = PathBytes.below(parent, name.length == 0 ? new byte[] {'.'} : name);
        List<Xattr> xattrs = new ArrayList<>();
        int flags = IdentityReader.flags(stat);
        boolean opaque = false;
        boolean borrows = false;
        boolean copied = false;
        for (Bytes stored : names(calls, path)) {
            if (upper && stored.startsWith(PRIVATE) && !stored.startsWith(ESCAPED)) {
                if (stored.equals(OPAQUE)) {
                    byte[] value = value(calls, path, stored);
                    opaque = value.length == 1 && value[0] == 'y';
                } else if (stored.equals(PROTECTED)) {
                    flags |= flags(value(calls, path, stored));
                } else if (stored.equals(ORIGIN)) {
                    copied = true;
                } else {
                    borrows |= BORROWING.contains(stored);
                }
                continue;
            }
            Bytes seen = upper && stored.startsWith(ESCAPED) ? unescaped(stored) : stored;
            if (XattrPolicy.isOwners(seen)) {
                xattrs.add(new Xattr(seen, Bytes.wrap(value(calls, path, stored))));
            }
        }
        Collections.sort(xattrs);
        FileType type = FileType.ofMode(stat.mode);
        Identity identity = new Identity(
                type,
                stat.mode & 07777,
                stat.uid,
                stat.gid,
                stat.mtimeSec,
                stat.mtimeNsec,
                flags,
                xattrs,
                type == FileType.REGULAR ? stat.size : 0,
                Bytes.EMPTY,
                type == FileType.SYMLINK ? Bytes.wrap(calls.readlinkat(parent, name)) : Bytes.EMPTY,
                type.isDevice() ? stat.rdevMajor : 0,
                type.isDevice() ? stat.rdevMinor : 0);
        return new LayerEntry(identity, opaque, borrows, copied);
    }

    /** The same beside programs; null when they took it away since it was seen. */
    public static @Nullable LayerEntry ifThere(LinuxCalls calls, boolean upper, int parent, byte[] name, Statx stat)
            throws LinuxException {
        try {
            return read(calls, upper, parent, name, stat);
        } catch (LinuxException e) {
            if (TreeWalker.isAbsence(e) || e.is(Errno.EINVAL)) {
                return null; // EINVAL: no longer a symbolic link
            }
            throw e;
        }
    }

    private static int flags(byte[] letters) {
        int flags = 0;
        for (byte letter : letters) {
            flags |= letter == 'i' ? Identity.IMMUTABLE : letter == 'a' ? Identity.APPEND_ONLY : 0;
        }
        return flags;
    }

    private static Bytes unescaped(Bytes stored) {
        // Latin-1 keeps every byte; attributes' names need not be UTF-8.
        String name = new String(stored.array(), StandardCharsets.ISO_8859_1);
        return Bytes.wrap((PRIVATE + name.substring(ESCAPED.length())).getBytes(StandardCharsets.ISO_8859_1));
    }

    private static List<Bytes> names(LinuxCalls calls, byte[] path) throws LinuxException {
        try {
            return XattrPolicy.names(calls.llistxattr(path));
        } catch (LinuxException e) {
            if (e.is(Errno.EOPNOTSUPP)) {
                return List.of();
            }
            throw e;
        }
    }

    private static byte[] value(LinuxCalls calls, byte[] path, Bytes name) throws LinuxException {
        try {
            return calls.lgetxattr(path, name.array());
        } catch (LinuxException e) {
            if (e.is(Errno.ENODATA)) {
                return PathBytes.EMPTY; // removed meanwhile by whoever writes there
            }
            throw e;
        }
    }
}
