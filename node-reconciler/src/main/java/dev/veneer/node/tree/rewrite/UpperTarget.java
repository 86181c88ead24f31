package dev.veneer.node.tree.rewrite;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.linux.Statx;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.Identity;
import dev.veneer.node.tree.IdentityWriter;
import dev.veneer.node.tree.SafeOpen;
import dev.veneer.node.tree.TreePath;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * An overlay's upper directory. What is gone gets a whiteout; where a directory would need many and shows nothing of the
 * base, it hides the base's as a whole instead. All whiteouts are links of one, as the kernel makes them.
 */
final class UpperTarget implements Target {
    /** So many whiteouts cost more than finding out whether the directory can be opaque. */
    private static final int MANY = 8;

    private static final byte[] OPAQUE = PathBytes.of("trusted.overlay.opaque");
    private static final byte[] YES = {'y'};
    private static final int PRIVATE = 0700;

    private final LinuxCalls calls;
    private final BaseRecords base;
    private final IdentityWriter identities;
    private final Statx stat = new Statx();
    private int whiteout = -1;

    UpperTarget(LinuxCalls calls, BaseRecords base) {
        this.calls = calls;
        this.base = base;
        this.identities = new IdentityWriter(calls, true);
    }

    @Override
    public boolean isUpper() {
        return true;
    }

    @Override
    public void openDirectory(int parent, byte[] name) throws LinuxException {
        calls.mkdirat(parent, name, PRIVATE);
    }

    @Override
    public void delete(int parent, byte[] path, byte[] name, List<byte[]> whiteouts) {
        whiteouts.add(name);
    }

    @Override
    public void clear(int parent, byte[] name) {
        // a new revision is empty
    }

    @Override
    public void close(int directory, byte[] path, Identity identity, List<byte[]> whiteouts)
            throws LinuxException, NodeException {
        if (path.length > 0 && whiteouts.size() >= MANY && showsNothing(directory, path, whiteouts)) {
            calls.fsetxattr(directory, OPAQUE, YES, 0);
        } else {
            for (byte[] name : whiteouts) {
                makeWhiteout(directory, name);
            }
        }
        identities.write(directory, identity);
    }

    /** Whether every name of the base's is gone or covered by something that is not merged with it. */
    private boolean showsNothing(int directory, byte[] path, List<byte[]> whiteouts)
            throws LinuxException, NodeException {
        Set<Bytes> gone = new HashSet<>();
        whiteouts.forEach(name -> gone.add(Bytes.wrap(name)));
        for (Bytes name : base.names(path)) {
            if (!gone.contains(name)
                    && (!exists(directory, name.array())
                            || (stat.isDirectory() && base.isDirectory(TreePath.join(path, name.array()))))) {
                return false;
            }
        }
        return true;
    }

    private boolean exists(int directory, byte[] name) throws LinuxException {
        try {
            calls.statx(directory, name, Abi.AT_SYMLINK_NOFOLLOW, Abi.STATX_BASIC_STATS, stat);
            return true;
        } catch (LinuxException e) {
            if (e.is(Errno.ENOENT)) {
                return false;
            }
            throw e;
        }
    }

    private void makeWhiteout(int directory, byte[] name) throws LinuxException {
        if (whiteout >= 0) {
            try {
                calls.linkat(whiteout, PathBytes.EMPTY, directory, name, Abi.AT_EMPTY_PATH);
                return;
            } catch (LinuxException e) {
                if (!e.is(Errno.EMLINK)) {
                    throw e;
                }
                calls.close(whiteout);
                whiteout = -1;
            }
        }
        calls.mknodat(directory, name, Abi.S_IFCHR, 0);
        whiteout = calls.openat2(directory, name, Abi.O_PATH | Abi.O_NOFOLLOW, 0, SafeOpen.RESOLVE_NAME);
    }

    @Override
    public void finish() {
        if (whiteout >= 0) {
            calls.close(whiteout);
            whiteout = -1;
        }
    }
}
