package dev.veneer.node.linux;

/**
 * Numbers of the kernel's interface. Those that differ between x86_64 and aarch64 are chosen at start by
 * {@code os.arch}; all others are the same on both.
 */
public final class Abi {
    private static final boolean ARM = "aarch64".equals(System.getProperty("os.arch"));

    public static final int AT_FDCWD = -100;
    public static final int AT_SYMLINK_NOFOLLOW = 0x100;
    public static final int AT_REMOVEDIR = 0x200;
    public static final int AT_SYMLINK_FOLLOW = 0x400;
    public static final int AT_EMPTY_PATH = 0x1000;
    public static final int AT_RECURSIVE = 0x8000;

    public static final long O_RDONLY = 0;
    public static final long O_WRONLY = 1;
    public static final long O_RDWR = 2;
    public static final long O_CREAT = 0x40;
    public static final long O_EXCL = 0x80;
    public static final long O_TRUNC = 0x200;
    public static final long O_APPEND = 0x400;
    public static final long O_NONBLOCK = 0x800;
    public static final long O_DIRECTORY = ARM ? 0x4000 : 0x10000;
    public static final long O_NOFOLLOW = ARM ? 0x8000 : 0x20000;
    public static final long O_NOATIME = 0x40000;
    public static final long O_CLOEXEC = 0x80000;
    public static final long O_PATH = 0x200000;

    /** With the directory that it is to be on the file system of; the kernel's flag and {@link #O_DIRECTORY}. */
    public static final long O_TMPFILE = 0x400000 | O_DIRECTORY;

    public static final long RESOLVE_NO_XDEV = 1;
    public static final long RESOLVE_NO_MAGICLINKS = 2;
    public static final long RESOLVE_NO_SYMLINKS = 4;
    public static final long RESOLVE_BENEATH = 8;
    public static final long RESOLVE_IN_ROOT = 0x10;

    public static final int S_IFMT = 0xf000;
    public static final int S_IFSOCK = 0xc000;
    public static final int S_IFLNK = 0xa000;
    public static final int S_IFREG = 0x8000;
    public static final int S_IFBLK = 0x6000;
    public static final int S_IFDIR = 0x4000;
    public static final int S_IFCHR = 0x2000;
    public static final int S_IFIFO = 0x1000;

    public static final int SEEK_SET = 0;
    public static final int SEEK_CUR = 1;
    public static final int SEEK_END = 2;
    public static final int SEEK_DATA = 3;
    public static final int SEEK_HOLE = 4;

    public static final int RENAME_NOREPLACE = 1;
    public static final int RENAME_EXCHANGE = 2;

    public static final int XATTR_CREATE = 1;
    public static final int XATTR_REPLACE = 2;

    public static final int UTIME_NOW = 0x3fffffff;
    public static final int UTIME_OMIT = 0x3ffffffe;

    /** type, mode, nlink, uid, gid, times, ino, size, blocks. */
    public static final int STATX_BASIC_STATS = 0x7ff;

    public static final int STATX_BTIME = 0x800;
    public static final int STATX_MNT_ID = 0x1000;
    public static final long STATX_ATTR_IMMUTABLE = 0x10;
    public static final long STATX_ATTR_APPEND = 0x20;
    public static final long STATX_ATTR_MOUNT_ROOT = 0x2000;

    public static final int LOCK_SH = 1;
    public static final int LOCK_EX = 2;
    public static final int LOCK_NB = 4;
    public static final int LOCK_UN = 8;

    public static final int OPEN_TREE_CLONE = 1;
    public static final int MOVE_MOUNT_F_EMPTY_PATH = 0x4;
    public static final int MOVE_MOUNT_T_EMPTY_PATH = 0x40;
    public static final int MOVE_MOUNT_BENEATH = 0x200;
    public static final long MOUNT_ATTR_RDONLY = 1;
    public static final long MOUNT_ATTR_NOSUID = 2;
    public static final long MOUNT_ATTR_NODEV = 4;
    public static final long MOUNT_ATTR_NOEXEC = 8;
    public static final long MOUNT_ATTR_IDMAP = 0x100000;
    public static final long MS_RDONLY = 1;
    public static final long MS_NOSUID = 2;
    public static final long MS_NODEV = 4;
    public static final long MS_NOEXEC = 8;
    public static final long MS_REMOUNT = 32;
    public static final long MS_BIND = 4096;
    public static final long MS_REC = 16384;
    public static final long MS_PRIVATE = 1 << 18;
    public static final long MS_SHARED = 1 << 20;
    public static final int MNT_FORCE = 1;
    public static final int MNT_DETACH = 2;
    public static final int UMOUNT_NOFOLLOW = 8;

    public static final int CLONE_FS = 0x200;
    public static final int CLONE_NEWNS = 0x20000;
    public static final int CLONE_NEWUSER = 0x10000000;

    public static final long FS_IOC_GETFLAGS = 0x80086601L;
    public static final long FS_IOC_SETFLAGS = 0x40086602L;
    public static final int FS_IMMUTABLE_FL = 0x10;
    public static final int FS_APPEND_FL = 0x20;
    public static final long FICLONE = 0x40049409L;

    public static final int IN_MODIFY = 0x2;
    public static final int IN_ATTRIB = 0x4;
    public static final int IN_CLOSE_WRITE = 0x8;
    public static final int IN_MOVED_FROM = 0x40;
    public static final int IN_MOVED_TO = 0x80;
    public static final int IN_CREATE = 0x100;
    public static final int IN_DELETE = 0x200;
    public static final int IN_DELETE_SELF = 0x400;
    public static final int IN_MOVE_SELF = 0x800;
    public static final int IN_Q_OVERFLOW = 0x4000;
    public static final int IN_ONLYDIR = 0x1000000;

    public static final short POLLIN = 1;
    public static final short POLLPRI = 2;
    public static final short POLLERR = 8;
    public static final short POLLHUP = 16;

    public static final int AF_UNIX = 1;
    public static final int SOCK_DGRAM = 2;

    public static final long BTRFS_SUPER_MAGIC = 0x9123683EL;
    public static final long XFS_SUPER_MAGIC = 0x58465342L;
    public static final long EXT4_SUPER_MAGIC = 0xEF53L;
    public static final long OVERLAYFS_SUPER_MAGIC = 0x794c7630L;

    private Abi() {}

    /** Whether this JVM runs on aarch64; else it is x86_64. */
    public static boolean isArm() {
        return ARM;
    }

    /** A device number as {@code mknodat(2)} takes it. */
    public static long makedev(int major, int minor) {
        return (minor & 0xffL) | ((major & 0xfffL) << 8) | ((minor & 0xfff00L) << 12);
    }
}
