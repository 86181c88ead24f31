package dev.veneer.node.tree;

import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.InodeFlags;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.linux.Statx;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Copies a tree with its whole identity: type, owner, mode, times in nanoseconds, extended attributes, access control
 * lists, capabilities, inode flags, groups of hard links, special files; holes stay holes. Content is shared with the
 * source where the file system can.
 *
 * <p>The source must hold still; a change that is noticed is an error. Metadata of a directory are set after all that is
 * in it, since making files changes its time and its default access control list would be inherited; immutable and
 * append-only come last of all, since such files cannot be linked.
 */
public final class TreeCopier {
    private final LinuxCalls calls;
    private final SafeOpen open;
    private final NameBatches reader;
    private final FileContent content;
    private final MetadataCopy metadata;

    public TreeCopier(LinuxCalls calls) {
        this.calls = calls;
        this.open = new SafeOpen(calls);
        this.reader = new NameBatches(calls);
        this.content = new FileContent(calls);
        this.metadata = new MetadataCopy(calls);
    }

    /**
     * Copies what is in one directory, and its metadata, to another, empty one.
     *
     * @param from path of the source's root, ours
     * @param to path of an existing, empty directory, ours
     */
    public void copy(String from, String to) throws LinuxException {
        int source = open.ownDirectory(from);
        try {
            int target = open.ownDirectory(to);
            try {
                copy(source, target);
            } finally {
                calls.close(target);
            }
        } finally {
            calls.close(source);
        }
    }

    /** The same with open directories, which stay the caller's. */
    public void copy(int from, int to) throws LinuxException {
        try (Copy copy = new Copy(from, to)) {
            copy.run();
        }
    }

    private record Inode(long device, long number) {}

    private record Flagged(Bytes path, int flags) {}

    /** One copy: both ways down in step, and what must wait until the end. */
    private final class Copy implements AutoCloseable {
        final int targetRoot;
        final DirectoryStack from;
        final DirectoryStack to;
        final List<Deque<byte[]>> levels = new ArrayList<>();
        final Map<Inode, byte[]> firstNames = new HashMap<>();
        final List<Flagged> flagged = new ArrayList<>();
        final Statx stat = new Statx();

        Copy(int source, int target) {
            this.targetRoot = target;
            this.from = new DirectoryStack(calls, source);
            this.to = new DirectoryStack(calls, target);
        }

        void run() throws LinuxException {
            levels.add(new ArrayDeque<>());
            while (!levels.isEmpty()) {
                Deque<byte[]> directories = levels.get(levels.size() - 1);
                byte[] name = directories.poll();
                if (name != null) {
                    calls.mkdirat(to.fd(), name, 0700);
                    from.push(name);
                    to.push(name);
                    levels.add(new ArrayDeque<>());
                } else if (!readMore(directories)) {
                    finishDirectory();
                    levels.remove(levels.size() - 1);
                }
            }
            // Backwards: names below an immutable directory can still be reached, but need not be.
            for (int i = flagged.size() - 1; i >= 0; i--) {
                setFlags(flagged.get(i));
            }
        }

        private void finishDirectory() throws LinuxException {
            calls.statx(from.fd(), PathBytes.EMPTY, Abi.AT_EMPTY_PATH, Abi.STATX_BASIC_STATS, stat);
            keepFlags(from.fd(), to.path());
            metadata.copy(from.fd(), stat, to.fd());
            if (levels.size() > 1) {
                from.pop();
                to.pop();
            }
        }

        private boolean readMore(Deque<byte[]> directories) throws LinuxException {
            List<byte[]> names = new ArrayList<>();
            if (!reader.batch(from.fd(), from.depth(), names::add)) {
                return false;
            }
            for (byte[] name : names) {
                calls.statx(from.fd(), name, Abi.AT_SYMLINK_NOFOLLOW, Abi.STATX_BASIC_STATS, stat);
                if (stat.isDirectory()) {
                    directories.add(name);
                } else if (stat.nlink <= 1 || !linked(name)) {
                    copyFile(name);
                }
            }
            return true;
        }

        /** Makes a further name of a file that was copied already; false when this is its first. */
        private boolean linked(byte[] name) throws LinuxException {
            byte[] first = firstNames.putIfAbsent(new Inode(stat.dev(), stat.ino), to.path(name));
            if (first == null) {
                return false;
            }
            LongPath.withParent(
                    calls, targetRoot, first, (directory, last) -> calls.linkat(directory, last, to.fd(), name, 0));
            return true;
        }

        private void copyFile(byte[] name) throws LinuxException {
            if (stat.isRegular()) {
                copyRegular(name);
                return;
            }
            if (stat.isSymlink()) {
                calls.symlinkat(calls.readlinkat(from.fd(), name), to.fd(), name);
            } else {
                calls.mknodat(to.fd(), name, stat.type() | 0600, device(stat));
            }
            metadata.copy(from.fd(), name, stat, to.fd(), name);
        }

        private void copyRegular(byte[] name) throws LinuxException {
            int source = open.regular(from.fd(), name, stat);
            try {
                int target = calls.openat2(
                        to.fd(), name, Abi.O_RDWR | Abi.O_CREAT | Abi.O_EXCL, 0600, SafeOpen.RESOLVE_NAME);
                try {
                    content.copy(source, stat.size, target);
                    keepFlags(source, to.path(name));
                    metadata.copy(source, stat, target);
                } finally {
                    calls.close(target);
                }
            } finally {
                calls.close(source);
            }
        }

        private void keepFlags(int fd, byte[] path) throws LinuxException {
            if ((stat.attributesMask & (Abi.STATX_ATTR_IMMUTABLE | Abi.STATX_ATTR_APPEND)) != 0
                    && (stat.attributes & (Abi.STATX_ATTR_IMMUTABLE | Abi.STATX_ATTR_APPEND)) == 0) {
                return;
            }
            int flags = InodeFlags.get(calls, fd) & InodeFlags.IDENTITY;
            if (flags != 0) {
                flagged.add(new Flagged(Bytes.wrap(path), flags));
            }
        }

        private void setFlags(Flagged file) throws LinuxException {
            LongPath.withParent(calls, targetRoot, file.path.array(), (directory, last) -> {
                int fd = open.forFlags(directory, last);
                try {
                    InodeFlags.set(calls, fd, InodeFlags.get(calls, fd) | file.flags);
                } finally {
                    calls.close(fd);
                }
            });
        }

        @Override
        public void close() {
            from.close();
            to.close();
        }
    }

    /** As glibc's {@code makedev} encodes it. */
    static long device(Statx stat) {
        long major = stat.rdevMajor & 0xffffffffL;
        long minor = stat.rdevMinor & 0xffffffffL;
        return (major & 0xfff) << 8 | (major & ~0xfffL) << 32 | (minor & 0xff) | (minor & ~0xffL) << 12;
    }
}
