package dev.veneer.node.linux;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;

/** The calls on files: opening, reading, writing, names, attributes. */
abstract class NativeFileCalls extends NativeCalls implements LinuxCalls {
    private static final int OPENAT2_TRIES = 100;
    private static final int SYNC_FILE_RANGE_WRITE = 2;

    @Override
    public int openat2(int dirfd, byte[] path, long flags, int mode, long resolve) throws LinuxException {
        Scratch s = scratch.get();
        long name = s.path(0, path, "openat2");
        int at = s.structAt();
        s.memory.putLong(at, flags | Abi.O_CLOEXEC).putLong(at + 8, mode).putLong(at + 16, resolve);
        long result = -Errno.EAGAIN;
        // With RESOLVE_* the kernel answers EAGAIN when a rename anywhere raced with the walk.
        for (int tries = 0; result == -Errno.EAGAIN && tries < OPENAT2_TRIES; tries++) {
            result = kernel.call(SyscallNumbers.OPENAT2, dirfd, name, s.structAddress(), 24, 0);
        }
        return (int) checked(result, "openat2", dirfd, path);
    }

    @Override
    public void close(int fd) {
        kernel.once(SyscallNumbers.CLOSE, fd, 0, 0, 0, 0);
    }

    @Override
    public int read(int fd, ByteBuffer into) throws LinuxException {
        return fill(SyscallNumbers.READ, "read", fd, into, 0);
    }

    @Override
    public int pread(int fd, ByteBuffer into, long offset) throws LinuxException {
        return fill(SyscallNumbers.PREAD64, "pread", fd, into, offset);
    }

    @Override
    public int write(int fd, ByteBuffer from) throws LinuxException {
        return drain(SyscallNumbers.WRITE, "write", fd, from, 0);
    }

    @Override
    public int pwrite(int fd, ByteBuffer from, long offset) throws LinuxException {
        return drain(SyscallNumbers.PWRITE64, "pwrite", fd, from, offset);
    }

    @Override
    public int getdents64(int fd, ByteBuffer into) throws LinuxException {
        return fill(SyscallNumbers.GETDENTS64, "getdents64", fd, into, 0);
    }

    /** A reading call: straight into a direct buffer, through the thread's own memory into one on the heap. */
    private int fill(long number, String call, int fd, ByteBuffer into, long offset) throws LinuxException {
        if (into.isDirect()) {
            int done = (int) checked(direct(number, fd, into, offset), call, fd);
            into.position(into.position() + done);
            return done;
        }
        Scratch s = scratch.get();
        int room = Math.min(into.remaining(), Scratch.VALUE_MAX);
        int done = (int) checked(kernel.call(number, fd, s.valueAddress(), room, offset, 0), call, fd);
        into.put(s.value().limit(done));
        return done;
    }

    private long direct(long number, int fd, ByteBuffer buffer, long offset) {
        try {
            long address = kernel.address(buffer) + buffer.position();
            return kernel.call(number, fd, address, buffer.remaining(), offset, 0);
        } finally {
            Reference.reachabilityFence(buffer);
        }
    }

    private int drain(long number, String call, int fd, ByteBuffer from, long offset) throws LinuxException {
        if (from.isDirect()) {
            int done = (int) checked(direct(number, fd, from, offset), call, fd);
            from.position(from.position() + done);
            return done;
        }
        Scratch s = scratch.get();
        int length = Math.min(from.remaining(), Scratch.VALUE_MAX);
        s.value().put(from.slice(from.position(), length));
        int done = (int) checked(kernel.call(number, fd, s.valueAddress(), length, offset, 0), call, fd);
        from.position(from.position() + done);
        return done;
    }

    @Override
    public long lseek(int fd, long offset, int whence) throws LinuxException {
        return checked(kernel.call(SyscallNumbers.LSEEK, fd, offset, whence, 0, 0), "lseek", fd);
    }

    @Override
    public void ftruncate(int fd, long length) throws LinuxException {
        checked(kernel.call(SyscallNumbers.FTRUNCATE, fd, length, 0, 0, 0), "ftruncate", fd);
    }

    @Override
    public long copyFileRange(int in, long inOffset, int out, long outOffset, long length) throws LinuxException {
        Scratch s = scratch.get();
        int at = s.structAt();
        s.memory.putLong(at, inOffset).putLong(at + 8, outOffset);
        long offsets = s.structAddress();
        return checked(kernel.copyFileRange(in, offsets, out, offsets + 8, length), "copy_file_range", out);
    }

    @Override
    public void mkdirat(int dirfd, byte[] path, int mode) throws LinuxException {
        long name = scratch.get().path(0, path, "mkdirat");
        checked(kernel.call(SyscallNumbers.MKDIRAT, dirfd, name, mode, 0, 0), "mkdirat", dirfd, path);
    }

    @Override
    public void unlinkat(int dirfd, byte[] path, int flags) throws LinuxException {
        long name = scratch.get().path(0, path, "unlinkat");
        checked(kernel.call(SyscallNumbers.UNLINKAT, dirfd, name, flags, 0, 0), "unlinkat", dirfd, path);
    }

    @Override
    public void renameat2(int fromDir, byte[] from, int toDir, byte[] to, int flags) throws LinuxException {
        Scratch s = scratch.get();
        long source = s.path(0, from, "renameat2");
        long target = s.path(1, to, "renameat2");
        long result = kernel.call(SyscallNumbers.RENAMEAT2, fromDir, source, toDir, target, flags);
        checked(result, "renameat2", fromDir, from, toDir, to);
    }

    @Override
    public void linkat(int fromDir, byte[] from, int toDir, byte[] to, int flags) throws LinuxException {
        Scratch s = scratch.get();
        long source = s.path(0, from, "linkat");
        long target = s.path(1, to, "linkat");
        long result = kernel.call(SyscallNumbers.LINKAT, fromDir, source, toDir, target, flags);
        checked(result, "linkat", fromDir, from, toDir, to);
    }

    @Override
    public void symlinkat(byte[] target, int dirfd, byte[] path) throws LinuxException {
        Scratch s = scratch.get();
        long content = s.path(0, target, "symlinkat");
        long name = s.path(1, path, "symlinkat");
        checked(kernel.call(SyscallNumbers.SYMLINKAT, content, dirfd, name, 0, 0), "symlinkat", dirfd, path);
    }

    @Override
    public byte[] readlinkat(int dirfd, byte[] path) throws LinuxException {
        Scratch s = scratch.get();
        long name = s.path(0, path, "readlinkat");
        long result = kernel.call(SyscallNumbers.READLINKAT, dirfd, name, s.valueAddress(), Scratch.VALUE_MAX, 0);
        return taken(s, checked(result, "readlinkat", dirfd, path));
    }

    @Override
    public void mknodat(int dirfd, byte[] path, int mode, long dev) throws LinuxException {
        if (dev < 0 || dev > 0xffff_ffffL) {
            throw new LinuxException("mknodat", Errno.EINVAL, PathBytes.show(path) + " (device number " + dev + ")");
        }
        long name = scratch.get().path(0, path, "mknodat");
        checked(kernel.call(SyscallNumbers.MKNODAT, dirfd, name, mode, dev, 0), "mknodat", dirfd, path);
    }

    @Override
    public void fchownat(int dirfd, byte[] path, int uid, int gid, int flags) throws LinuxException {
        long name = scratch.get().path(0, path, "fchownat");
        checked(kernel.call(SyscallNumbers.FCHOWNAT, dirfd, name, uid, gid, flags), "fchownat", dirfd, path);
    }

    @Override
    public void fchmodat(int dirfd, byte[] path, int mode) throws LinuxException {
        long name = scratch.get().path(0, path, "fchmodat");
        checked(kernel.call(SyscallNumbers.FCHMODAT, dirfd, name, mode, 0, 0), "fchmodat", dirfd, path);
    }

    @Override
    public void fchmod(int fd, int mode) throws LinuxException {
        checked(kernel.call(SyscallNumbers.FCHMOD, fd, mode, 0, 0, 0), "fchmod", fd);
    }

    @Override
    public void utimensat(int dirfd, byte[] path, long atimeSec, int atimeNsec, long mtimeSec, int mtimeNsec, int flags)
            throws LinuxException {
        Scratch s = scratch.get();
        long name = s.path(0, path, "utimensat");
        int at = s.structAt();
        s.memory.putLong(at, atimeSec).putLong(at + 8, atimeNsec);
        s.memory.putLong(at + 16, mtimeSec).putLong(at + 24, mtimeNsec);
        long result = kernel.call(SyscallNumbers.UTIMENSAT, dirfd, name, s.structAddress(), flags, 0);
        checked(result, "utimensat", dirfd, path);
    }

    @Override
    public void statx(int dirfd, byte[] path, int flags, int mask, Statx into) throws LinuxException {
        Scratch s = scratch.get();
        long name = s.path(0, path, "statx");
        checked(kernel.call(SyscallNumbers.STATX, dirfd, name, flags, mask, s.structAddress()), "statx", dirfd, path);
        into.fill(s.memory, s.structAt());
    }

    @Override
    public byte[] fgetxattr(int fd, byte[] name) throws LinuxException {
        Scratch s = scratch.get();
        long key = s.path(0, name, "fgetxattr");
        long result = kernel.call(SyscallNumbers.FGETXATTR, fd, key, s.valueAddress(), Scratch.VALUE_MAX, 0);
        return taken(s, attribute(result, "fgetxattr", fd, PathBytes.EMPTY, name));
    }

    @Override
    public byte[] lgetxattr(byte[] path, byte[] name) throws LinuxException {
        Scratch s = scratch.get();
        long file = s.path(0, path, "lgetxattr");
        long key = s.path(1, name, "lgetxattr");
        long result = kernel.call(SyscallNumbers.LGETXATTR, file, key, s.valueAddress(), Scratch.VALUE_MAX, 0);
        return taken(s, attribute(result, "lgetxattr", Abi.AT_FDCWD, path, name));
    }

    @Override
    public void fsetxattr(int fd, byte[] name, byte[] value, int flags) throws LinuxException {
        Scratch s = scratch.get();
        long key = s.path(0, name, "fsetxattr");
        long from = put(s, value, "fsetxattr");
        long result = kernel.call(SyscallNumbers.FSETXATTR, fd, key, from, value.length, flags);
        attribute(result, "fsetxattr", fd, PathBytes.EMPTY, name);
    }

    @Override
    public void lsetxattr(byte[] path, byte[] name, byte[] value, int flags) throws LinuxException {
        Scratch s = scratch.get();
        long file = s.path(0, path, "lsetxattr");
        long key = s.path(1, name, "lsetxattr");
        long from = put(s, value, "lsetxattr");
        long result = kernel.call(SyscallNumbers.LSETXATTR, file, key, from, value.length, flags);
        attribute(result, "lsetxattr", Abi.AT_FDCWD, path, name);
    }

    @Override
    public void fremovexattr(int fd, byte[] name) throws LinuxException {
        long key = scratch.get().path(0, name, "fremovexattr");
        long result = kernel.call(SyscallNumbers.FREMOVEXATTR, fd, key, 0, 0, 0);
        attribute(result, "fremovexattr", fd, PathBytes.EMPTY, name);
    }

    @Override
    public byte[] flistxattr(int fd) throws LinuxException {
        Scratch s = scratch.get();
        long result = kernel.call(SyscallNumbers.FLISTXATTR, fd, s.valueAddress(), Scratch.VALUE_MAX, 0, 0);
        return taken(s, checked(result, "flistxattr", fd));
    }

    @Override
    public byte[] llistxattr(byte[] path) throws LinuxException {
        Scratch s = scratch.get();
        long file = s.path(0, path, "llistxattr");
        long result = kernel.call(SyscallNumbers.LLISTXATTR, file, s.valueAddress(), Scratch.VALUE_MAX, 0, 0);
        return taken(s, checked(result, "llistxattr", Abi.AT_FDCWD, path));
    }

    @Override
    public void fsync(int fd) throws LinuxException {
        checked(kernel.call(SyscallNumbers.FSYNC, fd, 0, 0, 0, 0), "fsync", fd);
    }

    @Override
    public void startWriting(int fd) throws LinuxException {
        long result = kernel.call(SyscallNumbers.SYNC_FILE_RANGE, fd, 0, 0, SYNC_FILE_RANGE_WRITE, 0);
        checked(result, "sync_file_range", fd);
    }

    @Override
    public void syncfs(int fd) throws LinuxException {
        checked(kernel.call(SyscallNumbers.SYNCFS, fd, 0, 0, 0, 0), "syncfs", fd);
    }

    @Override
    public Statfs fstatfs(int fd) throws LinuxException {
        Scratch s = scratch.get();
        checked(kernel.call(SyscallNumbers.FSTATFS, fd, s.structAddress(), 0, 0, 0), "fstatfs", fd);
        return Statfs.from(s.memory, s.structAt());
    }

    @Override
    public void flock(int fd, int operation) throws LinuxException {
        checked(kernel.call(SyscallNumbers.FLOCK, fd, operation, 0, 0, 0), "flock", fd);
    }

    @Override
    public int ioctl(int fd, long request, ByteBuffer argument) throws LinuxException {
        if (argument.isDirect()) {
            try {
                long result = kernel.call(SyscallNumbers.IOCTL, fd, request, kernel.address(argument), 0, 0);
                return (int) checked(result, "ioctl", fd);
            } finally {
                Reference.reachabilityFence(argument);
            }
        }
        if (argument.capacity() > Scratch.VALUE_MAX) {
            throw new LinuxException("ioctl", Errno.E2BIG, "a buffer this large has to be direct");
        }
        Scratch s = scratch.get();
        s.value().put(argument.slice(0, argument.capacity()));
        long result = kernel.call(SyscallNumbers.IOCTL, fd, request, s.valueAddress(), 0, 0);
        if (!argument.isReadOnly()) {
            argument.duplicate().clear().put(s.value().limit(argument.capacity()));
        }
        return (int) checked(result, "ioctl", fd);
    }

    @Override
    public int ioctl(int fd, long request, long argument) throws LinuxException {
        return (int) checked(kernel.call(SyscallNumbers.IOCTL, fd, request, argument, 0, 0), "ioctl", fd);
    }
}
