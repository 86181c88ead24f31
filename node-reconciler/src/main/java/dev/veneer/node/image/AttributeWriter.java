package dev.veneer.node.image;

import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.linux.Statx;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.FileType;
import dev.veneer.node.tree.Xattr;
import dev.veneer.node.tree.XattrPolicy;
import java.util.List;

/**
 * Gives files their owner, mode, attributes and times, with as few calls as do it. The order matters: a change of owner
 * clears set-id bits and capabilities.
 */
final class AttributeWriter {
    private static final int SET_ID = 06000;

    private final LinuxCalls calls;

    AttributeWriter(LinuxCalls calls) {
        this.calls = calls;
    }

    /**
     * To an open file or directory.
     *
     * @param stat gets what the kernel said of it before
     * @return the default access control list, which is not set yet; empty for none
     */
    Bytes apply(int fd, Metadata metadata, boolean isDirectory, Statx stat) throws LinuxException {
        calls.statx(fd, PathBytes.EMPTY, Abi.AT_EMPTY_PATH, Abi.STATX_BASIC_STATS, stat);
        boolean moved = stat.uid != metadata.uid() || stat.gid != metadata.gid();
        if (moved) {
            calls.fchownat(fd, PathBytes.EMPTY, metadata.uid(), metadata.gid(), Abi.AT_EMPTY_PATH);
        }
        boolean cleared = moved && (stat.mode & SET_ID) != 0;
        if (cleared || (stat.mode & 07777) != metadata.permissions()) {
            calls.fchmod(fd, metadata.permissions());
        }
        Bytes defaultAcl = Bytes.EMPTY;
        for (Xattr xattr : metadata.xattrs()) {
            if (xattr.name().equals(XattrPolicy.ACL_DEFAULT)) {
                defaultAcl = xattr.value();
            } else {
                calls.fsetxattr(fd, xattr.name().array(), xattr.value().array(), 0);
            }
        }
        if (!isDirectory) {
            calls.utimensat(
                    fd,
                    PathBytes.EMPTY,
                    metadata.mtimeSec(),
                    metadata.mtimeNsec(),
                    metadata.mtimeSec(),
                    metadata.mtimeNsec(),
                    Abi.AT_EMPTY_PATH);
        }
        return defaultAcl;
    }

    /** To what cannot be opened: a link, a FIFO, a socket, a device node. */
    void applyAt(int parent, byte[] name, Metadata metadata, FileType type) throws LinuxException {
        calls.fchownat(parent, name, metadata.uid(), metadata.gid(), Abi.AT_SYMLINK_NOFOLLOW);
        if (type != FileType.SYMLINK) {
            calls.fchmodat(parent, name, metadata.permissions());
        }
        for (Xattr xattr : metadata.xattrs()) {
            calls.lsetxattr(
                    PathBytes.below(parent, name),
                    xattr.name().array(),
                    xattr.value().array(),
                    0);
        }
        calls.utimensat(
                parent,
                name,
                metadata.mtimeSec(),
                metadata.mtimeNsec(),
                metadata.mtimeSec(),
                metadata.mtimeNsec(),
                Abi.AT_SYMLINK_NOFOLLOW);
    }

    /** Removes the attributes of a directory that is described anew, but for those that it will get. */
    void removeOthers(int fd, List<Xattr> kept) throws LinuxException {
        byte[] list;
        try {
            list = calls.flistxattr(fd);
        } catch (LinuxException e) {
            if (e.is(Errno.EOPNOTSUPP)) {
                return;
            }
            throw e;
        }
        for (Bytes name : XattrPolicy.names(list)) {
            boolean ours = XattrPolicy.judge(name) == XattrPolicy.Verdict.KEEP;
            if (ours && kept.stream().noneMatch(xattr -> xattr.name().equals(name))) {
                calls.fremovexattr(fd, name.array());
            }
        }
    }

    /** Removes what a new directory inherited from where it was made. */
    void clear(int fd) throws LinuxException {
        removeOthers(fd, List.of());
    }
}
