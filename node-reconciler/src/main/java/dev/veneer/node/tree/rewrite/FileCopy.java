package dev.veneer.node.tree.rewrite;

import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.Statx;
import dev.veneer.node.tree.FileContent;
import dev.veneer.node.tree.Identity;
import dev.veneer.node.tree.IdentityWriter;
import dev.veneer.node.tree.InodePaths;
import dev.veneer.node.tree.LayerEntry;
import dev.veneer.node.tree.LongPath;
import dev.veneer.node.tree.SafeOpen;
import dev.veneer.node.tree.TreePath;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Puts files of one tree into another: linked where that is allowed and possible, else copied with their identity, by
 * the cheapest means. Files of several names stay one file.
 */
final class FileCopy implements AutoCloseable {
    /**
     * Files of more names are copied once and not linked: each name would count twice while both revisions are there, and
     * a file of which only some names could be linked (ext4 and btrfs know some 65,000) would become two.
     */
    private static final int MANY_NAMES = 20_000;

    /** In place of the first path of a file whose names are all links of the source's own. */
    private static final byte[] LINKED = {};

    private final LinuxCalls calls;
    private final Source source;
    private final int root;
    private final SafeOpen open;
    private final FileContent content;
    private final IdentityWriter identities;
    private final InodePaths firstPaths;
    private final Statx stat = new Statx();
    private boolean links;
    private long count;
    private long copiedBytes;

    /**
     * @param root of the tree that the files come into, open
     * @param upper whether that is an overlay's upper directory
     * @param scratchDirectory a directory of ours where scratch files may be made
     */
    FileCopy(LinuxCalls calls, Source source, int root, boolean upper, int scratchDirectory) {
        this.firstPaths = new InodePaths(calls, scratchDirectory);
        this.calls = calls;
        this.source = source;
        this.root = root;
        this.open = new SafeOpen(calls);
        this.content = new FileContent(calls);
        this.identities = new IdentityWriter(calls, upper);
        this.links = source.linkable() && source.upper() == upper;
    }

    long count() {
        return count;
    }

    long copiedBytes() {
        return copiedBytes;
    }

    /**
     * Makes a file that is not there yet.
     *
     * @param path of the new one in its tree
     * @return its identity without its content's digest, or null when it is a further name of one that was made
     */
    @Nullable
    Identity make(int fromDirectory, byte[] fromName, int toDirectory, byte[] path) throws LinuxException {
        byte[] name = TreePath.name(path);
        count++;
        calls.statx(fromDirectory, fromName, Abi.AT_SYMLINK_NOFOLLOW, Abi.STATX_BASIC_STATS, stat);
        boolean several = stat.nlink > 1;
        long device = stat.dev();
        long inode = stat.ino;
        byte[] first = several ? firstPaths.get(stat) : null;
        boolean linked = first != null && first.length == 0;
        boolean mayLink = links && (linked || (first == null && stat.nlink <= MANY_NAMES));
        if (mayLink && linked(fromDirectory, fromName, toDirectory, name)) {
            if (several && !linked) {
                firstPaths.put(device, inode, LINKED);
            }
            return null;
        }
        if (several) {
            if (first == null) {
                firstPaths.put(device, inode, path);
            } else if (linked) {
                throw new LinuxException("linkat", Errno.EMLINK, TreePath.show(path) + ", one of " + stat.nlink);
            } else {
                LongPath.withParent(
                        calls, root, first, (directory, last) -> calls.linkat(directory, last, toDirectory, name, 0));
                return null;
            }
        }
        Identity identity = LayerEntry.read(calls, source.upper(), fromDirectory, fromName, stat)
                .identity();
        put(fromDirectory, fromName, toDirectory, name, identity);
        return identity;
    }

    private void put(int fromDirectory, byte[] fromName, int toDirectory, byte[] name, Identity identity)
            throws LinuxException {
        switch (identity.type()) {
            case REGULAR -> regular(fromDirectory, fromName, toDirectory, name, identity);
            case SYMLINK -> {
                calls.symlinkat(identity.target().array(), toDirectory, name);
                identities.write(toDirectory, name, identity);
            }
            default -> {
                calls.mknodat(toDirectory, name, identity.type().modeBits() | 0600, device(identity));
                identities.write(toDirectory, name, identity);
            }
        }
    }

    /** Makes a file that is not there yet by a recipe. */
    @Nullable
    Identity make(Recipe recipe, Descent store, int toDirectory, byte[] path) throws LinuxException {
        byte[] name = TreePath.name(path);
        if (recipe instanceof Recipe.Moved moved) {
            byte[] there = moved.path().array();
            return make(store.parentOf(there), TreePath.name(there), toDirectory, path);
        }
        count++;
        if (recipe instanceof Recipe.Content written) {
            write(written, toDirectory, name);
            return written.identity();
        }
        if (!(recipe instanceof Recipe.Copy copy)) {
            throw new IllegalStateException("a file cannot be made as " + recipe);
        }
        int from = source.place(copy.from());
        LongPath.withParent(
                calls,
                from,
                copy.path().array(),
                (directory, last) -> put(directory, last, toDirectory, name, copy.identity()));
        return copy.identity();
    }

    private void write(Recipe.Content written, int toDirectory, byte[] name) throws LinuxException {
        int to = calls.openat2(toDirectory, name, Abi.O_RDWR | Abi.O_CREAT | Abi.O_EXCL, 0600, SafeOpen.RESOLVE_NAME);
        try {
            byte[] bytes = written.content().array();
            ByteBuffer buffer = ByteBuffer.allocateDirect(Math.min(Math.max(1, bytes.length), 256 * 1024));
            for (int at = 0; at < bytes.length; ) {
                buffer.clear();
                buffer.put(bytes, at, Math.min(buffer.capacity(), bytes.length - at))
                        .flip();
                while (buffer.hasRemaining()) {
                    at += calls.pwrite(to, buffer, at);
                }
            }
            copiedBytes += bytes.length;
            identities.write(to, written.identity());
        } finally {
            calls.close(to);
        }
    }

    private boolean linked(int fromDirectory, byte[] fromName, int toDirectory, byte[] name) throws LinuxException {
        try {
            calls.linkat(fromDirectory, fromName, toDirectory, name, 0);
            return true;
        } catch (LinuxException e) {
            if (e.is(Errno.EXDEV)) {
                links = false;
            } else if (!e.is(Errno.EMLINK, Errno.EPERM)) {
                throw e;
            }
            return false;
        }
    }

    private void regular(int fromDirectory, byte[] fromName, int toDirectory, byte[] name, Identity identity)
            throws LinuxException {
        int from = open.regular(fromDirectory, fromName, stat);
        try {
            int to = calls.openat2(
                    toDirectory, name, Abi.O_RDWR | Abi.O_CREAT | Abi.O_EXCL, 0600, SafeOpen.RESOLVE_NAME);
            try {
                content.copy(from, identity.size(), to);
                copiedBytes += identity.size();
                identities.write(to, identity);
            } finally {
                calls.close(to);
            }
        } finally {
            calls.close(from);
        }
    }

    @Override
    public void close() {
        firstPaths.close();
    }

    /** As glibc's {@code makedev} encodes it. */
    private static long device(Identity identity) {
        long major = identity.deviceMajor() & 0xffffffffL;
        long minor = identity.deviceMinor() & 0xffffffffL;
        return (major & 0xfff) << 8 | (major & ~0xfffL) << 32 | (minor & 0xff) | (minor & ~0xffL) << 12;
    }
}
