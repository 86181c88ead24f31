package dev.veneer.node.execute;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.tree.TreeLimits;
import dev.veneer.node.tree.TreeWalker;

/**
 * Whether an overlay shows an upper layer the same when it is mounted as a lower one.
 *
 * <p>It does, but for two notes. That a file is immutable or may only be appended to ({@code protattr}) is read in upper
 * layers alone. And of a directory that is said to hold whiteouts in the form that only lower layers have
 * ({@code opaque=x}), a lower layer always leaves out what it cannot give, instead of saying that it cannot.
 */
final class LowerForm {
    private static final byte[] OPAQUE = PathBytes.of("trusted.overlay.opaque");
    private static final byte[] PROTECTED = PathBytes.of("trusted.overlay.protattr");
    private static final byte[] SELF = {'.'};

    private LowerForm() {}

    /** Whether it is so for the layer at an open directory. */
    static boolean isSeenTheSame(LinuxCalls calls, int upper) throws LinuxException, NodeException {
        boolean[] other = new boolean[1];
        TreeWalker.beside(calls, TreeLimits.DEFAULT).walk(upper, entry -> {
            if (!other[0]) {
                byte[] path = PathBytes.below(entry.parent(), entry.name().length == 0 ? SELF : entry.name());
                byte[] opaque = entry.stat().isDirectory() ? note(calls, path, OPAQUE) : PathBytes.EMPTY;
                other[0] = (opaque.length > 0 && opaque[0] != 'y') || note(calls, path, PROTECTED).length > 0;
            }
            return !other[0];
        });
        return !other[0];
    }

    private static byte[] note(LinuxCalls calls, byte[] path, byte[] name) throws LinuxException {
        try {
            return calls.lgetxattr(path, name);
        } catch (LinuxException e) {
            if (e.is(Errno.ENODATA, Errno.EOPNOTSUPP) || TreeWalker.isAbsence(e)) {
                return PathBytes.EMPTY;
            }
            throw e;
        }
    }
}
