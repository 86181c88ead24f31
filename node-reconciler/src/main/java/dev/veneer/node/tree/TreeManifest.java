package dev.veneer.node.tree;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import java.util.Arrays;

/** Makes the manifest of a real directory by reading all of it: of what was not imported, and to check what was. */
public final class TreeManifest {
    private final LinuxCalls calls;
    private final TreeLimits limits;

    public TreeManifest(LinuxCalls calls, TreeLimits limits) {
        this.calls = calls;
        this.limits = limits;
    }

    /**
     * Reads a tree and writes its manifest.
     *
     * @param root descriptor of the tree's root directory
     * @param output descriptor of an empty file, open for writing
     * @param scratchDirectory descriptor of a directory of ours where scratch files may be made
     */
    public ManifestSummary write(int root, int output, int scratchDirectory) throws LinuxException, NodeException {
        ContentHasher hasher = new ContentHasher(calls);
        IdentityReader identities = new IdentityReader(calls);
        try (LinkGroups groups = new LinkGroups(calls, scratchDirectory);
                ManifestWriter writer = new ManifestWriter(calls, output, scratchDirectory);
                InodeTable digests = new InodeTable(calls, scratchDirectory, 4096)) {
            new TreeWalker(calls, limits).walk(root, entry -> {
                byte[] first = entry.stat().isDirectory() ? null : groups.firstPath(entry.stat(), entry.path());
                Bytes content = entry.stat().isRegular() ? content(entry, hasher, digests, first != null) : Bytes.EMPTY;
                writer.add(entry.path(), identities.read(entry, content), first);
                return true;
            });
            return writer.finish();
        }
    }

    private static Bytes content(TreeWalker.Entry entry, ContentHasher hasher, InodeTable digests, boolean known)
            throws LinuxException {
        long device = entry.stat().dev();
        long inode = entry.stat().ino;
        byte[] value = known ? digests.get(device, inode) : null;
        if (value != null) {
            return Bytes.copy(value, 0, Identity.CONTENT_BYTES);
        }
        Bytes content = hasher.hash(entry.parent(), entry.name(), entry.stat().size);
        if (entry.stat().nlink > 1) {
            digests.put(device, inode, Arrays.copyOf(content.array(), InodeTable.VALUE_BYTES));
        }
        return content;
    }
}
