package dev.veneer.node.linux;

import java.nio.ByteBuffer;

/**
 * The system calls that Veneer makes, one method each, with the kernel's own meaning.
 *
 * <p>Rules that hold for every method:
 *
 * <ul>
 *   <li>Names and paths are bytes without the terminating NUL. A name that contains NUL is refused with {@code EINVAL}
 *       before the kernel sees it.
 *   <li>A failed call throws {@link LinuxException} with the errno; {@code EINTR} is retried inside.
 *   <li>Buffers are read or written between position and limit; a reading call moves the position as a channel does.
 *       Direct buffers are passed without a copy.
 *   <li>Flags are those of {@link Abi}, which knows the differences between the architectures.
 *   <li>Per-thread state ({@link #setfsuid}, {@link #setns}, {@link #unshare}, {@link #capset}) is the caller's to
 *       confine to a thread of its own.
 * </ul>
 *
 * <p>There are three implementations: the real one, and in the tests one that fails chosen calls and one that counts
 * them. A method is added here, in {@code JnrLinuxCalls} and in the fault-injecting twin, nowhere else.
 */
public interface LinuxCalls {

    /** {@code openat2(2)}; {@code O_CLOEXEC} is always added. Returns a descriptor that the caller closes. */
    int openat2(int dirfd, byte[] path, long flags, int mode, long resolve) throws LinuxException;

    /** {@code close(2)}. Never fails in a way that a caller could act on, so it throws nothing. */
    void close(int fd);

    /** {@code read(2)} into the buffer's remaining space; 0 at the end of the file. */
    int read(int fd, ByteBuffer into) throws LinuxException;

    /** {@code pread(2)} at an absolute offset. */
    int pread(int fd, ByteBuffer into, long offset) throws LinuxException;

    /** {@code write(2)} of what remains in the buffer; may write less, returns how much. */
    int write(int fd, ByteBuffer from) throws LinuxException;

    /** {@code pwrite(2)} at an absolute offset; may write less, returns how much. */
    int pwrite(int fd, ByteBuffer from, long offset) throws LinuxException;

    /** {@code lseek(2)}, also with {@code SEEK_DATA} and {@code SEEK_HOLE}. */
    long lseek(int fd, long offset, int whence) throws LinuxException;

    /** {@code ftruncate(2)}. */
    void ftruncate(int fd, long length) throws LinuxException;

    /** {@code copy_file_range(2)}, both offsets explicit; returns the bytes copied. */
    long copyFileRange(int in, long inOffset, int out, long outOffset, long length) throws LinuxException;

    /** {@code mkdirat(2)}. */
    void mkdirat(int dirfd, byte[] path, int mode) throws LinuxException;

    /** {@code unlinkat(2)}; {@code AT_REMOVEDIR} for directories. */
    void unlinkat(int dirfd, byte[] path, int flags) throws LinuxException;

    /** {@code renameat2(2)} with {@code RENAME_NOREPLACE} or {@code RENAME_EXCHANGE} or 0. */
    void renameat2(int fromDir, byte[] from, int toDir, byte[] to, int flags) throws LinuxException;

    /** {@code linkat(2)}. */
    void linkat(int fromDir, byte[] from, int toDir, byte[] to, int flags) throws LinuxException;

    /** {@code symlinkat(2)}; the target is bytes and is not looked at. */
    void symlinkat(byte[] target, int dirfd, byte[] path) throws LinuxException;

    /** {@code readlinkat(2)}; with an empty path, of the {@code O_PATH} descriptor itself. */
    byte[] readlinkat(int dirfd, byte[] path) throws LinuxException;

    /** {@code mknodat(2)}; {@code mode} with the type bits, {@code dev} as glibc's {@code makedev} encodes it. */
    void mknodat(int dirfd, byte[] path, int mode, long dev) throws LinuxException;

    /** {@code fchownat(2)}; {@code AT_SYMLINK_NOFOLLOW} or {@code AT_EMPTY_PATH}. */
    void fchownat(int dirfd, byte[] path, int uid, int gid, int flags) throws LinuxException;

    /** {@code fchmodat(2)} without flags: follows links, so only for names known not to be one. */
    void fchmodat(int dirfd, byte[] path, int mode) throws LinuxException;

    /** {@code fchmod(2)}. */
    void fchmod(int fd, int mode) throws LinuxException;

    /** {@code utimensat(2)}; a nanosecond value of {@code UTIME_OMIT} leaves that time alone. */
    void utimensat(int dirfd, byte[] path, long atimeSec, int atimeNsec, long mtimeSec, int mtimeNsec, int flags)
            throws LinuxException;

    /** {@code statx(2)} into a caller's object, which may be reused. */
    void statx(int dirfd, byte[] path, int flags, int mask, Statx into) throws LinuxException;

    /** {@code getdents64(2)}: raw records into the buffer, returns their bytes, 0 at the end. */
    int getdents64(int fd, ByteBuffer into) throws LinuxException;

    /** {@code fgetxattr(2)}; {@code ENODATA} when there is none. */
    byte[] fgetxattr(int fd, byte[] name) throws LinuxException;

    /** {@code lgetxattr(2)}; with {@code /proc/self/fd/N/name} for a name below a descriptor. */
    byte[] lgetxattr(byte[] path, byte[] name) throws LinuxException;

    /** {@code fsetxattr(2)}. */
    void fsetxattr(int fd, byte[] name, byte[] value, int flags) throws LinuxException;

    /** {@code lsetxattr(2)}. */
    void lsetxattr(byte[] path, byte[] name, byte[] value, int flags) throws LinuxException;

    /** {@code fremovexattr(2)}. */
    void fremovexattr(int fd, byte[] name) throws LinuxException;

    /** {@code flistxattr(2)}: the names as the kernel gives them, each ended by NUL. */
    byte[] flistxattr(int fd) throws LinuxException;

    /** {@code llistxattr(2)}: the names as the kernel gives them, each ended by NUL. */
    byte[] llistxattr(byte[] path) throws LinuxException;

    /** {@code fsync(2)}. */
    void fsync(int fd) throws LinuxException;

    /**
     * {@code sync_file_range(2)} with {@code SYNC_FILE_RANGE_WRITE} of the whole file: has the kernel begin to write what
     * it holds in memory, and waits for nothing. Makes nothing durable; a later {@link #syncfs} finds less to do.
     */
    void startWriting(int fd) throws LinuxException;

    /** {@code syncfs(2)}. */
    void syncfs(int fd) throws LinuxException;

    /** {@code fstatfs(2)}. */
    Statfs fstatfs(int fd) throws LinuxException;

    /** {@code flock(2)}; {@code EWOULDBLOCK} with {@code LOCK_NB}. */
    void flock(int fd, int operation) throws LinuxException;

    /** {@code ioctl(2)} with a structure, read and written in place (the whole capacity is passed). */
    int ioctl(int fd, long request, ByteBuffer argument) throws LinuxException;

    /** {@code ioctl(2)} with a plain number. */
    int ioctl(int fd, long request, long argument) throws LinuxException;

    /** {@code open_tree(2)}; {@code O_CLOEXEC} is always added. */
    int openTree(int dirfd, byte[] path, int flags) throws LinuxException;

    /** {@code move_mount(2)}. */
    void moveMount(int fromDir, byte[] from, int toDir, byte[] to, int flags) throws LinuxException;

    /** {@code mount_setattr(2)}; {@code userns} is a descriptor, or -1 for none. */
    void mountSetattr(int dirfd, byte[] path, int flags, long set, long clear, long propagation, int userns)
            throws LinuxException;

    /** {@code fsopen(2)}. */
    int fsopen(byte[] fstype) throws LinuxException;

    /** {@code fsconfig(2)} with {@code FSCONFIG_SET_STRING}; at most 255 bytes of value. */
    void fsconfigString(int fd, byte[] key, byte[] value) throws LinuxException;

    /** {@code fsconfig(2)} with {@code FSCONFIG_SET_FLAG}. */
    void fsconfigFlag(int fd, byte[] key) throws LinuxException;

    /** {@code fsconfig(2)} with {@code FSCONFIG_SET_FD}. */
    void fsconfigFd(int fd, byte[] key, int value) throws LinuxException;

    /** {@code fsconfig(2)} with {@code FSCONFIG_CMD_CREATE}. */
    void fsconfigCreate(int fd) throws LinuxException;

    /** {@code fsmount(2)}. */
    int fsmount(int fd, int attributes) throws LinuxException;

    /** {@code mount(2)}, the fallback where the new interface lacks; the caller checks the length of the data. */
    void mount(byte[] source, byte[] target, byte[] fstype, long flags, byte[] data) throws LinuxException;

    /** {@code umount2(2)}. */
    void umount2(byte[] target, int flags) throws LinuxException;

    /** {@code setns(2)} of the calling thread. */
    void setns(int fd, int nstype) throws LinuxException;

    /** {@code unshare(2)} of the calling thread. */
    void unshare(int flags) throws LinuxException;

    /** {@code setfsuid(2)} of the calling thread; verified by a second call, {@code EPERM} when it had no effect. */
    void setfsuid(int uid) throws LinuxException;

    /** {@code setfsgid(2)} of the calling thread; verified by a second call. */
    void setfsgid(int gid) throws LinuxException;

    /** {@code capget(2)} of the calling thread. */
    Capabilities capget() throws LinuxException;

    /** {@code capset(2)} of the calling thread. */
    void capset(Capabilities capabilities) throws LinuxException;

    /** {@code pidfd_open(2)}. */
    int pidfdOpen(int pid) throws LinuxException;

    /** {@code pidfd_send_signal(2)} without siginfo. */
    void pidfdSendSignal(int pidfd, int signal) throws LinuxException;

    /** {@code inotify_init1(2)}, non-blocking and close-on-exec. */
    int inotifyInit() throws LinuxException;

    /** {@code inotify_add_watch(2)}. */
    int inotifyAddWatch(int fd, byte[] path, int mask) throws LinuxException;

    /** {@code socket(2)}, close-on-exec. */
    int socket(int domain, int type, int protocol) throws LinuxException;

    /** {@code connect(2)}; the address is the kernel's structure, family first. */
    void connect(int fd, byte[] address) throws LinuxException;

    /** {@code eventfd(2)}, non-blocking and close-on-exec. */
    int eventfd() throws LinuxException;

    /**
     * {@code poll(2)}.
     *
     * @param events for each descriptor what to wait for; replaced by what happened
     * @param timeoutMillis -1 for ever
     * @return how many descriptors have events
     */
    int poll(int[] fds, short[] events, int timeoutMillis) throws LinuxException;
}
