package dev.veneer.node.runtime;

import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.Fd;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.linux.Statx;
import org.jspecify.annotations.Nullable;

/** Files as LXC's programs find them: by absolute paths, links in which lead to where they lead on the {@link Host}. */
final class HostFiles {
    private final LinuxCalls calls;
    private final Host host;

    HostFiles(LinuxCalls calls, Host host) {
        this.calls = calls;
        this.host = host;
    }

    /**
     * Opens a file.
     *
     * @param path absolute
     * @param flags {@code O_*}
     */
    Fd open(String path, long flags) throws LinuxException {
        if (host.process() == 0) {
            return new Fd(calls, calls.openat2(Abi.AT_FDCWD, PathBytes.of(path), flags, 0, 0));
        }
        try (Fd root = new Fd(calls, calls.openat2(Abi.AT_FDCWD, PathBytes.of(root()), Abi.O_PATH, 0, 0))) {
            byte[] inside = PathBytes.of(path.equals("/") ? "." : path.substring(1));
            return new Fd(calls, calls.openat2(root.number(), inside, flags, 0, Abi.RESOLVE_IN_ROOT));
        }
    }

    /** How the root directory of the host is reached from here. */
    String root() {
        return host.process() == 0 ? "/" : "/proc/" + host.process() + "/root";
    }

    /** As {@link Host#onNode}. */
    String onNode() {
        return host.onNode();
    }

    /** Looks at a file, following links; false when there is none. */
    boolean look(String path, Statx into) throws LinuxException {
        try (Fd fd = open(path, Abi.O_PATH)) {
            int fields = Abi.STATX_BASIC_STATS | Abi.STATX_MNT_ID;
            calls.statx(fd.number(), PathBytes.EMPTY, Abi.AT_EMPTY_PATH, fields, into);
            return true;
        } catch (LinuxException e) {
            if (e.is(Errno.ENOENT, Errno.ENOTDIR)) {
                return false;
            }
            throw e;
        }
    }

    /** What a small file holds, or null when there is none. */
    @Nullable
    String read(String path) throws LinuxException {
        try (Fd fd = open(path, Abi.O_RDONLY)) {
            return new Processes(calls).read(fd);
        } catch (LinuxException e) {
            if (e.is(Errno.ENOENT, Errno.ENOTDIR)) {
                return null;
            }
            throw e;
        }
    }

    /** Whether there is such a file. */
    boolean exists(String path) throws LinuxException {
        return look(path, new Statx());
    }
}
