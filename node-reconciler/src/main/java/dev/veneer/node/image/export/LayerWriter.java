package dev.veneer.node.image.export;

import dev.veneer.api.Reason;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.linux.Statx;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.FileType;
import dev.veneer.node.tree.Identity;
import dev.veneer.node.tree.LayerEntry;
import dev.veneer.node.tree.LinkGroups;
import dev.veneer.node.tree.SafeOpen;
import dev.veneer.node.tree.TreeLimits;
import dev.veneer.node.tree.TreePath;
import dev.veneer.node.tree.TreeWalker;
import dev.veneer.node.tree.Xattr;
import dev.veneer.node.tree.XattrPolicy;
import dev.veneer.node.tree.rewrite.BaseRecords;
import dev.veneer.node.tree.rewrite.ChangeReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** Writes a layer's entries: a whole tree, or a change as whiteouts and what is new. */
final class LayerWriter implements ChangeReader.Visitor {
    private static final byte[] WHITEOUT = ascii(".wh.");
    private static final byte[] OPAQUE = ascii(".wh..wh..opq");
    private static final int MAX_NAME = 255;
    private static final Identity MARK =
            new Identity(FileType.REGULAR, 0, 0, 0, 0, 0, 0, List.of(), 0, Bytes.EMPTY, Bytes.EMPTY, 0, 0);

    private final LinuxCalls calls;
    private final TarWriter tar;
    private final BaseRecords base;
    private final ExportListener listener;
    private final SafeOpen open;
    private final Statx stat = new Statx();
    private final ByteBuffer direct = ByteBuffer.allocateDirect(256 * 1024);
    private final byte[] heap = new byte[256 * 1024];
    private long paths;
    private long sockets;

    LayerWriter(LinuxCalls calls, TarWriter tar, BaseRecords base, ExportListener listener) {
        this.calls = calls;
        this.tar = tar;
        this.base = base;
        this.listener = listener;
        this.open = new SafeOpen(calls);
    }

    /** How many entries were written. */
    long paths() {
        return paths;
    }

    /** How many sockets were left out, which no archive holds. */
    long sockets() {
        return sockets;
    }

    /** Writes all of a tree. */
    void tree(int root, int scratch) throws LinuxException, NodeException {
        try (LinkGroups groups = new LinkGroups(calls, scratch)) {
            new TreeWalker(calls, TreeLimits.DEFAULT).walk(root, entry -> {
                Statx seen = entry.stat();
                byte[] path = entry.path();
                Identity identity = LayerEntry.read(calls, false, entry.parent(), entry.name(), seen)
                        .identity();
                if (seen.isDirectory()) {
                    directory(path, identity, false);
                    return true;
                }
                byte[] first = groups.firstPath(seen, path);
                if (first != null) {
                    link(path, first, identity);
                } else if (identity.type() == FileType.SOCKET) {
                    sockets++;
                } else {
                    present(path, identity, entry.parent());
                }
                return true;
            });
        }
    }

    @Override
    public void directory(byte[] path, Identity identity, boolean whole) throws LinuxException, NodeException {
        byte[] name = Arrays.copyOf(path, path.length + 1);
        name[path.length] = '/';
        entry(path, path.length == 0 ? ascii("./") : name, '5', identity, PathBytes.EMPTY);
        if (whole) {
            mark(TreePath.join(path, OPAQUE));
        }
    }

    @Override
    public void file(byte[] path, Identity identity, int parent) throws LinuxException, NodeException {
        if (identity.type() == FileType.SOCKET) {
            socket(path);
        } else {
            present(path, identity, parent);
        }
    }

    @Override
    public void link(byte[] path, byte[] first, Identity identity) throws LinuxException, NodeException {
        if (identity.type() == FileType.SOCKET) {
            socket(path);
        } else {
            entry(path, path, '1', identity, first);
        }
    }

    @Override
    public void gone(byte[] path) throws LinuxException, NodeException {
        byte[] name = TreePath.name(path);
        requireExpressible(path);
        if (name.length > MAX_NAME - WHITEOUT.length) {
            throw refused(
                    path,
                    "is gone, and its name of " + name.length + " bytes leaves no room for the mark that says so");
        }
        mark(TreePath.join(TreePath.parent(path), whiteout(name)));
    }

    private static byte[] whiteout(byte[] name) {
        byte[] mark = Arrays.copyOf(WHITEOUT, WHITEOUT.length + name.length);
        System.arraycopy(name, 0, mark, WHITEOUT.length, name.length);
        return mark;
    }

    private void mark(byte[] path) throws LinuxException {
        tar.entry(path, '0', MARK, 0, PathBytes.EMPTY);
        paths++;
    }

    /** A socket is nothing without who listens on it; what of the base it replaced is gone all the same. */
    private void socket(byte[] path) throws LinuxException, NodeException {
        sockets++;
        if (base.find(path) != null) {
            gone(path);
        }
    }

    private void present(byte[] path, Identity identity, int parent) throws LinuxException, NodeException {
        switch (identity.type()) {
            case REGULAR -> {
                entry(path, path, '0', identity, PathBytes.EMPTY);
                content(path, identity.size(), parent);
            }
            case SYMLINK -> entry(path, path, '2', identity, identity.target().array());
            case CHARACTER_DEVICE -> {
                if (identity.deviceMajor() == 0 && identity.deviceMinor() == 0) {
                    throw refused(path, "is the character device 0:0, which an overlay takes for a deleted file");
                }
                entry(path, path, '3', identity, PathBytes.EMPTY);
            }
            case BLOCK_DEVICE -> entry(path, path, '4', identity, PathBytes.EMPTY);
            case FIFO -> entry(path, path, '6', identity, PathBytes.EMPTY);
            case DIRECTORY, SOCKET -> throw new IllegalStateException(identity.type() + " comes another way");
        }
    }

    private void entry(byte[] path, byte[] name, char type, Identity identity, byte[] link)
            throws LinuxException, NodeException {
        requireExpressible(path);
        for (Xattr xattr : identity.xattrs()) {
            if (XattrPolicy.judge(xattr.name()) == XattrPolicy.Verdict.REFUSE) {
                throw refused(
                        path,
                        "has the attribute " + xattr.name() + ", which whoever unpacks the layer would take for"
                                + " an overlay's own");
            }
        }
        if (TarWriter.extendedBytes(name, identity, link) > TarWriter.MAX_EXTENDED) {
            throw refused(path, "has more attributes than readers of layers take");
        }
        tar.entry(name, type, identity, type == '0' ? identity.size() : 0, link);
        paths++;
        listener.checkpoint();
    }

    private void content(byte[] path, long size, int parent) throws LinuxException, NodeException {
        int fd = open.regular(parent, TreePath.name(path), stat);
        try {
            for (long at = 0; at < size; ) {
                direct.clear().limit((int) Math.min(direct.capacity(), size - at));
                int count = calls.pread(fd, direct, at);
                if (count <= 0) {
                    throw new NodeException(
                            Reason.InUse,
                            Follow.RETRY,
                            TreePath.show(path) + " became shorter while it was exported: keep the sliver still"
                                    + " meanwhile and try again");
                }
                direct.get(0, heap, 0, count);
                tar.content(heap, 0, count);
                at += count;
                listener.read(count);
                listener.checkpoint();
            }
        } finally {
            calls.close(fd);
        }
    }

    /** A name that begins like a mark would be taken for one. */
    private static void requireExpressible(byte[] path) throws NodeException {
        for (int at = 0; at + WHITEOUT.length <= path.length; at++) {
            boolean begins = at == 0 || path[at - 1] == '/';
            int end = at + WHITEOUT.length;
            if (begins && Arrays.mismatch(path, at, end, WHITEOUT, 0, WHITEOUT.length) < 0) {
                throw refused(
                        path,
                        "has a name that begins with .wh., which a layer would take for a mark of something"
                                + " deleted: rename it, or make a BaseImage of the sliver instead");
            }
        }
    }

    private static NodeException refused(byte[] path, String why) {
        return new NodeException(
                Reason.ContentRefused, Follow.STALLED, "nothing was exported: " + TreePath.show(path) + " " + why);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
