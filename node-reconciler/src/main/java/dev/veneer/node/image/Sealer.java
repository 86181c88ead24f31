package dev.veneer.node.image;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.InodeFlags;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.linux.Statx;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.Identity;
import dev.veneer.node.tree.IdentityReader;
import dev.veneer.node.tree.LinkGroups;
import dev.veneer.node.tree.ManifestSummary;
import dev.veneer.node.tree.ManifestWriter;
import dev.veneer.node.tree.TreeWalker;
import dev.veneer.node.tree.XattrPolicy;

/**
 * Finishes a written tree in one walk: gives directories their times and default access control lists, sets inode
 * flags, and writes the manifest of what is really there. Contents are not read again; their digests are known.
 */
final class Sealer {
    private static final long OPEN = Abi.O_RDONLY | Abi.O_NOFOLLOW | Abi.O_NONBLOCK;

    private final ImportSession session;
    private final LinuxCalls calls;
    private final StagedInodes inodes;

    Sealer(ImportSession session, StagedInodes inodes) {
        this.session = session;
        this.calls = session.calls();
        this.inodes = inodes;
    }

    /**
     * @param staging descriptor of the staging directory
     * @param root descriptor of the tree's root in it
     * @param manifest descriptor of the empty file that gets the manifest
     */
    ManifestSummary seal(int staging, int root, int manifest) throws LinuxException, NodeException {
        IdentityReader identities = new IdentityReader(calls);
        try (LinkGroups groups = new LinkGroups(calls, staging);
                ManifestWriter writer = new ManifestWriter(calls, manifest, staging)) {
            new TreeWalker(calls, session.limits().tree()).walk(root, entry -> {
                session.checkpoint();
                Statx stat = entry.stat();
                Bytes content = Bytes.EMPTY;
                byte[] first = null;
                if (stat.isDirectory()) {
                    sealDirectory(entry);
                } else {
                    first = groups.firstPath(stat, entry.path());
                    content = stat.isRegular() ? sealFile(entry) : Bytes.EMPTY;
                }
                writer.add(entry.path(), identities.read(entry, content), first);
                return true;
            });
            return writer.finish();
        }
    }

    private void sealDirectory(TreeWalker.Entry entry) throws LinuxException {
        StagedInodes.Known known = known(entry);
        int fd = entry.directory();
        Bytes defaultAcl = inodes.defaultAcl(known);
        if (!defaultAcl.isEmpty()) {
            calls.fsetxattr(fd, XattrPolicy.ACL_DEFAULT.array(), defaultAcl.array(), 0);
        }
        long sec = known.mtimeSec();
        int nsec = known.mtimeNsec();
        calls.utimensat(fd, PathBytes.EMPTY, sec, nsec, sec, nsec, Abi.AT_EMPTY_PATH);
        if (known.flags() != 0) {
            setFlags(fd, known.flags());
        }
        // The manifest says what is there, not what was asked for.
        int fields = Abi.STATX_BASIC_STATS | Abi.STATX_MNT_ID;
        calls.statx(fd, PathBytes.EMPTY, Abi.AT_EMPTY_PATH, fields, entry.stat());
    }

    private Bytes sealFile(TreeWalker.Entry entry) throws LinuxException {
        StagedInodes.Known known = known(entry);
        if (known.flags() != 0) {
            int fd = calls.openat2(entry.parent(), entry.name(), OPEN, 0, Abi.RESOLVE_BENEATH);
            try {
                setFlags(fd, known.flags());
                int fields = Abi.STATX_BASIC_STATS | Abi.STATX_MNT_ID;
                calls.statx(fd, PathBytes.EMPTY, Abi.AT_EMPTY_PATH, fields, entry.stat());
            } finally {
                calls.close(fd);
            }
        }
        return known.digest();
    }

    private StagedInodes.Known known(TreeWalker.Entry entry) throws LinuxException {
        StagedInodes.Known known = inodes.get(entry.stat());
        if (known == null) {
            throw new IllegalStateException(Bytes.show(entry.path()) + " in staging was not written by this import");
        }
        return known;
    }

    private void setFlags(int fd, int flags) throws LinuxException {
        int wanted = InodeFlags.get(calls, fd)
                | ((flags & Identity.IMMUTABLE) != 0 ? Abi.FS_IMMUTABLE_FL : 0)
                | ((flags & Identity.APPEND_ONLY) != 0 ? Abi.FS_APPEND_FL : 0);
        InodeFlags.set(calls, fd, wanted);
    }
}
