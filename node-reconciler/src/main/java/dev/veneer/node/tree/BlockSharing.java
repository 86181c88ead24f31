package dev.veneer.node.tree;

import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import java.nio.ByteBuffer;

/** Whether files of a file system can share their blocks, so that a copy costs an inode rather than bytes. */
public final class BlockSharing {
    private BlockSharing() {}

    /**
     * Tries it.
     *
     * @param directory an open, empty directory, in which two files stay
     */
    public static boolean works(LinuxCalls calls, int directory) throws LinuxException {
        int from = calls.openat2(directory, PathBytes.of("from"), Abi.O_RDWR | Abi.O_CREAT | Abi.O_EXCL, 0600, 0);
        try {
            calls.pwrite(from, ByteBuffer.allocateDirect(4096), 0);
            int to = calls.openat2(directory, PathBytes.of("to"), Abi.O_RDWR | Abi.O_CREAT | Abi.O_EXCL, 0600, 0);
            try {
                calls.ioctl(to, Abi.FICLONE, from);
                return true;
            } catch (LinuxException e) {
                if (e.is(Errno.EOPNOTSUPP, Errno.ENOTTY, Errno.EINVAL, Errno.EXDEV)) {
                    return false;
                }
                throw e;
            } finally {
                calls.close(to);
            }
        } finally {
            calls.close(from);
        }
    }
}
