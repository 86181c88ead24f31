package dev.veneer.node.linux;

import java.nio.ByteBuffer;

/**
 * What {@code statx(2)} says of one file. A plain, reusable holder: a walk over a million files fills one object a
 * million times.
 */
public final class Statx {
    /** Which fields the kernel filled ({@code STATX_*}). */
    public int mask;
    /** {@code STATX_ATTR_*}, valid where {@link #attributesMask} has the bit. */
    public long attributes;
    /** Which attribute bits this file system knows. */
    public long attributesMask;
    /** Type and permission bits. */
    public int mode;
    /** Number of hard links. */
    public long nlink;
    /** Owner. */
    public int uid;
    /** Group. */
    public int gid;
    /** Inode number. */
    public long ino;
    /** Size in bytes. */
    public long size;
    /** Allocated space in units of 512 bytes. */
    public long blocks;
    /** Modification time, seconds. */
    public long mtimeSec;
    /** Modification time, nanoseconds. */
    public int mtimeNsec;
    /** Access time, seconds. */
    public long atimeSec;
    /** Access time, nanoseconds. */
    public int atimeNsec;
    /** When it was made, seconds, with {@code STATX_BTIME}. */
    public long btimeSec;
    /** Status change time, seconds. */
    public long ctimeSec;
    /** Status change time, nanoseconds. */
    public int ctimeNsec;
    /** Major number, of a device node. */
    public int rdevMajor;
    /** Minor number, of a device node. */
    public int rdevMinor;
    /** Major number of the device the file lies on. */
    public int devMajor;
    /** Minor number of the device the file lies on. */
    public int devMinor;
    /** Mount identity, with {@code STATX_MNT_ID}. */
    public long mountId;

    /** Takes over a {@code struct statx} as the kernel writes it. */
    void fill(ByteBuffer memory, int at) {
        mask = memory.getInt(at);
        attributes = memory.getLong(at + 8);
        nlink = memory.getInt(at + 16) & 0xffff_ffffL;
        uid = memory.getInt(at + 20);
        gid = memory.getInt(at + 24);
        mode = memory.getShort(at + 28) & 0xffff;
        ino = memory.getLong(at + 32);
        size = memory.getLong(at + 40);
        blocks = memory.getLong(at + 48);
        attributesMask = memory.getLong(at + 56);
        atimeSec = memory.getLong(at + 64);
        atimeNsec = memory.getInt(at + 72);
        btimeSec = memory.getLong(at + 80);
        ctimeSec = memory.getLong(at + 96);
        ctimeNsec = memory.getInt(at + 104);
        mtimeSec = memory.getLong(at + 112);
        mtimeNsec = memory.getInt(at + 120);
        rdevMajor = memory.getInt(at + 128);
        rdevMinor = memory.getInt(at + 132);
        devMajor = memory.getInt(at + 136);
        devMinor = memory.getInt(at + 140);
        mountId = memory.getLong(at + 144);
    }

    /** The type bits of {@link #mode}. */
    public int type() {
        return mode & Abi.S_IFMT;
    }

    /** Whether this is a directory. */
    public boolean isDirectory() {
        return type() == Abi.S_IFDIR;
    }

    /** Whether this is a regular file. */
    public boolean isRegular() {
        return type() == Abi.S_IFREG;
    }

    /** Whether this is a symbolic link. */
    public boolean isSymlink() {
        return type() == Abi.S_IFLNK;
    }

    /** Whether this is the root of a mount. */
    public boolean isMountRoot() {
        return (attributes & Abi.STATX_ATTR_MOUNT_ROOT) != 0;
    }

    /** Both device numbers in one, comparable. */
    public long dev() {
        return ((long) devMajor << 32) | (devMinor & 0xffffffffL);
    }
}
