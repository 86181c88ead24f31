package dev.veneer.node.linux;

import java.nio.ByteBuffer;

/**
 * Small files of our own, written whole: to a temporary name beside, then renamed, so that a reader sees the old or the
 * new content and a kill leaves at most a file whose name starts with {@link #TEMPORARY_PREFIX}.
 */
public final class DurableFiles {
    /** What the names of unfinished files start with; whoever owns the directory removes them in recovery. */
    public static final String TEMPORARY_PREFIX = ".tmp-";

    /** How much is promised when {@link #write} returns. */
    public enum Durability {
        /** The content and its name survive a power cut: file and directory are synced. */
        NOW,
        /** Old or new content after a crash of the process; the caller syncs the file system before it relies on it. */
        LATER
    }

    private final LinuxCalls calls;

    public DurableFiles(LinuxCalls calls) {
        this.calls = calls;
    }

    /**
     * Replaces or makes the file {@code name} in a directory. One writer at a time for one name.
     *
     * @param mode permission bits of the file
     */
    public void write(int dirfd, String name, byte[] content, int mode, Durability durability) throws LinuxException {
        byte[] target = PathBytes.of(name);
        byte[] temporary = PathBytes.of(TEMPORARY_PREFIX + name);
        boolean renamed = false;
        try {
            writeNew(dirfd, temporary, content, mode, durability == Durability.NOW);
            calls.renameat2(dirfd, temporary, dirfd, target, 0);
            renamed = true;
        } finally {
            if (!renamed) {
                removeQuietly(dirfd, temporary);
            }
        }
        if (durability == Durability.NOW) {
            calls.fsync(dirfd);
        }
    }

    private void writeNew(int dirfd, byte[] name, byte[] content, int mode, boolean sync) throws LinuxException {
        long flags = Abi.O_WRONLY | Abi.O_CREAT | Abi.O_EXCL | Abi.O_NOFOLLOW;
        try (Fd fd = new Fd(calls, create(dirfd, name, flags, mode))) {
            ByteBuffer from = ByteBuffer.wrap(content);
            while (from.hasRemaining()) {
                calls.write(fd.number(), from);
            }
            if (sync) {
                calls.fsync(fd.number());
            }
        }
    }

    private int create(int dirfd, byte[] name, long flags, int mode) throws LinuxException {
        try {
            return calls.openat2(dirfd, name, flags, mode, Abi.RESOLVE_NO_SYMLINKS);
        } catch (LinuxException e) {
            if (!e.is(Errno.EEXIST)) {
                throw e;
            }
            // Left by a killed run, of whatever type: removed, not written through.
            calls.unlinkat(dirfd, name, 0);
            return calls.openat2(dirfd, name, flags, mode, Abi.RESOLVE_NO_SYMLINKS);
        }
    }

    /**
     * Reads a whole file.
     *
     * @param most the largest size that is accepted, in bytes; {@code EFBIG} beyond
     * @throws LinuxException {@code ENOENT} when there is none, {@code ELOOP} for a link, {@code EINVAL} for what is no
     *     regular file
     */
    public byte[] read(int dirfd, String name, int most) throws LinuxException {
        byte[] path = PathBytes.of(name);
        long flags = Abi.O_RDONLY | Abi.O_NOFOLLOW | Abi.O_NONBLOCK;
        try (Fd fd = new Fd(calls, calls.openat2(dirfd, path, flags, 0, Abi.RESOLVE_NO_SYMLINKS))) {
            Statx stat = new Statx();
            calls.statx(fd.number(), PathBytes.EMPTY, Abi.AT_EMPTY_PATH, Abi.STATX_BASIC_STATS, stat);
            if (!stat.isRegular()) {
                throw new LinuxException("read", Errno.EINVAL, PathBytes.show(path) + " (not a regular file)");
            }
            if (stat.size > most) {
                throw new LinuxException("read", Errno.EFBIG, PathBytes.show(path));
            }
            return readAll(fd.number(), path, (int) stat.size, most);
        }
    }

    private byte[] readAll(int fd, byte[] path, int expected, int most) throws LinuxException {
        // One byte more than expected, so that the end is seen without a second buffer when the file did not grow.
        ByteBuffer into = ByteBuffer.allocate(expected + 1);
        while (calls.read(fd, into) > 0) {
            if (!into.hasRemaining()) {
                if (into.position() > most) {
                    throw new LinuxException("read", Errno.EFBIG, PathBytes.show(path));
                }
                ByteBuffer larger = ByteBuffer.allocate(Math.min(into.capacity() * 2, most + 1));
                into = larger.put(into.flip());
            }
        }
        byte[] content = new byte[into.position()];
        into.flip().get(content);
        return content;
    }

    private void removeQuietly(int dirfd, byte[] name) {
        try {
            calls.unlinkat(dirfd, name, 0);
        } catch (LinuxException ignored) {
            // The failure that brought us here is the one to report; recovery removes leftovers.
            return;
        }
    }
}
