package dev.veneer.node.tree;

import dev.veneer.api.Reason;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.Btrfs;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.InodeFlags;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.linux.Statx;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Removes a tree whatever its owner put there: any depth, any name, immutable and append-only files, read-only and
 * nested btrfs subvolumes. Follows no link and enters no mount: one that it meets stops it, with the path, since what
 * is mounted is not the tree's. May be killed at any point and started again.
 *
 * <p>The directory being emptied is read in batches rather than as a whole, and deep down in small ones, so that
 * neither a million names nor three thousand levels cost memory.
 */
public final class TreeRemover {
    /** How often a directory may turn out not to be empty after it was emptied: somebody else is filling it. */
    private static final int ATTEMPTS = 100;

    private final LinuxCalls calls;
    private final SafeOpen open;
    private final Btrfs btrfs;

    public TreeRemover(LinuxCalls calls) {
        this.calls = calls;
        this.open = new SafeOpen(calls);
        this.btrfs = new Btrfs(calls);
    }

    /** The subdirectories of one level that are still to be removed. */
    private static final class Level {
        final Deque<byte[]> directories = new ArrayDeque<>();
        int attempts;
    }

    /** Empties one of our own directories; the directory stays. Nothing happens when it does not exist. */
    public void empty(String directory) throws LinuxException, NodeException {
        int fd;
        try {
            fd = open.ownDirectory(directory);
        } catch (LinuxException e) {
            if (e.is(Errno.ENOENT)) {
                return;
            }
            throw e;
        }
        try {
            empty(fd, directory);
        } finally {
            calls.close(fd);
        }
    }

    /**
     * Removes one name with all that is below it. Nothing happens when it does not exist.
     *
     * @param shownAs path of the directory, for messages
     */
    public void remove(int directory, byte[] name, String shownAs) throws LinuxException, NodeException {
        Walk walk = new Walk(directory, shownAs);
        try {
            for (int attempts = 0; !walk.removeHere(name); attempts++) {
                if (attempts > ATTEMPTS) {
                    throw walk.filledMeanwhile(name);
                }
                if (walk.descend(name)) {
                    walk.run();
                }
            }
        } finally {
            walk.stack.close();
        }
    }

    /**
     * Empties an open directory; the directory itself stays.
     *
     * @param shownAs its path, for messages
     */
    public void empty(int directory, String shownAs) throws LinuxException, NodeException {
        Statx stat = new Statx();
        calls.statx(directory, PathBytes.EMPTY, Abi.AT_EMPTY_PATH, Abi.STATX_BASIC_STATS, stat);
        if (stat.isMountRoot()) {
            throw mounted(shownAs);
        }
        Walk walk = new Walk(directory, shownAs);
        try {
            for (int attempts = 0; walk.pass(directory); attempts++) {
                if (attempts > ATTEMPTS) {
                    throw walk.filledMeanwhile(PathBytes.EMPTY);
                }
            }
        } finally {
            walk.stack.close();
        }
    }

    private static NodeException mounted(String path) {
        return new NodeException(
                Reason.InUse,
                Follow.WAIT,
                "Something is mounted at " + path + ", so it is not removed; unmount it with: umount " + path);
    }

    /** One removal: the way down, and what is left to do on each level of it. */
    private final class Walk {
        final String shownAs;
        final DirectoryStack stack;
        final List<Level> levels = new ArrayList<>();
        final NameBatches reader = new NameBatches(calls);
        final Statx stat = new Statx();
        final boolean onBtrfs;

        Walk(int root, String shownAs) throws LinuxException {
            this.shownAs = shownAs;
            this.stack = new DirectoryStack(calls, root);
            this.onBtrfs = btrfs.isOn(root);
        }

        /** Removes what the root directory holds now; false when it held nothing. */
        boolean pass(int root) throws LinuxException, NodeException {
            calls.lseek(root, 0, Abi.SEEK_SET);
            boolean[] any = {false};
            List<byte[]> names = new ArrayList<>();
            while (reader.batch(root, 0, names::add)) {
                for (byte[] name : names) {
                    any[0] = true;
                    remove(name);
                }
                names.clear();
            }
            return any[0];
        }

        private void remove(byte[] name) throws LinuxException, NodeException {
            for (int attempts = 0; !removeHere(name); attempts++) {
                if (attempts > ATTEMPTS) {
                    throw filledMeanwhile(name);
                }
                if (descend(name)) {
                    run();
                }
            }
        }

        /** Empties the directory that was just entered, and all below, and leaves it. */
        void run() throws LinuxException, NodeException {
            while (!levels.isEmpty()) {
                Level level = levels.get(levels.size() - 1);
                byte[] directory = level.directories.peek();
                if (directory != null) {
                    if (removeHere(directory)) {
                        level.directories.remove();
                        level.attempts = 0;
                    } else if (++level.attempts > ATTEMPTS) {
                        throw filledMeanwhile(directory);
                    } else if (!descend(directory)) {
                        level.directories.remove();
                    }
                } else if (!readMore(level)) {
                    levels.remove(levels.size() - 1);
                    stack.pop();
                }
            }
        }

        /** Unlinks the files of the next batch and keeps its directories for later; false at the end. */
        private boolean readMore(Level level) throws LinuxException, NodeException {
            List<byte[]> names = new ArrayList<>();
            if (!reader.batch(stack.fd(), stack.depth(), names::add)) {
                return false;
            }
            for (byte[] name : names) {
                if (!unlink(name, 0)) {
                    level.directories.add(name);
                }
            }
            return true;
        }

        /** Enters a directory; false when it is none any more. */
        boolean descend(byte[] name) throws LinuxException, NodeException {
            try {
                stack.push(name);
            } catch (LinuxException e) {
                if (e.is(Errno.EXDEV)) {
                    throw mounted(show(name));
                }
                if (e.is(Errno.ENOENT, Errno.ENOTDIR, Errno.ELOOP)) {
                    return false;
                }
                throw e;
            }
            if (onBtrfs && isSubvolume(stack.fd()) && btrfs.isReadOnly(stack.fd())) {
                btrfs.setReadOnly(stack.fd(), false);
            }
            levels.add(new Level());
            return true;
        }

        private boolean isSubvolume(int fd) throws LinuxException {
            calls.statx(fd, PathBytes.EMPTY, Abi.AT_EMPTY_PATH, Abi.STATX_BASIC_STATS, stat);
            return stat.isDirectory() && stat.ino == Btrfs.SUBVOLUME_INODE;
        }

        /** Removes a name in the directory at the bottom; false when it is a directory that is not empty. */
        boolean removeHere(byte[] name) throws LinuxException, NodeException {
            return unlink(name, 0) || unlink(name, Abi.AT_REMOVEDIR) || removeSubvolume(name);
        }

        /** Unlinks; false when {@code flags} do not fit its type or the directory is not empty. */
        private boolean unlink(byte[] name, int flags) throws LinuxException, NodeException {
            try {
                calls.unlinkat(stack.fd(), name, flags);
                return true;
            } catch (LinuxException e) {
                if (e.is(Errno.ENOENT)) {
                    return true;
                }
                if (e.is(Errno.EISDIR, Errno.ENOTDIR, Errno.ENOTEMPTY, Errno.EEXIST)) {
                    return false;
                }
                if (e.is(Errno.EBUSY)) {
                    throw mounted(show(name));
                }
                if (!e.is(Errno.EPERM)) {
                    throw e;
                }
            }
            return unlinkProtected(name, flags);
        }

        /** Takes immutable and append-only from the name and its directory, and unlinks again. */
        private boolean unlinkProtected(byte[] name, int flags) throws LinuxException {
            int directoryFlags = InodeFlags.get(calls, stack.fd());
            if ((directoryFlags & InodeFlags.IDENTITY) != 0) {
                InodeFlags.set(calls, stack.fd(), directoryFlags & ~InodeFlags.IDENTITY);
            }
            int fd = open.forFlags(stack.fd(), name);
            try {
                int fileFlags = fd < 0 ? 0 : InodeFlags.get(calls, fd);
                boolean clear = (fileFlags & InodeFlags.IDENTITY) != 0;
                if (clear) {
                    InodeFlags.set(calls, fd, fileFlags & ~InodeFlags.IDENTITY);
                }
                try {
                    calls.unlinkat(stack.fd(), name, flags);
                } catch (LinuxException e) {
                    if (e.is(Errno.EISDIR, Errno.ENOTDIR, Errno.ENOTEMPTY, Errno.EEXIST)) {
                        return false;
                    }
                    throw new LinuxException("unlinkat", e.errno(), show(name));
                }
                if (clear && (flags & Abi.AT_REMOVEDIR) == 0) {
                    restoreForOtherNames(fd, fileFlags);
                }
                return true;
            } finally {
                if (fd >= 0) {
                    calls.close(fd);
                }
            }
        }

        /** A hard link may be another revision's, where the flags are part of the file's identity. */
        private void restoreForOtherNames(int fd, int flags) throws LinuxException {
            calls.statx(fd, PathBytes.EMPTY, Abi.AT_EMPTY_PATH, Abi.STATX_BASIC_STATS, stat);
            if (stat.nlink > 0) {
                InodeFlags.set(calls, fd, flags);
            }
        }

        /** Deletes a subvolume as a whole, those in it first; false when that is not possible or it is none. */
        private boolean removeSubvolume(byte[] name) throws LinuxException, NodeException {
            if (!onBtrfs) {
                return false;
            }
            int fd;
            try {
                fd = open.directory(stack.fd(), name);
            } catch (LinuxException e) {
                if (e.is(Errno.EXDEV, Errno.ENOENT, Errno.ENOTDIR, Errno.ELOOP)) {
                    return false;
                }
                throw e;
            }
            try {
                if (!isSubvolume(fd)) {
                    return false;
                }
                List<Long> below = btrfs.below(fd, btrfs.subvolume(fd).number());
                for (int i = below.size() - 1; i >= 0; i--) {
                    if (!deleted(below.get(i), fd)) {
                        return false;
                    }
                }
            } finally {
                calls.close(fd);
            }
            try {
                btrfs.destroy(stack.fd(), name);
                return true;
            } catch (LinuxException e) {
                if (e.is(Errno.ENOENT)) {
                    return true;
                }
                if (e.is(Errno.EBUSY)) {
                    throw mounted(show(name));
                }
                if (e.is(Errno.ENOTEMPTY, Errno.EPERM)) {
                    return false;
                }
                throw e;
            }
        }

        /**
         * Below a read-only subvolume nothing can be deleted by number; the walk makes it writable on its way, and names
         * what is mounted.
         */
        private boolean deleted(long number, int fd) throws LinuxException {
            try {
                btrfs.destroy(fd, number);
                return true;
            } catch (LinuxException e) {
                if (e.is(Errno.ENOENT)) {
                    return true;
                }
                if (e.is(Errno.EROFS, Errno.ENOTEMPTY, Errno.EPERM, Errno.EBUSY)) {
                    return false;
                }
                throw e;
            }
        }

        NodeException filledMeanwhile(byte[] name) {
            return new NodeException(
                    Reason.InUse,
                    Follow.WAIT,
                    "Somebody keeps making files in " + show(name)
                            + " while it is being removed; find the process with: " + "fuser -m " + shownAs);
        }

        private String show(byte[] name) {
            return shownAs + "/" + PathBytes.show(stack.path(name));
        }
    }
}
