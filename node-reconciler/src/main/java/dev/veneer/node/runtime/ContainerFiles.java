package dev.veneer.node.runtime;

import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.Directory;
import dev.veneer.node.linux.DurableFiles;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.Fd;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.linux.Statx;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The files of containers: {@code <store>/lxc/NAME/}. The directory {@code lxc} may be searched by everybody, because
 * LXC looks at it with the ids of the container's root; those below are root's alone.
 */
final class ContainerFiles {
    static final String CONFIG = "config";
    static final String RECORD = "container.json";
    static final String SECCOMP = "seccomp";
    /** Is there while the container's processes may be held still. */
    static final String FROZEN = "frozen";

    static final String MONITOR_PID = "monitor.pid";
    private static final String OLD = ".1";
    private static final int LARGEST_LOG = 1 << 20;

    private final LinuxCalls calls;
    private final DurableFiles durable;
    private final String directory;

    ContainerFiles(LinuxCalls calls, String storePath) {
        this.calls = calls;
        this.durable = new DurableFiles(calls);
        this.directory = storePath + "/lxc";
    }

    /** LXC's path: the directory that holds all containers' directories. */
    String lxcPath() {
        return directory;
    }

    String directoryOf(String container) {
        return directory + "/" + container;
    }

    /** Makes the container's directory where it is missing. */
    void make(String container) throws LinuxException {
        mkdir(Abi.AT_FDCWD, directory, 0711);
        try (Directory all = Directory.open(calls, directory)) {
            mkdir(all.number(), container, 0700);
            calls.fsync(all.number());
        }
    }

    /** Replaces a file, durably. */
    void write(String container, String file, byte[] content) throws LinuxException {
        try (Directory dir = Directory.open(calls, directoryOf(container))) {
            durable.write(dir.number(), file, content, 0600, DurableFiles.Durability.NOW);
        }
    }

    /** The last {@code maxBytes} of a file, or null when it does not exist. */
    byte @Nullable [] tail(String container, String file, int maxBytes) throws LinuxException {
        LogPart part = read(container, file, LogPosition.START, maxBytes);
        return part == null ? null : part.content;
    }

    /** A piece of a file and where the next one starts. */
    static final class LogPart {
        final byte[] content;
        final LogPosition next;

        LogPart(byte[] content, LogPosition next) {
            this.content = content;
            this.next = next;
        }
    }

    /**
     * What a file holds after a position, of it the last {@code maxBytes}; null when it does not exist. A file that was
     * replaced or emptied since is read from its begin.
     */
    @Nullable
    LogPart read(String container, String file, LogPosition after, int maxBytes) throws LinuxException {
        try (Fd fd = open(container, file)) {
            if (fd == null) {
                return null;
            }
            Statx stat = new Statx();
            calls.statx(fd.number(), PathBytes.EMPTY, Abi.AT_EMPTY_PATH, Abi.STATX_BASIC_STATS, stat);
            boolean same = stat.ino == after.file() && stat.size >= after.offset();
            long from = Math.max(same ? after.offset() : 0, stat.size - maxBytes);
            ByteBuffer buffer = ByteBuffer.allocate((int) (stat.size - from));
            while (buffer.hasRemaining() && calls.pread(fd.number(), buffer, from + buffer.position()) > 0) {
                // pread has moved the position
            }
            byte[] content = new byte[buffer.position()];
            buffer.flip().get(content);
            return new LogPart(content, new LogPosition(stat.ino, from + content.length));
        }
    }

    private @Nullable Fd open(String container, String file) throws LinuxException {
        try {
            byte[] path = PathBytes.of(directoryOf(container) + "/" + file);
            long flags = Abi.O_RDONLY | Abi.O_NOFOLLOW | Abi.O_NONBLOCK;
            return new Fd(calls, calls.openat2(Abi.AT_FDCWD, path, flags, 0, 0));
        } catch (LinuxException e) {
            if (e.is(Errno.ENOENT, Errno.ENOTDIR)) {
                return null;
            }
            throw e;
        }
    }

    /**
     * What tells one state of a file from another: it changes whenever the file is replaced or written.
     *
     * @param file inode number
     */
    record Stamp(long file, long seconds, int nanoseconds, long size) {}

    /** Whether the container has a directory. */
    boolean exists(String container) throws LinuxException {
        return stamp(container, ".") != null;
    }

    /** The file's present stamp, or null when it does not exist. */
    @Nullable
    Stamp stamp(String container, String file) throws LinuxException {
        Statx stat = new Statx();
        try {
            byte[] path = PathBytes.of(directoryOf(container) + "/" + file);
            calls.statx(Abi.AT_FDCWD, path, Abi.AT_SYMLINK_NOFOLLOW, Abi.STATX_BASIC_STATS, stat);
            return new Stamp(stat.ino, stat.mtimeSec, stat.mtimeNsec, stat.size);
        } catch (LinuxException e) {
            if (e.is(Errno.ENOENT, Errno.ENOTDIR)) {
                return null;
            }
            throw e;
        }
    }

    /** Before a start: LXC's own log, when it has grown, becomes the old one, and the console starts anew. */
    void rotateLogs(String container) throws LinuxException {
        try (Directory dir = Directory.open(calls, directoryOf(container))) {
            rotate(dir, ContainerLog.LXC, LARGEST_LOG);
            rotate(dir, ContainerLog.CONSOLE, 0);
        }
    }

    private void rotate(Directory dir, ContainerLog log, long whenLarger) throws LinuxException {
        byte[] name = PathBytes.of(log.fileName());
        Statx stat = dir.lookUp(name);
        if (stat != null && stat.size > whenLarger) {
            calls.renameat2(dir.number(), name, dir.number(), PathBytes.of(log.fileName() + OLD), 0);
        }
    }

    /** Names of the directories below LXC's path, in order. */
    List<String> names() throws LinuxException {
        try (Directory all = Directory.open(calls, directory)) {
            List<String> names = new ArrayList<>();
            for (byte[] name : all.names()) {
                names.add(new String(name, StandardCharsets.UTF_8));
            }
            Collections.sort(names);
            return names;
        } catch (LinuxException e) {
            if (e.is(Errno.ENOENT)) {
                return List.of();
            }
            throw e;
        }
    }

    /** Removes the files that a container of ours has, and its directory; one that holds anything else stays. */
    void remove(String container) throws LinuxException {
        try (Directory dir = Directory.open(calls, directoryOf(container))) {
            List<String> ours = new ArrayList<>(List.of(CONFIG, SECCOMP, FROZEN, MONITOR_PID));
            for (ContainerLog log : ContainerLog.values()) {
                ours.add(log.fileName());
                ours.add(log.fileName() + OLD);
            }
            List.of(CONFIG, SECCOMP, FROZEN, RECORD).forEach(file -> ours.add(DurableFiles.TEMPORARY_PREFIX + file));
            // The record last: while it is there, the container is known.
            ours.add(RECORD);
            for (String file : ours) {
                unlink(dir.number(), file, 0);
            }
        } catch (LinuxException e) {
            if (e.is(Errno.ENOENT)) {
                return;
            }
            throw e;
        }
        unlink(Abi.AT_FDCWD, directoryOf(container), Abi.AT_REMOVEDIR);
    }

    /** Removes one file, durably; it may be gone already. */
    void remove(String container, String file) throws LinuxException {
        try (Directory dir = Directory.open(calls, directoryOf(container))) {
            unlink(dir.number(), file, 0);
            calls.fsync(dir.number());
        }
    }

    private void mkdir(int dir, String path, int mode) throws LinuxException {
        try {
            calls.mkdirat(dir, PathBytes.of(path), mode);
            // The process's umask must not decide who may search it.
            calls.fchmodat(dir, PathBytes.of(path), mode);
        } catch (LinuxException e) {
            if (!e.is(Errno.EEXIST)) {
                throw e;
            }
        }
    }

    private void unlink(int dir, String path, int flags) throws LinuxException {
        try {
            calls.unlinkat(dir, PathBytes.of(path), flags);
        } catch (LinuxException e) {
            if (!e.is(Errno.ENOENT)) {
                throw e;
            }
        }
    }
}
