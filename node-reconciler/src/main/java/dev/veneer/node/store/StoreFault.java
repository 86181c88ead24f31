package dev.veneer.node.store;

import dev.veneer.api.Reason;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.LinuxException;

/** Turns an errno of a call on the store into what follows from it, with where it happened and what to do. */
public final class StoreFault {
    private StoreFault() {}

    /**
     * What follows from a call that failed.
     *
     * @param failure the call that failed
     * @param doing what was being done, for people: {@code publishing sliver default/web}
     * @param where absolute path of what it was done to
     */
    public static NodeException of(LinuxException failure, String doing, String where) {
        String what = doing + " in " + where + ": " + failure.getMessage();
        return switch (failure.errno()) {
            case Errno.EROFS ->
                new NodeException(
                        Reason.StoreFaulty,
                        Follow.WAIT,
                        what + ". The file system of the store is read-only; nothing was changed. See the kernel's log"
                                + " for why, then remount it read-write.",
                        failure);
            case Errno.EIO, Errno.ENXIO, Errno.ENODEV, Errno.EUCLEAN, Errno.ESTALE ->
                new NodeException(
                        Reason.StoreFaulty,
                        Follow.WAIT,
                        what
                                + ". The disk or its file system returns errors; nothing further is written to this object."
                                + " See the kernel's log, check the disk, then run `veneer store check`.",
                        failure);
            case Errno.ENOSPC, Errno.EDQUOT ->
                new NodeException(
                        Reason.LowSpace,
                        Follow.WAIT,
                        what + ". The store's file system is full (bytes, inodes or quota). Free some, or see"
                                + " `veneer gc --dry-run` for what could go.",
                        failure);
            case Errno.EMFILE, Errno.ENFILE, Errno.ENOMEM, Errno.EAGAIN, Errno.EINTR ->
                new NodeException(
                        Reason.Failed,
                        Follow.RETRY,
                        what + ". The machine is short of it just now; tried again.",
                        failure);
            case Errno.EBUSY ->
                new NodeException(
                        Reason.InUse,
                        Follow.WAIT,
                        what + ". Something still uses it (a mount?); see `veneer describe`.",
                        failure);
            case Errno.EPERM, Errno.EACCES ->
                new NodeException(
                        Reason.Failed,
                        Follow.STALLED,
                        what
                                + ". Veneer changes a store as root, with all capabilities; or something there is immutable"
                                + " (lsattr).",
                        failure);
            default -> new NodeException(Reason.Failed, Follow.RETRY, what, failure);
        };
    }

    /** Whether the errno says that the disk itself is the trouble, so that going on makes nothing better. */
    public static boolean isDiskTrouble(LinuxException failure) {
        return failure.is(
                Errno.EROFS,
                Errno.EIO,
                Errno.ENXIO,
                Errno.ENODEV,
                Errno.EUCLEAN,
                Errno.ESTALE,
                Errno.ENOSPC,
                Errno.EDQUOT);
    }
}
