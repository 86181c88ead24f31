package dev.veneer.node.linux;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An open directory whose entries are reached by single names: no link is followed, no mount is crossed, no magic link
 * is used. This is how a tree that somebody else controls is walked safely.
 */
public final class Directory implements AutoCloseable {
    private static final long ONE_STEP = Abi.RESOLVE_NO_SYMLINKS | Abi.RESOLVE_NO_MAGICLINKS | Abi.RESOLVE_NO_XDEV;

    private final LinuxCalls calls;
    private final Fd fd;

    private Directory(LinuxCalls calls, int fd) {
        this.calls = calls;
        this.fd = new Fd(calls, fd);
    }

    /**
     * Opens a directory by an absolute path of our own; links on the way are followed, since whoever set up the node
     * may have put the store behind one, the last component is not.
     */
    public static Directory open(LinuxCalls calls, String path) throws LinuxException {
        long flags = Abi.O_RDONLY | Abi.O_DIRECTORY | Abi.O_NOFOLLOW;
        return new Directory(calls, calls.openat2(Abi.AT_FDCWD, PathBytes.of(path), flags, 0, 0));
    }

    /** Opens the directory of this name. {@code ELOOP} or {@code ENOTDIR} for a link, {@code EXDEV} for a mount. */
    public Directory openDirectory(byte[] name) throws LinuxException {
        return new Directory(calls, openChild(name, Abi.O_RDONLY | Abi.O_DIRECTORY, 0));
    }

    /**
     * Opens an entry.
     *
     * @param flags {@code O_*}; {@code O_NOFOLLOW} is added. Without {@code O_PATH}, add {@code O_NONBLOCK} for entries
     *     that could be a FIFO
     * @param mode permissions, with {@code O_CREAT} only, else 0
     */
    public Fd openFile(byte[] name, long flags, int mode) throws LinuxException {
        return new Fd(calls, openChild(name, flags, mode));
    }

    private int openChild(byte[] name, long flags, int mode) throws LinuxException {
        if (!PathBytes.isName(name)) {
            throw new LinuxException("openat2", Errno.EINVAL, PathBytes.show(name) + " (not a single name)");
        }
        return calls.openat2(number(), name, flags | Abi.O_NOFOLLOW, mode, ONE_STEP);
    }

    /** Looks at an entry without following a link. */
    public void stat(byte[] name, Statx into) throws LinuxException {
        calls.statx(number(), name, Abi.AT_SYMLINK_NOFOLLOW, Abi.STATX_BASIC_STATS, into);
    }

    /** Looks at an entry; null when there is none. */
    public @Nullable Statx lookUp(byte[] name) throws LinuxException {
        Statx found = new Statx();
        try {
            stat(name, found);
            return found;
        } catch (LinuxException e) {
            if (e.is(Errno.ENOENT)) {
                return null;
            }
            throw e;
        }
    }

    /** All names, sorted by nothing. For directories of our own, which are small; else use a {@link DirectoryReader}. */
    public List<byte[]> names() throws LinuxException {
        calls.lseek(number(), 0, Abi.SEEK_SET);
        DirectoryReader reader = new DirectoryReader(calls);
        reader.start(number());
        List<byte[]> names = new ArrayList<>();
        while (reader.next()) {
            names.add(reader.name());
        }
        return names;
    }

    /** The descriptor, open for reading; valid until this is closed. */
    public int number() {
        return fd.number();
    }

    @Override
    public void close() {
        fd.close();
    }
}
