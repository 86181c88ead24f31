package dev.veneer.node.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The inode flags that {@code chattr} shows; of them, Veneer knows immutable and append-only. */
public final class InodeFlags {
    /** Those that belong to a file's identity, and that stand in the way of its removal. */
    public static final int IDENTITY = Abi.FS_IMMUTABLE_FL | Abi.FS_APPEND_FL;

    private InodeFlags() {}

    /** All flags of an open file or directory; 0 where the file system has none. */
    public static int get(LinuxCalls calls, int fd) throws LinuxException {
        ByteBuffer flags = ByteBuffer.allocateDirect(8).order(ByteOrder.nativeOrder());
        try {
            calls.ioctl(fd, Abi.FS_IOC_GETFLAGS, flags);
        } catch (LinuxException e) {
            if (e.is(Errno.ENOTTY, Errno.EOPNOTSUPP, Errno.EINVAL)) {
                return 0;
            }
            throw e;
        }
        return flags.getInt(0);
    }

    /** Sets all flags. */
    public static void set(LinuxCalls calls, int fd, int flags) throws LinuxException {
        ByteBuffer argument = ByteBuffer.allocateDirect(8).order(ByteOrder.nativeOrder());
        argument.putInt(0, flags);
        calls.ioctl(fd, Abi.FS_IOC_SETFLAGS, argument);
    }
}
