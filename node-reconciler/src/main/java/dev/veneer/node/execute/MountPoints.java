package dev.veneer.node.execute;

import dev.veneer.api.Reason;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.DirectoryReader;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.Fd;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.store.StoreLayout;

/** Makes and removes the directories that rootfs are mounted on. What is not empty is somebody's and is not touched. */
final class MountPoints {
    /** A mapped root must be able to search every directory above its rootfs, and nobody needs to list them. */
    private static final int PASSABLE = 0711;

    private static final int MOUNT_POINT = 0755;

    private final LinuxCalls calls;
    private final String defaults;

    MountPoints(LinuxCalls calls, StoreLayout layout) {
        this.calls = calls;
        this.defaults = layout.absoluteRootfsDirectory() + "/";
    }

    /**
     * Makes the directory where it lacks; refuses one that holds something or is reached through a link.
     *
     * @param expected whether it is likely to be there, and looked at first
     */
    void prepare(String target, boolean expected) throws LinuxException, NodeException {
        if (!target.startsWith(defaults)) {
            make(target);
        } else if (expected && isEmptyDirectory(target)) {
            return;
        } else {
            try {
                calls.mkdirat(Abi.AT_FDCWD, PathBytes.of(target), MOUNT_POINT);
                return;
            } catch (LinuxException e) {
                if (e.is(Errno.ENOENT)) {
                    make(target);
                } else if (!e.is(Errno.EEXIST)) {
                    throw e;
                }
            }
        }
        requireEmpty(target);
    }

    /** False when it is not there; one that holds something is refused. */
    private boolean isEmptyDirectory(String target) throws LinuxException, NodeException {
        try {
            requireEmpty(target);
            return true;
        } catch (LinuxException e) {
            if (e.is(Errno.ENOENT)) {
                return false;
            }
            throw e;
        }
    }

    /** Makes what is missing of a path, step by step, since whoever owns a directory above may put a link anywhere. */
    private void make(String target) throws LinuxException, NodeException {
        Fd at = step(Abi.AT_FDCWD, "/");
        try {
            String[] names = target.substring(1).split("/", -1);
            for (int i = 0; i < names.length; i++) {
                Fd next = enter(at.number(), names[i], i == names.length - 1 ? MOUNT_POINT : PASSABLE);
                at.close();
                at = next;
            }
        } catch (LinuxException e) {
            if (e.is(Errno.ENOTDIR, Errno.ELOOP)) {
                throw foreign(target + " is not a directory, or is reached through a symbolic link");
            }
            throw e;
        } finally {
            at.close();
        }
    }

    private Fd enter(int parent, String name, int mode) throws LinuxException {
        try {
            return step(parent, name);
        } catch (LinuxException e) {
            if (!e.is(Errno.ENOENT)) {
                throw e;
            }
        }
        byte[] bytes = PathBytes.of(name);
        try {
            calls.mkdirat(parent, bytes, mode);
            // The process's umask must not decide who may pass it.
            calls.fchmodat(parent, bytes, mode);
        } catch (LinuxException e) {
            if (!e.is(Errno.EEXIST)) {
                throw e;
            }
        }
        return step(parent, name);
    }

    private Fd step(int parent, String name) throws LinuxException {
        long flags = Abi.O_PATH | Abi.O_DIRECTORY | Abi.O_NOFOLLOW;
        return new Fd(calls, calls.openat2(parent, PathBytes.of(name), flags, 0, Abi.RESOLVE_NO_SYMLINKS));
    }

    private void requireEmpty(String target) throws LinuxException, NodeException {
        int fd;
        try {
            fd = calls.openat2(
                    Abi.AT_FDCWD,
                    PathBytes.of(target),
                    Abi.O_RDONLY | Abi.O_DIRECTORY | Abi.O_NOFOLLOW,
                    0,
                    Abi.RESOLVE_NO_SYMLINKS);
        } catch (LinuxException e) {
            if (e.is(Errno.ENOTDIR, Errno.ELOOP)) {
                throw foreign(target + " is not a directory, or is reached through a symbolic link");
            }
            throw e;
        }
        try {
            if (!DirectoryReader.isEmpty(calls, fd)) {
                throw foreign(target + " is not empty");
            }
        } finally {
            calls.close(fd);
        }
    }

    private static NodeException foreign(String what) {
        return new NodeException(
                Reason.ForeignObject,
                Follow.WAIT,
                what + ": it is not Veneer's and is not touched. Move it away, or give the sliver another rootfs");
    }

    /** Removes a default mount point, and the directory of its namespace when that is empty then. */
    void remove(String target) throws NodeException {
        if (!target.startsWith(defaults)) {
            return;
        }
        try {
            removeEmpty(target);
            removeEmpty(target.substring(0, target.lastIndexOf('/')));
        } catch (LinuxException e) {
            throw Failures.of(e, "removing the mount point " + target);
        }
    }

    private void removeEmpty(String path) throws LinuxException {
        try {
            calls.unlinkat(Abi.AT_FDCWD, PathBytes.of(path), Abi.AT_REMOVEDIR);
        } catch (LinuxException e) {
            if (!e.is(Errno.ENOENT, Errno.ENOTEMPTY, Errno.EBUSY, Errno.ENOTDIR, Errno.EEXIST)) {
                throw e;
            }
        }
    }
}
