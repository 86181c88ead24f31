package dev.veneer.node.linux;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;

/**
 * The real system calls, by way of one native function ({@link NativeSyscall}; why one and not sixty: decision record
 * 0001). Safe for many threads at once: arguments lie in memory of the calling thread, and errno is saved per thread.
 */
public final class JnrLinuxCalls implements LinuxCalls {
    private static final int FSCONFIG_SET_FLAG = 0;
    private static final int FSCONFIG_SET_STRING = 1;
    private static final int FSCONFIG_SET_FD = 5;
    private static final int FSCONFIG_CMD_CREATE = 6;
    private static final int CLOEXEC_ONE = 1;
    private static final int CAPABILITY_VERSION_3 = 0x20080522;
    private static final int OPENAT2_TRIES = 100;
    private static final int POLL_MAX = Scratch.STRUCT_MAX / 8 - 2;
    private static final int PAGE = 4096;

    private final NativeSyscall kernel = new NativeSyscall();
    private final ThreadLocal<Scratch> scratch = ThreadLocal.withInitial(() -> new Scratch(kernel));
    private final FailureText failure = new FailureText(kernel, scratch);

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

    @Override
    public int openTree(int dirfd, byte[] path, int flags) throws LinuxException {
        long name = scratch.get().path(0, path, "open_tree");
        long result = kernel.call(SyscallNumbers.OPEN_TREE, dirfd, name, flags | Abi.O_CLOEXEC, 0, 0);
        return (int) checked(result, "open_tree", dirfd, path);
    }

    @Override
    public void moveMount(int fromDir, byte[] from, int toDir, byte[] to, int flags) throws LinuxException {
        Scratch s = scratch.get();
        long source = s.path(0, from, "move_mount");
        long target = s.path(1, to, "move_mount");
        long result = kernel.call(SyscallNumbers.MOVE_MOUNT, fromDir, source, toDir, target, flags);
        checked(result, "move_mount", fromDir, from, toDir, to);
    }

    @Override
    public void mountSetattr(int dirfd, byte[] path, int flags, long set, long clear, long propagation, int userns)
            throws LinuxException {
        Scratch s = scratch.get();
        long name = s.path(0, path, "mount_setattr");
        int at = s.structAt();
        s.memory.putLong(at, set).putLong(at + 8, clear).putLong(at + 16, propagation);
        s.memory.putLong(at + 24, Math.max(userns, 0));
        long result = kernel.call(SyscallNumbers.MOUNT_SETATTR, dirfd, name, flags, s.structAddress(), 32);
        checked(result, "mount_setattr", dirfd, path);
    }

    @Override
    public int fsopen(byte[] fstype) throws LinuxException {
        long name = scratch.get().path(0, fstype, "fsopen");
        long result = kernel.call(SyscallNumbers.FSOPEN, name, CLOEXEC_ONE, 0, 0, 0);
        return (int) checked(result, "fsopen", Abi.AT_FDCWD, fstype);
    }

    @Override
    public void fsconfigString(int fd, byte[] key, byte[] value) throws LinuxException {
        Scratch s = scratch.get();
        long name = s.path(0, key, "fsconfig");
        long text = s.path(1, value, "fsconfig");
        long result = kernel.call(SyscallNumbers.FSCONFIG, fd, FSCONFIG_SET_STRING, name, text, 0);
        if (result < 0) {
            throw failure.fsconfig(result, fd, key, PathBytes.show(value));
        }
    }

    @Override
    public void fsconfigFlag(int fd, byte[] key) throws LinuxException {
        fsconfig(fd, FSCONFIG_SET_FLAG, key, 0);
    }

    @Override
    public void fsconfigFd(int fd, byte[] key, int value) throws LinuxException {
        fsconfig(fd, FSCONFIG_SET_FD, key, value);
    }

    private void fsconfig(int fd, int command, byte[] key, int aux) throws LinuxException {
        long name = scratch.get().path(0, key, "fsconfig");
        long result = kernel.call(SyscallNumbers.FSCONFIG, fd, command, name, 0, aux);
        if (result < 0) {
            throw failure.fsconfig(result, fd, key, command == FSCONFIG_SET_FD ? failure.descriptor(aux) : "");
        }
    }

    @Override
    public void fsconfigCreate(int fd) throws LinuxException {
        long result = kernel.call(SyscallNumbers.FSCONFIG, fd, FSCONFIG_CMD_CREATE, 0, 0, 0);
        if (result < 0) {
            throw failure.fsconfig(result, fd, PathBytes.of("create"), "");
        }
    }

    @Override
    public int fsmount(int fd, int attributes) throws LinuxException {
        long result = kernel.call(SyscallNumbers.FSMOUNT, fd, CLOEXEC_ONE, attributes, 0, 0);
        return (int) checked(result, "fsmount", fd);
    }

    @Override
    public void mount(byte[] source, byte[] target, byte[] fstype, long flags, byte[] data) throws LinuxException {
        // The kernel cuts longer data silently, which may mount something else than was asked for.
        if (data.length >= PAGE - 1) {
            throw new LinuxException("mount", Errno.E2BIG, PathBytes.show(target) + " (options over one page)");
        }
        Scratch s = scratch.get();
        long from = s.path(0, source, "mount");
        long to = s.path(1, target, "mount");
        long type = s.path(2, fstype, "mount");
        long options = s.path(3, data, "mount");
        long result = kernel.call(SyscallNumbers.MOUNT, from, to, type, flags, options);
        checked(result, "mount", Abi.AT_FDCWD, target);
    }

    @Override
    public void umount2(byte[] target, int flags) throws LinuxException {
        long name = scratch.get().path(0, target, "umount2");
        checked(kernel.call(SyscallNumbers.UMOUNT2, name, flags, 0, 0, 0), "umount2", Abi.AT_FDCWD, target);
    }

    @Override
    public void setns(int fd, int nstype) throws LinuxException {
        checked(kernel.call(SyscallNumbers.SETNS, fd, nstype, 0, 0, 0), "setns", fd);
    }

    @Override
    public void unshare(int flags) throws LinuxException {
        long result = kernel.call(SyscallNumbers.UNSHARE, flags, 0, 0, 0, 0);
        checked(result, "unshare", Abi.AT_FDCWD, PathBytes.EMPTY);
    }

    @Override
    public void setfsuid(int uid) throws LinuxException {
        setFsId(SyscallNumbers.SETFSUID, "setfsuid", uid);
    }

    @Override
    public void setfsgid(int gid) throws LinuxException {
        setFsId(SyscallNumbers.SETFSGID, "setfsgid", gid);
    }

    /** These two never report failure; asking with an id that cannot be set tells which one is in force. */
    private void setFsId(long number, String call, int id) throws LinuxException {
        kernel.call(number, id, 0, 0, 0, 0);
        if ((int) kernel.call(number, -1, 0, 0, 0, 0) != id) {
            throw new LinuxException(call, Errno.EPERM, Integer.toUnsignedString(id));
        }
    }

    @Override
    public Capabilities capget() throws LinuxException {
        Scratch s = scratch.get();
        int at = s.structAt();
        s.memory.putInt(at, CAPABILITY_VERSION_3).putInt(at + 4, 0);
        long address = s.structAddress();
        long result = kernel.call(SyscallNumbers.CAPGET, address, address + 8, 0, 0, 0);
        checked(result, "capget", Abi.AT_FDCWD, PathBytes.EMPTY);
        return new Capabilities(set(s, at + 8), set(s, at + 12), set(s, at + 16));
    }

    private static long set(Scratch s, int at) {
        return (s.memory.getInt(at) & 0xffff_ffffL) | ((long) s.memory.getInt(at + 12) << 32);
    }

    @Override
    public void capset(Capabilities capabilities) throws LinuxException {
        Scratch s = scratch.get();
        int at = s.structAt();
        s.memory.putInt(at, CAPABILITY_VERSION_3).putInt(at + 4, 0);
        for (int half = 0; half < 2; half++) {
            int shift = 32 * half;
            int to = at + 8 + 12 * half;
            s.memory.putInt(to, (int) (capabilities.effective() >>> shift));
            s.memory.putInt(to + 4, (int) (capabilities.permitted() >>> shift));
            s.memory.putInt(to + 8, (int) (capabilities.inheritable() >>> shift));
        }
        long address = s.structAddress();
        long result = kernel.call(SyscallNumbers.CAPSET, address, address + 8, 0, 0, 0);
        checked(result, "capset", Abi.AT_FDCWD, PathBytes.EMPTY);
    }

    @Override
    public int pidfdOpen(int pid) throws LinuxException {
        long result = kernel.call(SyscallNumbers.PIDFD_OPEN, pid, 0, 0, 0, 0);
        return (int) checked(result, "pidfd_open", Abi.AT_FDCWD, PathBytes.of("process " + pid));
    }

    @Override
    public void pidfdSendSignal(int pidfd, int signal) throws LinuxException {
        checked(kernel.call(SyscallNumbers.PIDFD_SEND_SIGNAL, pidfd, signal, 0, 0, 0), "pidfd_send_signal", pidfd);
    }

    @Override
    public int inotifyInit() throws LinuxException {
        long flags = Abi.O_NONBLOCK | Abi.O_CLOEXEC;
        long result = kernel.call(SyscallNumbers.INOTIFY_INIT1, flags, 0, 0, 0, 0);
        return (int) checked(result, "inotify_init1", Abi.AT_FDCWD, PathBytes.EMPTY);
    }

    @Override
    public int inotifyAddWatch(int fd, byte[] path, int mask) throws LinuxException {
        long name = scratch.get().path(0, path, "inotify_add_watch");
        long result = kernel.call(SyscallNumbers.INOTIFY_ADD_WATCH, fd, name, mask, 0, 0);
        return (int) checked(result, "inotify_add_watch", Abi.AT_FDCWD, path);
    }

    @Override
    public int socket(int domain, int type, int protocol) throws LinuxException {
        long closing = type | Abi.O_CLOEXEC;
        long result = kernel.call(SyscallNumbers.SOCKET, domain, closing, protocol, 0, 0);
        return (int) checked(result, "socket", Abi.AT_FDCWD, PathBytes.EMPTY);
    }

    @Override
    public void connect(int fd, byte[] address) throws LinuxException {
        long at = put(scratch.get(), address, "connect");
        checked(kernel.call(SyscallNumbers.CONNECT, fd, at, address.length, 0, 0), "connect", fd);
    }

    @Override
    public int eventfd() throws LinuxException {
        long flags = Abi.O_NONBLOCK | Abi.O_CLOEXEC;
        long result = kernel.call(SyscallNumbers.EVENTFD2, 0, flags, 0, 0, 0);
        return (int) checked(result, "eventfd2", Abi.AT_FDCWD, PathBytes.EMPTY);
    }

    @Override
    public int poll(int[] fds, short[] events, int timeoutMillis) throws LinuxException {
        if (fds.length != events.length || fds.length > POLL_MAX) {
            throw new LinuxException("ppoll", Errno.EINVAL, fds.length + " descriptors, " + events.length + " events");
        }
        Scratch s = scratch.get();
        int at = s.structAt();
        // The kernel writes back what is left of the time, so a repetition after EINTR waits only for the rest.
        s.memory.putLong(at, timeoutMillis / 1000).putLong(at + 8, timeoutMillis % 1000 * 1_000_000L);
        int list = at + 16;
        for (int i = 0; i < fds.length; i++) {
            s.memory.putInt(list + 8 * i, fds[i]).putShort(list + 8 * i + 4, events[i]);
            s.memory.putShort(list + 8 * i + 6, (short) 0);
        }
        long timeout = timeoutMillis < 0 ? 0 : s.structAddress();
        long result = kernel.call(SyscallNumbers.PPOLL, s.structAddress() + 16, fds.length, timeout, 0, 0);
        int ready = (int) checked(result, "ppoll", Abi.AT_FDCWD, PathBytes.EMPTY);
        for (int i = 0; i < fds.length; i++) {
            events[i] = s.memory.getShort(list + 8 * i + 6);
        }
        return ready;
    }

    private static byte[] taken(Scratch s, long length) {
        byte[] bytes = new byte[(int) length];
        s.value().get(bytes);
        return bytes;
    }

    private static long put(Scratch s, byte[] value, String call) throws LinuxException {
        if (value.length > Scratch.VALUE_MAX) {
            throw new LinuxException(call, Errno.E2BIG, value.length + " bytes");
        }
        s.value().put(value);
        return s.valueAddress();
    }

    private long attribute(long result, String call, int fd, byte[] path, byte[] name) throws LinuxException {
        if (result < 0) {
            throw failure.attribute(call, result, fd, path, name);
        }
        return result;
    }

    private long checked(long result, String call, int fd) throws LinuxException {
        if (result < 0) {
            throw failure.on(call, result, fd);
        }
        return result;
    }

    private long checked(long result, String call, int dirfd, byte[] path) throws LinuxException {
        if (result < 0) {
            throw failure.at(call, result, dirfd, path);
        }
        return result;
    }

    private void checked(long result, String call, int fromDir, byte[] from, int toDir, byte[] to)
            throws LinuxException {
        if (result < 0) {
            throw failure.between(call, result, fromDir, from, toDir, to);
        }
    }
}
