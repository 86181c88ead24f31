package dev.veneer.node.image.export;

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
import dev.veneer.node.linux.Statx;
import dev.veneer.node.tree.TreeRemover;

/**
 * A directory that comes into being whole: it is filled under a temporary name beside the final one, made durable and
 * renamed. Whatever ends it before leaves nothing under the final name; what a killed run left under the temporary one
 * is removed by the next.
 */
final class Publication implements AutoCloseable {
    private static final long OPEN = Abi.O_RDONLY | Abi.O_DIRECTORY | Abi.O_NOFOLLOW;

    private final LinuxCalls calls;
    private final String target;
    private final Fd parent;
    private final byte[] name;
    private final byte[] temporary;
    private final Fd directory;
    private boolean published;

    private Publication(LinuxCalls calls, String target, Fd parent, byte[] name, byte[] temporary, Fd directory) {
        this.calls = calls;
        this.target = target;
        this.parent = parent;
        this.name = name;
        this.temporary = temporary;
        this.directory = directory;
    }

    /**
     * Begins one.
     *
     * @param target absolute path of a directory that is empty or not there; its parent is
     * @throws NodeException {@code ForeignObject} when something else is there; {@code InUse} when another export goes
     *     on to the same place
     */
    static Publication begin(LinuxCalls calls, String target) throws LinuxException, NodeException {
        int slash = target.lastIndexOf('/');
        byte[] name = PathBytes.of(target.substring(slash + 1));
        byte[] temporary = PathBytes.of("." + target.substring(slash + 1) + ".veneer-export");
        if (slash < 0 || name.length == 0) {
            throw foreign(target + " is no directory that can be made: name a new one");
        }
        Fd parent;
        try {
            byte[] above = PathBytes.of(slash == 0 ? "/" : target.substring(0, slash));
            parent = new Fd(calls, calls.openat2(Abi.AT_FDCWD, above, Abi.O_RDONLY | Abi.O_DIRECTORY, 0, 0));
        } catch (LinuxException e) {
            throw foreign("the directory that " + target + " is to be made in cannot be opened: " + e.getMessage());
        }
        boolean begun = false;
        try {
            requireFree(calls, parent, name, target);
            Fd directory = make(calls, parent, temporary, target);
            begun = true;
            return new Publication(calls, target, parent, name, temporary, directory);
        } finally {
            if (!begun) {
                parent.close();
            }
        }
    }

    private static void requireFree(LinuxCalls calls, Fd parent, byte[] name, String target)
            throws LinuxException, NodeException {
        int fd;
        try {
            fd = calls.openat2(parent.number(), name, OPEN, 0, Abi.RESOLVE_BENEATH);
        } catch (LinuxException e) {
            if (e.is(Errno.ENOENT)) {
                return;
            }
            throw foreign(target + " is there and is no directory: name a new one");
        }
        try {
            DirectoryReader names = new DirectoryReader(calls);
            names.start(fd);
            if (names.next()) {
                throw foreign(target + " is there and not empty, and nothing is overwritten: name a new directory");
            }
        } finally {
            calls.close(fd);
        }
    }

    private static Fd make(LinuxCalls calls, Fd parent, byte[] temporary, String target)
            throws LinuxException, NodeException {
        for (int attempt = 0; ; attempt++) {
            try {
                calls.mkdirat(parent.number(), temporary, 0700);
            } catch (LinuxException e) {
                if (!e.is(Errno.EEXIST) || attempt > 0) {
                    throw e;
                }
                removeLeftover(calls, parent, temporary, target);
                continue;
            }
            Fd directory = new Fd(calls, calls.openat2(parent.number(), temporary, OPEN, 0, Abi.RESOLVE_BENEATH));
            boolean locked = false;
            try {
                calls.flock(directory.number(), Abi.LOCK_EX | Abi.LOCK_NB);
                locked = true;
                return directory;
            } finally {
                if (!locked) {
                    directory.close();
                }
            }
        }
    }

    private static void removeLeftover(LinuxCalls calls, Fd parent, byte[] temporary, String target)
            throws LinuxException, NodeException {
        try (Fd left = new Fd(calls, calls.openat2(parent.number(), temporary, OPEN, 0, Abi.RESOLVE_BENEATH))) {
            Statx stat = new Statx();
            calls.statx(left.number(), PathBytes.EMPTY, Abi.AT_EMPTY_PATH, Abi.STATX_BASIC_STATS, stat);
            Statx own = new Statx();
            calls.statx(Abi.AT_FDCWD, PathBytes.of("/proc/self"), 0, Abi.STATX_BASIC_STATS, own);
            if (stat.uid != own.uid) {
                throw foreign(PathBytes.show(temporary) + " beside " + target + " is somebody else's: remove it");
            }
            calls.flock(left.number(), Abi.LOCK_EX | Abi.LOCK_NB);
            new TreeRemover(calls).remove(parent.number(), temporary, target);
        } catch (LinuxException e) {
            if (e.is(Errno.EAGAIN)) {
                throw new NodeException(
                        Reason.InUse, Follow.WAIT, "another export to " + target + " goes on: wait for it to end");
            }
            throw e;
        }
    }

    /** The directory to fill, open. */
    int directory() {
        return directory.number();
    }

    /** Makes a subdirectory and opens it. */
    Fd subdirectory(int in, String subdirectory) throws LinuxException {
        byte[] path = PathBytes.of(subdirectory);
        calls.mkdirat(in, path, 0700);
        return new Fd(calls, calls.openat2(in, path, OPEN, 0, Abi.RESOLVE_BENEATH));
    }

    /** Gives it its name; files and subdirectories are durable already. */
    void publish() throws LinuxException, NodeException {
        calls.fsync(directory.number());
        try {
            // A rename onto an empty directory takes its place; onto anything else it fails.
            calls.renameat2(parent.number(), temporary, parent.number(), name, 0);
        } catch (LinuxException e) {
            if (e.is(Errno.ENOTEMPTY, Errno.EEXIST, Errno.ENOTDIR)) {
                throw foreign(target + " was made by somebody else meanwhile; nothing is overwritten");
            }
            if (e.is(Errno.EBUSY)) {
                throw foreign(target + " is a mount point: name a new directory in it");
            }
            throw e;
        }
        published = true;
        calls.fsync(parent.number());
    }

    private static NodeException foreign(String message) {
        return new NodeException(Reason.ForeignObject, Follow.STALLED, message);
    }

    @Override
    public void close() throws LinuxException, NodeException {
        try {
            if (!published) {
                new TreeRemover(calls).remove(parent.number(), temporary, target);
            }
        } finally {
            directory.close();
            parent.close();
        }
    }
}
