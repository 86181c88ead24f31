package dev.veneer.node.execute;

import dev.veneer.api.Reason;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.LinuxException;

/** Turns a failed system call into what follows from it. */
final class Failures {
    private Failures() {}

    /**
     * That something that the store must have is not there, or is not what it must be; any other failure as it is.
     *
     * @param what it is, in words
     * @param path where it must be
     */
    static NodeException missing(LinuxException e, String what, String path) throws LinuxException {
        if (!e.is(Errno.ENOENT, Errno.ENOTDIR, Errno.ELOOP)) {
            throw e;
        }
        return new NodeException(
                Reason.Damaged,
                Follow.RETRY,
                what + " is missing in the store, or is no directory: " + path
                        + "; nothing was stopped or changed. Bring it back, or see: veneer store check",
                e);
    }

    /**
     * @param doing what was being done, in words that complete "while …"
     */
    static NodeException of(LinuxException e, String doing) {
        String message = "while " + doing + ": " + e.getMessage();
        if (e.is(Errno.ENOSPC, Errno.EDQUOT)) {
            return new NodeException(Reason.LowSpace, Follow.WAIT, message + "; make room and it goes on", e);
        }
        if (e.is(Errno.EROFS, Errno.EIO)) {
            return new NodeException(
                    Reason.StoreFaulty, Follow.WAIT, message + "; look at the disk (dmesg), nothing was made worse", e);
        }
        if (e.is(Errno.EBUSY)) {
            return new NodeException(Reason.InUse, Follow.WAIT, message, e);
        }
        return new NodeException(Reason.Failed, Follow.RETRY, message, e);
    }
}
