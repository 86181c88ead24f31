package dev.veneer.node.tree;

import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.linux.Statx;

/**
 * Opens single names in directories that somebody else controls. No link is followed, no mount is crossed, and a file
 * is opened for reading only once it is known to be a regular file: opening a FIFO would wait for ever, opening a
 * device would act on hardware.
 */
public final class SafeOpen {
    /** For one name below a directory: no links, no {@code ..}, no other mount. */
    public static final long RESOLVE_NAME =
            Abi.RESOLVE_BENEATH | Abi.RESOLVE_NO_SYMLINKS | Abi.RESOLVE_NO_MAGICLINKS | Abi.RESOLVE_NO_XDEV;

    private final LinuxCalls calls;
    private final Statx seen = new Statx();

    public SafeOpen(LinuxCalls calls) {
        this.calls = calls;
    }

    /** Opens one of our own directories by its absolute path; links in the way are followed, the last one is not. */
    public int ownDirectory(String path) throws LinuxException {
        return calls.openat2(Abi.AT_FDCWD, PathBytes.of(path), Abi.O_RDONLY | Abi.O_DIRECTORY | Abi.O_NOFOLLOW, 0, 0);
    }

    /**
     * Opens a subdirectory for reading.
     *
     * @throws LinuxException {@code EXDEV} for a mount point, {@code ELOOP} or {@code ENOTDIR} for what is no directory
     */
    public int directory(int dirfd, byte[] name) throws LinuxException {
        return calls.openat2(dirfd, name, Abi.O_RDONLY | Abi.O_DIRECTORY | Abi.O_NOFOLLOW, 0, RESOLVE_NAME);
    }

    /** Opens whatever has this name, a link itself too, without access to its content ({@code O_PATH}). */
    public int path(int dirfd, byte[] name) throws LinuxException {
        return calls.openat2(dirfd, name, Abi.O_PATH | Abi.O_NOFOLLOW, 0, RESOLVE_NAME);
    }

    /**
     * Opens a regular file for reading, without touching its access time.
     *
     * @param into receives what the opened file is
     * @throws LinuxException {@code ENXIO} when it is not a regular file
     */
    public int regular(int dirfd, byte[] name, Statx into) throws LinuxException {
        int handle = path(dirfd, name);
        try {
            calls.statx(handle, PathBytes.EMPTY, Abi.AT_EMPTY_PATH, Abi.STATX_BASIC_STATS, into);
            if (!into.isRegular()) {
                throw new LinuxException("openat2", Errno.ENXIO, PathBytes.show(name));
            }
            return reopen(handle, Abi.O_RDONLY | Abi.O_NOATIME);
        } finally {
            calls.close(handle);
        }
    }

    /** Opens for reading what is known to be a regular file and cannot be changed for something else: one of a base. */
    public int file(int dirfd, byte[] name) throws LinuxException {
        return calls.openat2(dirfd, name, Abi.O_RDONLY | Abi.O_NOFOLLOW | Abi.O_NONBLOCK, 0, RESOLVE_NAME);
    }

    /**
     * Opens a directory, regular file or FIFO so that its inode flags can be read and set. (A FIFO can be made immutable
     * by the system call, though no tool does; opened for reading without waiting, nothing happens to it.)
     *
     * @return a descriptor, or -1 when it is of another type and has no flags to reach
     */
    public int forFlags(int dirfd, byte[] name) throws LinuxException {
        int handle = path(dirfd, name);
        try {
            calls.statx(handle, PathBytes.EMPTY, Abi.AT_EMPTY_PATH, Abi.STATX_BASIC_STATS, seen);
            boolean harmless = seen.isRegular() || seen.isDirectory() || seen.type() == Abi.S_IFIFO;
            return harmless ? reopen(handle, Abi.O_RDONLY) : -1;
        } finally {
            calls.close(handle);
        }
    }

    /** Opens what an {@code O_PATH} descriptor stands for: the same inode, whatever its name means by now. */
    private int reopen(int handle, long flags) throws LinuxException {
        return calls.openat2(Abi.AT_FDCWD, PathBytes.ofDescriptor(handle), flags | Abi.O_NONBLOCK, 0, 0);
    }
}
