package dev.veneer.node.linux;

/**
 * The real system calls. Safe for many threads at once: arguments lie in memory of the calling thread, and errno is
 * saved per thread. Here are those on mounts, processes and events; the ones on files are inherited.
 */
public final class JnrLinuxCalls extends NativeFileCalls {
    private static final int FSCONFIG_SET_FLAG = 0;
    private static final int FSCONFIG_SET_STRING = 1;
    private static final int FSCONFIG_SET_FD = 5;
    private static final int FSCONFIG_CMD_CREATE = 6;
    private static final int CLOEXEC_ONE = 1;
    private static final int CAPABILITY_VERSION_3 = 0x20080522;
    private static final int PAGE = 4096;
    private static final int POLL_MAX = Scratch.STRUCT_MAX / 8 - 2;

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
}
