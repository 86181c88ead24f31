package dev.veneer.node.tree.rewrite;

import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.Statx;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.Identity;
import dev.veneer.node.tree.ManifestEntry;
import dev.veneer.node.tree.TreeWalker;
import org.jspecify.annotations.Nullable;

/** A path of a view that is being visited. */
public final class ViewPath {
    private final TreeWalker.Entry entry;
    private final Identity identity;
    private final @Nullable ManifestEntry base;
    private final boolean opaque;
    private final Contents contents;

    ViewPath(
            TreeWalker.Entry entry,
            Identity identity,
            @Nullable ManifestEntry base,
            boolean opaque,
            Contents contents) {
        this.entry = entry;
        this.identity = identity;
        this.base = base;
        this.opaque = opaque;
        this.contents = contents;
    }

    /** In the tree; the root is empty. */
    public byte[] path() {
        return entry.path();
    }

    /** As seen; of a regular file without its content's digest. */
    public Identity identity() {
        return identity;
    }

    /** What the kernel says of the stored file. */
    public Statx stat() {
        return entry.stat();
    }

    /** The base's record of the path, or null when the base does not show there. */
    public @Nullable ManifestEntry base() {
        return base;
    }

    /** Bytes that it takes of the disk; of a file of several names its share of them. */
    public long allocated() {
        Statx stat = entry.stat();
        return stat.isDirectory() ? 0 : stat.blocks * 512 / Math.max(1, stat.nlink);
    }

    /** Whether it is a directory that replaced the base's of the same name, as far as the store tells. */
    public boolean isOpaque() {
        return opaque;
    }

    /** Whether type, size and content are the base's; reads the content only where the rest is the same. */
    public boolean hasContentOfBase() throws LinuxException {
        if (base == null) {
            return false;
        }
        Identity based = base.identity();
        return identity.type() == based.type()
                && identity.size() == based.size()
                && identity.target().equals(based.target())
                && identity.deviceMajor() == based.deviceMajor()
                && identity.deviceMinor() == based.deviceMinor()
                && (!entry.stat().isRegular() || identity.size() == 0 || contents.same(entry, base));
    }

    /** Whether all of its identity is the base's, but for groups of hard links. */
    public boolean isAsInBase() throws LinuxException {
        return base != null && identity.sameMetadata(base.identity()) && hasContentOfBase();
    }

    /** SHA-256 of a regular file's content, which is read. */
    public Bytes digest() throws LinuxException {
        return contents.digest(entry);
    }
}
