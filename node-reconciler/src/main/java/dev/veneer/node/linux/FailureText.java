package dev.veneer.node.linux;

import java.nio.ByteBuffer;

/**
 * Makes exceptions that name what a call was about: a descriptor is shown as the path that the kernel knows for it, so
 * that a message tells where it happened. All of it only on the way to an exception.
 */
final class FailureText {
    private static final int LOG_MAX = 4096;

    private final NativeSyscall kernel;
    private final ThreadLocal<Scratch> scratch;

    FailureText(NativeSyscall kernel, ThreadLocal<Scratch> scratch) {
        this.kernel = kernel;
        this.scratch = scratch;
    }

    /** A call on a descriptor. */
    LinuxException on(String call, long result, int fd) {
        return new LinuxException(call, (int) -result, descriptor(fd));
    }

    /** A call on a name in a directory. */
    LinuxException at(String call, long result, int dirfd, byte[] path) {
        return new LinuxException(call, (int) -result, place((int) -result, dirfd, path));
    }

    /** A call on two names. */
    LinuxException between(String call, long result, int fromDir, byte[] from, int toDir, byte[] to) {
        int errno = (int) -result;
        return new LinuxException(call, errno, place(errno, fromDir, from) + " -> " + place(errno, toDir, to));
    }

    /** A call on an extended attribute. */
    LinuxException attribute(String call, long result, int fd, byte[] path, byte[] name) {
        int errno = (int) -result;
        return new LinuxException(call, errno, PathBytes.show(name) + " of " + place(errno, fd, path));
    }

    /** A refused mount parameter, with the kernel's own words where it left some in the context's log. */
    LinuxException fsconfig(long result, int fd, byte[] key, String value) {
        String subject = PathBytes.show(key) + (value.isEmpty() ? "" : "=" + value);
        String log = log(fd);
        return new LinuxException("fsconfig", (int) -result, subject + (log.isEmpty() ? "" : " [" + log + "]"));
    }

    /** The messages that wait in a mount context, one a read, without their level letter; "" when there are none. */
    private String log(int fd) {
        Scratch s = scratch.get();
        StringBuilder text = new StringBuilder();
        for (int lines = 0; lines < 16; lines++) {
            long length = kernel.call(SyscallNumbers.READ, fd, s.valueAddress(), LOG_MAX, 0, 0);
            if (length <= 0) {
                break;
            }
            byte[] line = new byte[(int) length];
            s.value().get(line);
            text.append(text.length() == 0 ? "" : "; ")
                    .append(PathBytes.show(line).replace("\\x0a", ""));
        }
        return text.toString();
    }

    private String place(int errno, int dirfd, byte[] path) {
        boolean absolute = path.length > 0 && path[0] == '/';
        // ENODATA and EAGAIN are answers rather than failures, and frequent: not worth a look-up.
        if (absolute || dirfd == Abi.AT_FDCWD || errno == Errno.ENODATA || errno == Errno.EAGAIN) {
            return PathBytes.show(path);
        }
        return path.length == 0 ? descriptor(dirfd) : descriptor(dirfd) + "/" + PathBytes.show(path);
    }

    /** The path of an open file, or {@code fd N} where there is none. */
    String descriptor(int fd) {
        byte[] link = PathBytes.ofDescriptor(fd);
        Scratch s = scratch.get();
        ByteBuffer buffer = s.value();
        buffer.put(link).put((byte) 0);
        long address = s.valueAddress();
        long length = kernel.call(SyscallNumbers.READLINKAT, Abi.AT_FDCWD, address, address + 64, LOG_MAX, 0);
        if (fd < 0 || length <= 0) {
            return "fd " + fd;
        }
        byte[] path = new byte[(int) length];
        s.value().position(64).get(path);
        return PathBytes.show(path);
    }
}
