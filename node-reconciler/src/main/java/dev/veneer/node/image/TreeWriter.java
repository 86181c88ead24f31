package dev.veneer.node.image;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.linux.Statx;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.FileType;
import dev.veneer.node.tree.TreePath;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Writes files into the tree in staging. Every path is reached by descriptor, component by component, never through a
 * link; what stands at a name is replaced by what comes later. Directories' times, default access control lists and
 * inode flags are left to the {@link Sealer}.
 */
final class TreeWriter implements AutoCloseable {
    /** Name in staging of what was replaced, to be removed when the tree is complete. */
    static final byte[] DISCARDED = "discarded".getBytes(StandardCharsets.US_ASCII);

    private static final byte[] DOT = {'.'};

    private final LinuxCalls calls;
    private final int staging;
    private final StagedInodes inodes;
    private final OpenDirectories directories;
    private final AttributeWriter attributes;
    private final FileWriter file;
    private final Statx stat = new Statx();
    private int discarded = -1;
    private long discards;
    private int layer;
    private boolean layered;
    private byte[] marked = {};

    /**
     * @param staging descriptor of the staging directory
     * @param root descriptor of the tree's root in it
     */
    TreeWriter(ImportSession session, int staging, int root, StagedInodes inodes) {
        this.calls = session.calls();
        this.staging = staging;
        this.inodes = inodes;
        this.directories = new OpenDirectories(calls, root);
        this.attributes = new AttributeWriter(calls);
        this.file = new FileWriter(session, attributes);
    }

    /** From now on, what is written belongs to this layer, counted from 1. */
    void beginLayer(int number) {
        layered = true;
        layer = number;
        marked = new byte[0];
    }

    /** Makes the root what an archive without an entry for it implies. */
    void begin() throws LinuxException, NodeException {
        attributes.clear(directories.root());
        directory(new byte[0], Metadata.IMPLIED);
    }

    /** A directory; one that is there keeps what is in it. */
    void directory(byte[] path, Metadata metadata) throws LinuxException, NodeException {
        try {
            boolean existed = path.length == 0;
            if (!existed) {
                byte[] name = TreePath.name(path);
                int parent = parent(path);
                existed = !makeDirectory(parent, name, path);
            }
            int fd = directories.reach(path, path.length, this::makeImplied);
            if (existed) {
                attributes.removeOthers(fd, metadata.xattrs());
            }
            Bytes defaultAcl = attributes.apply(fd, metadata, true, stat);
            inodes.directory(stat, metadata, layer, defaultAcl);
        } catch (LinuxException e) {
            throw refusal(path, e);
        }
    }

    /** @return whether it was made; false when there was a directory already */
    private boolean makeDirectory(int parent, byte[] name, byte[] path) throws LinuxException {
        while (true) {
            try {
                calls.mkdirat(parent, name, 0755);
                return true;
            } catch (LinuxException e) {
                if (!e.is(Errno.EEXIST)) {
                    throw e;
                }
            }
            calls.statx(parent, name, Abi.AT_SYMLINK_NOFOLLOW, Abi.STATX_BASIC_STATS, stat);
            if (stat.isDirectory()) {
                return false;
            }
            clear(parent, name, path);
        }
    }

    private void makeImplied(int parent, byte[] name, byte[] path) throws LinuxException {
        calls.mkdirat(parent, name, 0755);
        int fd = directories.openOne(parent, name);
        try {
            attributes.apply(fd, Metadata.IMPLIED, true, stat);
            inodes.directory(stat, Metadata.IMPLIED, layer, Bytes.EMPTY);
        } finally {
            calls.close(fd);
        }
    }

    /** Begins a regular file; its content goes to the {@link FileWriter}, which is finished by {@link #endFile}. */
    FileWriter beginFile(byte[] path, Metadata metadata, long size) throws LinuxException, NodeException {
        try {
            byte[] name = name(path);
            int parent = parent(path);
            long flags = Abi.O_WRONLY | Abi.O_CREAT | Abi.O_EXCL | Abi.O_NOFOLLOW;
            int mode = metadata.permissions() & 0777;
            int fd;
            try {
                fd = calls.openat2(parent, name, flags, mode, Abi.RESOLVE_BENEATH);
            } catch (LinuxException e) {
                if (!e.is(Errno.EEXIST)) {
                    throw e;
                }
                clear(parent, name, path);
                fd = calls.openat2(parent, name, flags, mode, Abi.RESOLVE_BENEATH);
            }
            file.begin(fd, path, metadata, size);
            return file;
        } catch (LinuxException e) {
            throw refusal(path, e);
        }
    }

    void endFile(byte[] path) throws LinuxException, NodeException {
        try {
            Bytes digest = file.finish(stat);
            inodes.file(stat, file.flags(), layer, digest);
        } catch (LinuxException e) {
            throw refusal(path, e);
        }
    }

    void symlink(byte[] path, Metadata metadata, byte[] target) throws LinuxException, NodeException {
        if (target.length == 0 || target.length > 4095) {
            throw refused(path, "is a symbolic link with a target of " + target.length + " bytes");
        }
        for (byte b : target) {
            if (b == 0) {
                throw refused(path, "is a symbolic link with a NUL byte in its target");
            }
        }
        create(path, metadata, FileType.SYMLINK, (parent, name) -> calls.symlinkat(target, parent, name));
    }

    /** A FIFO, a socket or a device node. */
    void special(byte[] path, Metadata metadata, FileType type, int major, int minor)
            throws LinuxException, NodeException {
        long device = type.isDevice() ? AllowedDevices.require(path, type, major, minor) : 0;
        int mode = type.modeBits() | (metadata.permissions() & 0777);
        create(path, metadata, type, (parent, name) -> calls.mknodat(parent, name, mode, device));
    }

    private interface Creation {
        void at(int parent, byte[] name) throws LinuxException;
    }

    private void create(byte[] path, Metadata metadata, FileType type, Creation creation)
            throws LinuxException, NodeException {
        try {
            byte[] name = name(path);
            int parent = parent(path);
            creating(parent, name, path, creation);
            attributes.applyAt(parent, name, metadata, type);
            if (layered) {
                calls.statx(parent, name, Abi.AT_SYMLINK_NOFOLLOW, Abi.STATX_BASIC_STATS, stat);
                inodes.put(stat, new StagedInodes.Known(0, layer, 0, 0, Bytes.EMPTY, 0, 0));
            }
        } catch (LinuxException e) {
            throw refusal(path, e);
        }
    }

    private void creating(int parent, byte[] name, byte[] path, Creation creation) throws LinuxException {
        try {
            creation.at(parent, name);
        } catch (LinuxException e) {
            if (!e.is(Errno.EEXIST)) {
                throw e;
            }
            clear(parent, name, path);
            creation.at(parent, name);
        }
    }

    /** One more name for a file that was written already; of a symbolic link, for the link itself. */
    void hardLink(byte[] path, byte[] target) throws LinuxException, NodeException {
        byte[] name = name(path);
        byte[] targetName = TreePath.name(target);
        if (targetName.length == 0 || Arrays.equals(path, target)) {
            throw refused(path, "is a hard link to " + TreePath.show(target));
        }
        int from = -1;
        try {
            byte[] targetParent = TreePath.parent(target);
            int reached = directories.reach(targetParent, targetParent.length, (parent, missing, whole) -> {
                throw new LinuxException("openat2", Errno.ENOENT, TreePath.show(whole));
            });
            from = directories.openOne(reached, DOT);
            calls.statx(from, targetName, Abi.AT_SYMLINK_NOFOLLOW, Abi.STATX_BASIC_STATS, stat);
            if (stat.isDirectory()) {
                throw refused(path, "is a hard link to the directory " + TreePath.show(target));
            }
            int source = from;
            creating(parent(path), name, path, (parent, own) -> calls.linkat(source, targetName, parent, own, 0));
        } catch (LinuxException e) {
            if (e.is(Errno.ENOENT)) {
                throw refused(path, "is a hard link to " + TreePath.show(target) + ", which is not there before it");
            }
            throw refusal(path, e);
        } finally {
            if (from >= 0) {
                calls.close(from);
            }
        }
    }

    /** The last component of a path that is not the root. */
    private static byte[] name(byte[] path) throws NodeException {
        if (path.length == 0) {
            throw Refusals.content("the root of the tree is not a directory");
        }
        return TreePath.name(path);
    }

    /** The descriptor of the directory that a path lies in; made when it is missing. */
    private int parent(byte[] path) throws LinuxException {
        int length = Math.max(0, TreePath.nameStart(path) - 1);
        if (layered) {
            mark(path, length);
        }
        return directories.reach(path, length, this::makeImplied);
    }

    /** Notes that this layer touches the directories on the way. */
    private void mark(byte[] path, int length) throws LinuxException {
        if (marked.length == length && Arrays.mismatch(marked, 0, length, path, 0, length) < 0) {
            return;
        }
        for (int end = 0; end <= length; end++) {
            if (end == length || (end > 0 && path[end] == '/')) {
                touch(directories.reach(path, end, this::makeImplied));
            }
        }
        marked = Arrays.copyOf(path, length);
    }

    private void touch(int fd) throws LinuxException {
        calls.statx(fd, PathBytes.EMPTY, Abi.AT_EMPTY_PATH, Abi.STATX_BASIC_STATS, stat);
        StagedInodes.Known known = inodes.get(stat);
        if (known != null && known.layer() != layer) {
            inodes.put(stat, known.inLayer(layer));
        }
    }

    OpenDirectories directories() {
        return directories;
    }

    /** Whether the file was made or touched by the layer at hand. */
    boolean isOfThisLayer(Statx of) throws LinuxException {
        StagedInodes.Known known = inodes.get(of);
        return known != null && known.layer() == layer;
    }

    /** Takes away what stands at a name: a file at once, a directory by moving it aside. */
    void clear(int parent, byte[] name, byte[] path) throws LinuxException {
        try {
            calls.unlinkat(parent, name, 0);
        } catch (LinuxException e) {
            if (e.is(Errno.EISDIR)) {
                calls.renameat2(parent, name, discarded(), number(), 0);
                directories.forget(path);
                marked = new byte[0];
            } else if (!e.is(Errno.ENOENT)) {
                throw e;
            }
        }
    }

    private byte[] number() {
        return Long.toString(discards++).getBytes(StandardCharsets.US_ASCII);
    }

    private int discarded() throws LinuxException {
        if (discarded < 0) {
            calls.mkdirat(staging, DISCARDED, 0700);
            discarded = directories.openOne(staging, DISCARDED);
        }
        return discarded;
    }

    /** What the kernel's answer means for an entry: a refusal where the entry is to blame. */
    private static LinuxException refusal(byte[] path, LinuxException e) throws NodeException {
        if (e.is(Errno.ELOOP, Errno.ENOTDIR, Errno.EXDEV)) {
            throw refused(path, "lies below something that is not a directory: a link or a file");
        }
        if (e.is(Errno.EMLINK)) {
            throw refused(path, "is one hard link more than the store's file system allows");
        }
        if (e.is(Errno.EINVAL, Errno.ENAMETOOLONG, Errno.E2BIG, Errno.ERANGE, Errno.EFBIG, Errno.EOPNOTSUPP)) {
            throw refused(path, "cannot be written to the store's file system: " + e.getMessage());
        }
        return e;
    }

    static NodeException refused(byte[] path, String why) {
        return Refusals.entry(path, why);
    }

    @Override
    public void close() {
        file.close();
        directories.close();
        if (discarded >= 0) {
            calls.close(discarded);
        }
    }
}
