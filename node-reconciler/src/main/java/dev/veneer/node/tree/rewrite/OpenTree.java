package dev.veneer.node.tree.rewrite;

import dev.veneer.api.Reason;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.Statx;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.ContentHasher;
import dev.veneer.node.tree.DirectoryNames;
import dev.veneer.node.tree.FileContent;
import dev.veneer.node.tree.FileType;
import dev.veneer.node.tree.Identity;
import dev.veneer.node.tree.LayerEntry;
import dev.veneer.node.tree.SafeOpen;
import dev.veneer.node.tree.TreeLimits;
import dev.veneer.node.tree.TreePath;
import dev.veneer.node.tree.TreeWalker;
import dev.veneer.node.tree.merge.MergeTree;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A whole tree, looked at by path: that of a driver that keeps one, or any mounted view. Of what was looked at lately is
 * kept what was found.
 */
public final class OpenTree implements MergeTree, AutoCloseable {
    private final LinuxCalls calls;
    private final boolean upper;
    private final List<MergeTree> others;
    private final Descent way;
    private final SafeOpen open;
    private final ContentHasher hasher;
    private final FileContent contents;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(64 * 1024);
    private final Statx stat = new Statx();
    private final Map<Bytes, Identity> known = new Recent<>();

    /** @param root of the tree, open; stays the caller's */
    public OpenTree(LinuxCalls calls, int root) {
        this(calls, root, false);
    }

    /**
     * A tree that is compared with others.
     *
     * @param others a file's content counts where one of them has a file of the same size at its path
     */
    public OpenTree(LinuxCalls calls, int root, List<MergeTree> others) {
        this(calls, root, false, others);
    }

    /** @param upper whether it is an overlay's upper directory, where nothing but what that holds is seen */
    public OpenTree(LinuxCalls calls, int root, boolean upper) {
        this(calls, root, upper, List.of());
    }

    OpenTree(LinuxCalls calls, int root, boolean upper, List<MergeTree> others) {
        this.calls = calls;
        this.others = List.copyOf(others);
        this.upper = upper;
        this.way = new Descent(calls, root);
        this.open = new SafeOpen(calls);
        this.hasher = new ContentHasher(calls);
        this.contents = new FileContent(calls);
    }

    @Override
    public @Nullable Identity find(Bytes path) throws LinuxException, NodeException {
        Identity before = known.get(path);
        if (before != null) {
            return before;
        }
        LayerEntry entry = look(path.array());
        if (entry == null) {
            return null;
        }
        Identity identity = compared(path, entry.identity());
        known.put(path, identity);
        return identity;
    }

    /** With its content's digest where that can be another tree's: sizes tell most, and need nothing read. */
    Identity compared(Bytes path, Identity described) throws LinuxException, NodeException {
        if (described.type() == FileType.REGULAR) {
            for (MergeTree other : others) {
                Identity there = other.find(path);
                if (there != null && there.type() == FileType.REGULAR && there.size() == described.size()) {
                    return hashed(path, described);
                }
            }
        }
        return described;
    }

    /** What identifies a path but for its content's digest, for which nothing is read; null when it is not there. */
    public @Nullable Identity described(byte[] path) throws LinuxException {
        LayerEntry entry = look(path);
        return entry == null ? null : entry.identity();
    }

    /** What the kernel says of the path that was looked at last, until the next is. */
    public Statx last() {
        return stat;
    }

    /** A path without its content's digest, or null when the tree does not have it. */
    @Nullable
    LayerEntry look(byte[] path) throws LinuxException {
        try {
            int directory = way.parentOf(path);
            byte[] name = TreePath.name(path);
            calls.statx(
                    directory,
                    name.length == 0 ? new byte[] {'.'} : name,
                    Abi.AT_SYMLINK_NOFOLLOW,
                    Abi.STATX_BASIC_STATS,
                    stat);
            return LayerEntry.read(calls, upper, directory, name, stat);
        } catch (LinuxException e) {
            if (TreeWalker.isAbsence(e)) {
                return null;
            }
            throw e;
        }
    }

    /** Whether a regular file has the content of another tree's, which has the same size. */
    public boolean hasContentOf(OpenTree other, Bytes path, Bytes otherPath, long size) throws LinuxException {
        int own = open.regular(way.parentOf(path.array()), TreePath.name(path.array()), new Statx());
        try {
            byte[] there = otherPath.array();
            int theirs = open.regular(other.way.parentOf(there), TreePath.name(there), new Statx());
            try {
                return contents.equal(own, theirs, size);
            } finally {
                calls.close(theirs);
            }
        } finally {
            calls.close(own);
        }
    }

    /** A path that was described, with its content's digest, which is not kept. */
    public Identity hashed(Bytes path, Identity described) throws LinuxException {
        byte[] bytes = path.array();
        return described.type() == FileType.REGULAR
                ? described.withContent(hasher.hashOnly(way.parentOf(bytes), TreePath.name(bytes), described.size()))
                : described;
    }

    @Override
    public Bytes digest(Bytes path, MessageDigest algorithm) throws LinuxException, NodeException {
        byte[] bytes = path.array();
        LayerEntry entry = look(bytes);
        if (entry == null || entry.identity().type() != FileType.REGULAR) {
            throw changed(path, "is no longer a regular file");
        }
        return hasher.hashOnly(
                way.parentOf(bytes), TreePath.name(bytes), entry.identity().size(), algorithm);
    }

    @Override
    public Bytes content(Bytes path, int limit) throws LinuxException, NodeException {
        Statx found = new Statx();
        int fd;
        try {
            fd = open.regular(way.parentOf(path.array()), TreePath.name(path.array()), found);
        } catch (LinuxException e) {
            if (TreeWalker.isAbsence(e) || e.is(Errno.ENXIO)) {
                throw changed(path, "is no longer a regular file");
            }
            throw e;
        }
        try {
            if (found.size > limit) {
                throw changed(path, "has " + found.size + " bytes now, and at most " + limit + " are read");
            }
            byte[] bytes = new byte[(int) found.size];
            int at = 0;
            while (at < bytes.length) {
                buffer.clear().limit(Math.min(buffer.capacity(), bytes.length - at));
                int count = calls.pread(fd, buffer, at);
                if (count <= 0) {
                    throw changed(path, "became shorter while it was read");
                }
                buffer.get(0, bytes, at, count);
                at += count;
            }
            return Bytes.wrap(bytes);
        } finally {
            calls.close(fd);
        }
    }

    /** Whoever asks for a content knows by {@link #find} what is there, so that somebody changed it since. */
    static NodeException changed(Bytes path, String what) {
        return new NodeException(Reason.InUse, Follow.RETRY, TreePath.show(path.array()) + " " + what);
    }

    private static NodeException refused(Bytes path, String what) {
        return new NodeException(Reason.ContentRefused, Follow.STALLED, TreePath.show(path.array()) + " " + what);
    }

    @Override
    public List<Bytes> names(Bytes directory) throws LinuxException, NodeException {
        try {
            int fd = way.directory(directory.array());
            calls.lseek(fd, 0, Abi.SEEK_SET);
            return DirectoryNames.list(calls, fd, TreeLimits.DEFAULT.namesInDirectory());
        } catch (LinuxException e) {
            if (TreeWalker.isAbsence(e)) {
                return List.of();
            }
            throw e;
        } catch (DirectoryNames.TooMany e) {
            throw refused(directory, String.valueOf(e.getMessage()));
        }
    }

    @Override
    public void close() {
        way.close();
    }
}
