package dev.veneer.node.linux;

/**
 * System call numbers. x86_64 has its own table; aarch64 uses the generic one. Calls added since Linux 5.1 have the
 * same number on both. Source: the kernel's {@code syscall_64.tbl} and {@code asm-generic/unistd.h}.
 */
final class SyscallNumbers {
    private static final boolean ARM = Abi.isArm();

    static final long LSETXATTR = ARM ? 6 : 189;
    static final long FSETXATTR = ARM ? 7 : 190;
    static final long LGETXATTR = ARM ? 9 : 192;
    static final long FGETXATTR = ARM ? 10 : 193;
    static final long LLISTXATTR = ARM ? 12 : 195;
    static final long FLISTXATTR = ARM ? 13 : 196;
    static final long FREMOVEXATTR = ARM ? 16 : 199;
    static final long EVENTFD2 = ARM ? 19 : 290;
    static final long INOTIFY_INIT1 = ARM ? 26 : 294;
    static final long INOTIFY_ADD_WATCH = ARM ? 27 : 254;
    static final long IOCTL = ARM ? 29 : 16;
    static final long FLOCK = ARM ? 32 : 73;
    static final long MKNODAT = ARM ? 33 : 259;
    static final long MKDIRAT = ARM ? 34 : 258;
    static final long UNLINKAT = ARM ? 35 : 263;
    static final long SYMLINKAT = ARM ? 36 : 266;
    static final long LINKAT = ARM ? 37 : 265;
    static final long UMOUNT2 = ARM ? 39 : 166;
    static final long MOUNT = ARM ? 40 : 165;
    static final long FSTATFS = ARM ? 44 : 138;
    static final long FTRUNCATE = ARM ? 46 : 77;
    static final long FCHMOD = ARM ? 52 : 91;
    static final long FCHMODAT = ARM ? 53 : 268;
    static final long FCHOWNAT = ARM ? 54 : 260;
    static final long CLOSE = ARM ? 57 : 3;
    static final long GETDENTS64 = ARM ? 61 : 217;
    static final long LSEEK = ARM ? 62 : 8;
    static final long READ = ARM ? 63 : 0;
    static final long WRITE = ARM ? 64 : 1;
    static final long PREAD64 = ARM ? 67 : 17;
    static final long PWRITE64 = ARM ? 68 : 18;
    static final long PPOLL = ARM ? 73 : 271;
    static final long READLINKAT = ARM ? 78 : 267;
    static final long FSYNC = ARM ? 82 : 74;
    static final long SYNC_FILE_RANGE = ARM ? 84 : 277;
    static final long UTIMENSAT = ARM ? 88 : 280;
    static final long CAPGET = ARM ? 90 : 125;
    static final long CAPSET = ARM ? 91 : 126;
    static final long UNSHARE = ARM ? 97 : 272;
    static final long SETFSUID = ARM ? 151 : 122;
    static final long SETFSGID = ARM ? 152 : 123;
    static final long SOCKET = ARM ? 198 : 41;
    static final long CONNECT = ARM ? 203 : 42;
    static final long SYNCFS = ARM ? 267 : 306;
    static final long SETNS = ARM ? 268 : 308;
    static final long RENAMEAT2 = ARM ? 276 : 316;
    static final long STATX = ARM ? 291 : 332;
    static final long PIDFD_SEND_SIGNAL = 424;
    static final long OPEN_TREE = 428;
    static final long MOVE_MOUNT = 429;
    static final long FSOPEN = 430;
    static final long FSCONFIG = 431;
    static final long FSMOUNT = 432;
    static final long PIDFD_OPEN = 434;
    static final long OPENAT2 = 437;
    static final long MOUNT_SETATTR = 442;

    private SyscallNumbers() {}
}
