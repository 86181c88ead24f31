package dev.veneer.node.linux;

/**
 * What all native calls share: one native function ({@link NativeSyscall}; why one and not sixty: decision record 0001),
 * memory of the calling thread for arguments, and failures made into exceptions.
 */
abstract class NativeCalls {
    final NativeSyscall kernel = new NativeSyscall();
    final ThreadLocal<Scratch> scratch = ThreadLocal.withInitial(() -> new Scratch(kernel));
    final FailureText failure = new FailureText(kernel, scratch);

    static byte[] taken(Scratch s, long length) {
        byte[] bytes = new byte[(int) length];
        s.value().get(bytes);
        return bytes;
    }

    static long put(Scratch s, byte[] value, String call) throws LinuxException {
        if (value.length > Scratch.VALUE_MAX) {
            throw new LinuxException(call, Errno.E2BIG, value.length + " bytes");
        }
        s.value().put(value);
        return s.valueAddress();
    }

    long attribute(long result, String call, int fd, byte[] path, byte[] name) throws LinuxException {
        if (result < 0) {
            throw failure.attribute(call, result, fd, path, name);
        }
        return result;
    }

    long checked(long result, String call, int fd) throws LinuxException {
        if (result < 0) {
            throw failure.on(call, result, fd);
        }
        return result;
    }

    long checked(long result, String call, int dirfd, byte[] path) throws LinuxException {
        if (result < 0) {
            throw failure.at(call, result, dirfd, path);
        }
        return result;
    }

    void checked(long result, String call, int fromDir, byte[] from, int toDir, byte[] to) throws LinuxException {
        if (result < 0) {
            throw failure.between(call, result, fromDir, from, toDir, to);
        }
    }
}
