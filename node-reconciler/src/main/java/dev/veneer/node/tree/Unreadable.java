package dev.veneer.node.tree;

import dev.veneer.api.Reason;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.LinuxException;

/** What overlayfs answers for a path whose notes in the upper directory make no sense to it. */
public final class Unreadable {
    private Unreadable() {}

    /** Whether the kernel said that it has no view of a path, rather than that there is none. */
    public static boolean is(LinuxException e) {
        return e.is(Errno.EIO, Errno.ESTALE, Errno.EPERM);
    }

    /** The refusal, with what to do. */
    public static NodeException refused(byte[] path, LinuxException e) {
        return new NodeException(Reason.Damaged, Follow.STALLED, text(path, e), e);
    }

    /** The same beside programs, of which it may only say that they changed something: to be looked at again. */
    public static NodeException perhaps(byte[] path, LinuxException e) {
        return new NodeException(Reason.InUse, Follow.RETRY, text(path, e), e);
    }

    /** Whether it is the kind of {@link #refused} that goes by itself where only a change was seen. */
    public static boolean isPerhaps(NodeException e) {
        return e.reason() == Reason.InUse && e.getCause() instanceof LinuxException cause && is(cause);
    }

    /** What did not go by itself. */
    public static NodeException lasting(NodeException perhaps) {
        String message = String.valueOf(perhaps.getMessage());
        return perhaps.getCause() instanceof LinuxException cause
                ? new NodeException(Reason.Damaged, Follow.STALLED, message, cause)
                : new NodeException(Reason.Damaged, Follow.STALLED, message);
    }

    private static String text(byte[] path, LinuxException e) {
        return TreePath.show(path) + " cannot be read, the kernel says " + Errno.describe(e.errno())
                + ": what an overlay noted there leads nowhere (as trusted.overlay.metacopy does without a file"
                + " below, and trusted.overlay.origin or redirect of which there are two), or the disk is at fault; mend"
                + " it in the store's upper directory, or restore it from a backup";
    }
}
