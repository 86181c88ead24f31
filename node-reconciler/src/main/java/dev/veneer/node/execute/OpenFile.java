package dev.veneer.node.execute;

import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.Statx;
import org.jspecify.annotations.Nullable;

/** Something that a process holds: by a link in {@code /proc/PID}, or, already looked up, mapped into its memory. */
final class OpenFile {
    /** What it is, with its mount identity. */
    final Statx stat;

    private final LinuxCalls calls;
    private final int directory;
    private final byte[] link;
    private byte @Nullable [] path;

    /** Behind a link of a directory. */
    OpenFile(LinuxCalls calls, Statx stat, int directory, byte[] link) {
        this.calls = calls;
        this.stat = stat;
        this.directory = directory;
        this.link = link;
    }

    /** At a path that is known. */
    OpenFile(LinuxCalls calls, Statx stat, byte[] path) {
        this(calls, stat, -1, path);
        this.path = path;
    }

    /** Its path from the top of its mount namespace, or of its mount if that is attached nowhere; may be out of date. */
    byte[] path() throws LinuxException {
        byte[] known = path;
        if (known == null) {
            known = calls.readlinkat(directory, link);
            path = known;
        }
        return known;
    }

    /** A descriptor of the very thing, for a directory that is behind a link; nothing is asked of its file system. */
    int open() throws LinuxException {
        return calls.openat2(directory, link, Abi.O_PATH | Abi.O_DIRECTORY, 0, 0);
    }
}
