package dev.veneer.node.image;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.DirectoryReader;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.Statx;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.FileType;
import dev.veneer.node.tree.TreePath;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;

/**
 * Carries out the whiteouts of a layer. They hide what lower layers hold and nothing of their own layer, wherever in it
 * they stand.
 */
final class LayerFilter implements TarImporter.Filter {
    private static final byte[] PREFIX = ".wh.".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] PRIVATE = ".wh..wh.".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] OPAQUE = ".wh..wh..opq".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] DOT = {'.'};
    private static final byte[] DOTS = {'.', '.'};

    private final ImportSession session;
    private final LinuxCalls calls;
    private final TreeWriter writer;
    private final Statx stat = new Statx();

    LayerFilter(ImportSession session, TreeWriter writer) {
        this.session = session;
        this.calls = session.calls();
        this.writer = writer;
    }

    @Override
    public boolean accept(byte[] path, TarEntry entry) throws LinuxException, NodeException {
        byte[] parent = TreePath.parent(path);
        if (hasWhiteout(parent)) {
            throw Refusals.entry(entry.name, "lies below a whiteout");
        }
        byte[] name = TreePath.name(path);
        if (!begins(name, 0, PREFIX)) {
            return true;
        }
        if (entry.type == FileType.DIRECTORY) {
            throw Refusals.entry(entry.name, "is a directory with the name of a whiteout");
        }
        if (Arrays.equals(name, OPAQUE)) {
            hideLower(entry.name, parent);
        } else if (begins(name, 0, PRIVATE)) {
            // What aufs kept for itself; old images have it.
            session.leftOut("entry " + Bytes.show(PRIVATE) + "*");
        } else {
            byte[] hidden = Arrays.copyOfRange(name, PREFIX.length, name.length);
            if (hidden.length == 0 || Arrays.equals(hidden, DOT) || Arrays.equals(hidden, DOTS)) {
                throw Refusals.entry(entry.name, "is a whiteout of nothing or of a directory above it");
            }
            hide(entry.name, parent, hidden);
        }
        return false;
    }

    private static boolean hasWhiteout(byte[] path) {
        for (int at = 0; at < path.length; at++) {
            if ((at == 0 || path[at - 1] == '/') && begins(path, at, PREFIX)) {
                return true;
            }
        }
        return false;
    }

    private static boolean begins(byte[] bytes, int at, byte[] prefix) {
        int end = at + prefix.length;
        return end <= bytes.length && Arrays.mismatch(bytes, at, end, prefix, 0, prefix.length) < 0;
    }

    private void hide(byte[] entry, byte[] directory, byte[] name) throws LinuxException, NodeException {
        int parent = reach(entry, directory);
        if (parent < 0) {
            return;
        }
        try {
            calls.statx(parent, name, Abi.AT_SYMLINK_NOFOLLOW, Abi.STATX_BASIC_STATS, stat);
        } catch (LinuxException e) {
            if (e.is(Errno.ENOENT)) {
                return;
            }
            throw e;
        }
        byte[] path = TreePath.join(directory, name);
        if (!writer.isOfThisLayer(stat)) {
            writer.clear(parent, name, path);
        } else if (stat.isDirectory()) {
            hideLower(entry, path);
        }
    }

    /** Takes away all that lower layers put below a directory, and leaves what this layer put there. */
    private void hideLower(byte[] entry, byte[] directory) throws LinuxException, NodeException {
        Deque<byte[]> pending = new ArrayDeque<>();
        pending.add(directory);
        DirectoryReader reader = new DirectoryReader(calls);
        for (byte[] path = pending.poll(); path != null; path = pending.poll()) {
            int reached = reach(entry, path);
            if (reached < 0) {
                continue;
            }
            // A descriptor of its own: reaching other paths may close this one.
            int fd = writer.directories().openOne(reached, DOT);
            try {
                reader.start(fd);
                while (reader.next()) {
                    byte[] name = reader.name();
                    byte[] child = TreePath.join(path, name);
                    calls.statx(fd, name, Abi.AT_SYMLINK_NOFOLLOW, Abi.STATX_BASIC_STATS, stat);
                    if (!writer.isOfThisLayer(stat)) {
                        writer.clear(fd, name, child);
                    } else if (stat.isDirectory()) {
                        pending.add(child);
                    }
                }
            } finally {
                calls.close(fd);
            }
        }
    }

    /** A directory's descriptor, or -1 when there is none: then there is nothing to hide. */
    private int reach(byte[] entry, byte[] directory) throws LinuxException, NodeException {
        try {
            return writer.directories().reach(directory, directory.length, (parent, name, path) -> {
                throw new LinuxException("openat2", Errno.ENOENT, TreePath.show(path));
            });
        } catch (LinuxException e) {
            if (e.is(Errno.ENOENT)) {
                return -1;
            }
            if (e.is(Errno.ELOOP, Errno.ENOTDIR, Errno.EXDEV)) {
                throw Refusals.entry(entry, "is a whiteout below something that is not a directory: a link or a file");
            }
            throw e;
        }
    }
}
