package dev.veneer.node.tree;

import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.linux.Statx;

/**
 * Gives one file the owner, mode, extended attributes and modification time of another. In this order, since changing
 * the owner clears setuid bits and capabilities, and everything changes the time. Which attributes: {@link XattrPolicy#isOwners}.
 * The target is ours: nobody else changes it meanwhile.
 */
final class MetadataCopy {
    private final LinuxCalls calls;

    MetadataCopy(LinuxCalls calls) {
        this.calls = calls;
    }

    /** By descriptors; for directories and regular files. */
    void copy(int from, Statx of, int to) throws LinuxException {
        calls.fchownat(to, PathBytes.EMPTY, of.uid, of.gid, Abi.AT_EMPTY_PATH);
        calls.fchmod(to, of.mode & 07777);
        for (Bytes name : XattrPolicy.names(list(PathBytes.ofDescriptor(from), from))) {
            if (XattrPolicy.isOwners(name)) {
                calls.fsetxattr(to, name.array(), calls.fgetxattr(from, name.array()), 0);
            }
        }
        calls.utimensat(to, PathBytes.EMPTY, 0, Abi.UTIME_OMIT, of.mtimeSec, of.mtimeNsec, Abi.AT_EMPTY_PATH);
    }

    /** By names in directories; for links and special files, which have no descriptors. Links are not followed. */
    void copy(int fromDir, byte[] from, Statx of, int toDir, byte[] to) throws LinuxException {
        calls.fchownat(toDir, to, of.uid, of.gid, Abi.AT_SYMLINK_NOFOLLOW);
        if (!of.isSymlink()) {
            calls.fchmodat(toDir, to, of.mode & 07777);
        }
        byte[] source = PathBytes.below(fromDir, from);
        for (Bytes name : XattrPolicy.names(list(source, -1))) {
            if (XattrPolicy.isOwners(name)) {
                calls.lsetxattr(PathBytes.below(toDir, to), name.array(), calls.lgetxattr(source, name.array()), 0);
            }
        }
        calls.utimensat(toDir, to, 0, Abi.UTIME_OMIT, of.mtimeSec, of.mtimeNsec, Abi.AT_SYMLINK_NOFOLLOW);
    }

    private byte[] list(byte[] path, int fd) throws LinuxException {
        try {
            return fd >= 0 ? calls.flistxattr(fd) : calls.llistxattr(path);
        } catch (LinuxException e) {
            if (e.is(Errno.EOPNOTSUPP)) {
                return PathBytes.EMPTY;
            }
            throw e;
        }
    }
}
