package dev.veneer.node.tree.rewrite;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.InodeFlags;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.Statx;
import dev.veneer.node.tree.Identity;
import dev.veneer.node.tree.IdentityWriter;
import dev.veneer.node.tree.TreeRemover;
import dev.veneer.node.tree.XattrPolicy;
import java.util.List;

/** A whole tree that begins as a clone of the base. */
final class TreeTarget implements Target {
    private static final int PRIVATE = 0700;

    private final LinuxCalls calls;
    private final TreeRemover remover;
    private final IdentityWriter identities;
    private final String shownAs;
    private final Statx stat = new Statx();

    /** @param shownAs path of the tree, for messages */
    TreeTarget(LinuxCalls calls, String shownAs) {
        this.calls = calls;
        this.remover = new TreeRemover(calls);
        this.identities = new IdentityWriter(calls, false);
        this.shownAs = shownAs;
    }

    @Override
    public boolean isUpper() {
        return false;
    }

    @Override
    public void openDirectory(int parent, byte[] name) throws LinuxException, NodeException {
        try {
            calls.mkdirat(parent, name, PRIVATE);
            return;
        } catch (LinuxException e) {
            if (!e.is(Errno.EEXIST)) {
                throw e;
            }
        }
        calls.statx(parent, name, Abi.AT_SYMLINK_NOFOLLOW, Abi.STATX_BASIC_STATS, stat);
        if (!stat.isDirectory()) {
            remover.remove(parent, name, shownAs);
            calls.mkdirat(parent, name, PRIVATE);
        }
    }

    /** An open directory that was there: neither protected nor handing its access control list to what comes into it. */
    void loosen(int directory) throws LinuxException {
        int flags = InodeFlags.get(calls, directory);
        if ((flags & InodeFlags.IDENTITY) != 0) {
            InodeFlags.set(calls, directory, flags & ~InodeFlags.IDENTITY);
        }
        try {
            calls.fremovexattr(directory, XattrPolicy.ACL_DEFAULT.array());
        } catch (LinuxException e) {
            if (!e.is(Errno.ENODATA, Errno.EOPNOTSUPP)) {
                throw e;
            }
        }
    }

    @Override
    public void delete(int parent, byte[] path, byte[] name, List<byte[]> whiteouts)
            throws LinuxException, NodeException {
        remover.remove(parent, name, shownAs);
    }

    @Override
    public void clear(int parent, byte[] name) throws LinuxException, NodeException {
        remover.remove(parent, name, shownAs);
    }

    @Override
    public void close(int directory, byte[] path, Identity identity, List<byte[]> whiteouts) throws LinuxException {
        identities.write(directory, identity);
    }
}
