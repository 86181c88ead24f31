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
