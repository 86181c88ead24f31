package dev.veneer.node.tree;

import dev.veneer.api.Reason;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.Statx;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Reads the identity of a path that a {@link TreeWalker} visits. Extended attributes are read through the directory's
 * descriptor, so that nothing is opened: opening a FIFO blocks, opening a device acts.
 */
public final class IdentityReader {
    private static final int ATTEMPTS = 5;

    private final LinuxCalls calls;
    private final SortedMap<String, Long> dropped = new TreeMap<>();

    public IdentityReader(LinuxCalls calls) {
        this.calls = calls;
    }

    /** How many extended attributes were left out, by their family such as {@code security.selinux}. */
    public SortedMap<String, Long> dropped() {
        return Collections.unmodifiableSortedMap(dropped);
    }

    /**
     * The identity of a path.
     *
     * @param content SHA-256 of its content when it is a regular file; else empty
     * @throws NodeException {@code ContentRefused} for an attribute that is an overlay's own
     */
    public Identity read(TreeWalker.Entry entry, Bytes content) throws LinuxException, NodeException {
        Statx stat = entry.stat();
        FileType type = FileType.ofMode(stat.mode);
        return new Identity(
                type,
                stat.mode & 07777,
                stat.uid,
                stat.gid,
                stat.mtimeSec,
                stat.mtimeNsec,
                flags(stat),
                xattrs(entry),
                type == FileType.REGULAR ? stat.size : 0,
                content,
                type == FileType.SYMLINK ? Bytes.wrap(calls.readlinkat(entry.parent(), entry.name())) : Bytes.EMPTY,
                type.isDevice() ? stat.rdevMajor : 0,
                type.isDevice() ? stat.rdevMinor : 0);
    }

    /** The inode flags that belong to the identity. */
    public static int flags(Statx stat) {
        return ((stat.attributes & Abi.STATX_ATTR_IMMUTABLE) != 0 ? Identity.IMMUTABLE : 0)
                | ((stat.attributes & Abi.STATX_ATTR_APPEND) != 0 ? Identity.APPEND_ONLY : 0);
    }

    /** The extended attributes that belong to the identity, sorted. */
    public List<Xattr> xattrs(TreeWalker.Entry entry) throws LinuxException, NodeException {
        byte[] path = procPath(entry);
        for (int attempt = 1; ; attempt++) {
            try {
                return xattrs(entry.path(), path);
            } catch (LinuxException e) {
                // Somebody changes the attributes while they are read: look again.
                if (!e.is(Errno.ENODATA, Errno.ERANGE) || attempt == ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    private List<Xattr> xattrs(byte[] shown, byte[] path) throws LinuxException, NodeException {
        byte[] list;
        try {
            list = calls.llistxattr(path);
        } catch (LinuxException e) {
            if (e.is(Errno.EOPNOTSUPP)) {
                return List.of();
            }
            throw e;
        }
        if (list.length == 0) {
            return List.of();
        }
        List<Xattr> found = new ArrayList<>();
        for (Bytes name : XattrPolicy.names(list)) {
            switch (XattrPolicy.judge(name)) {
                case KEEP -> found.add(new Xattr(name, Bytes.wrap(calls.lgetxattr(path, name.array()))));
                case DROP -> dropped.merge(XattrPolicy.family(name), 1L, Long::sum);
                case REFUSE ->
                    throw new NodeException(
                            Reason.ContentRefused,
                            Follow.STALLED,
                            TreePath.show(shown) + " has the attribute " + name
                                    + ", which an overlay file system would take for its own: remove it at the source");
            }
        }
        Collections.sort(found);
        return found;
    }

    private static byte[] procPath(TreeWalker.Entry entry) {
        byte[] base = ("/proc/self/fd/" + entry.parent() + "/").getBytes(StandardCharsets.US_ASCII);
        byte[] name = entry.depth() == 0 ? new byte[] {'.'} : entry.name();
        byte[] path = Arrays.copyOf(base, base.length + name.length);
        System.arraycopy(name, 0, path, base.length, name.length);
        return path;
    }
}
