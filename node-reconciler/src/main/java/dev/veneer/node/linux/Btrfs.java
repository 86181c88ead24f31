package dev.veneer.node.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * The ioctls of btrfs that Veneer uses, with the layout of their structures from {@code linux/btrfs.h} and
 * {@code linux/btrfs_tree.h} (the same on all architectures). Subvolumes are named by single components below a
 * directory descriptor, or by their number in the file system.
 */
public final class Btrfs {
    /** The inode number of every subvolume's root directory. */
    public static final long SUBVOLUME_INODE = 256;

    private static final long SUBVOL_CREATE_V2 = 0x50009418L;
    private static final long SNAP_CREATE_V2 = 0x50009417L;
    private static final long SNAP_DESTROY_V2 = 0x5000943fL;
    private static final long SUBVOL_GETFLAGS = 0x80089419L;
    private static final long SUBVOL_SETFLAGS = 0x4008941aL;
    private static final long TREE_SEARCH_V2 = 0xc0709411L;
    private static final long GET_SUBVOL_INFO = 0x81f8943cL;

    private static final long READ_ONLY = 2;
    private static final long BY_NUMBER = 0x10;

    /** {@code btrfs_ioctl_vol_args_v2}: descriptor (8), transaction (8), flags (8), reserved (32), name (4040). */
    private static final int VOL_ARGS = 4096;

    private static final int VOL_FLAGS_AT = 16;
    private static final int VOL_NAME_AT = 56;
    private static final int SUBVOL_INFO = 504;
    private static final int INFO_CREATED_AT = 0x160;

    private static final long ROOT_TREE = 1;
    private static final int ROOT_REF = 156;
    private static final int SEARCH_KEY = 104;
    private static final int SEARCH_HEADER = 32;
    private static final int SEARCH_BYTES = 256 * 1024;

    private final LinuxCalls calls;

    public Btrfs(LinuxCalls calls) {
        this.calls = calls;
    }

    /** Whether the descriptor lies on btrfs. */
    public boolean isOn(int fd) throws LinuxException {
        return calls.fstatfs(fd).type() == Abi.BTRFS_SUPER_MAGIC;
    }

    /** Makes an empty subvolume. */
    public void createSubvolume(int parent, byte[] name) throws LinuxException {
        calls.ioctl(parent, SUBVOL_CREATE_V2, arguments(0, 0, name));
    }

    /** Snapshots the subvolume whose root {@code source} is; returns once the transaction is committed. */
    public void snapshot(int source, int parent, byte[] name) throws LinuxException {
        calls.ioctl(parent, SNAP_CREATE_V2, arguments(source, 0, name));
    }

    /** Deletes a subvolume by name; {@code ENOTEMPTY} when there are others in it. */
    public void destroy(int parent, byte[] name) throws LinuxException {
        calls.ioctl(parent, SNAP_DESTROY_V2, arguments(0, 0, name));
    }

    /** Deletes a subvolume by number, wherever it lies; {@code fd} is any descriptor on the file system. */
    public void destroy(int fd, long number) throws LinuxException {
        ByteBuffer arguments = buffer(VOL_ARGS);
        arguments.putLong(VOL_FLAGS_AT, BY_NUMBER).putLong(VOL_NAME_AT, number);
        calls.ioctl(fd, SNAP_DESTROY_V2, arguments);
    }

    /** Whether the subvolume whose root this is cannot be written. */
    public boolean isReadOnly(int subvolume) throws LinuxException {
        ByteBuffer flags = buffer(8);
        calls.ioctl(subvolume, SUBVOL_GETFLAGS, flags);
        return (flags.getLong(0) & READ_ONLY) != 0;
    }

    /** Makes the subvolume whose root this is read-only or writable. */
    public void setReadOnly(int subvolume, boolean readOnly) throws LinuxException {
        calls.ioctl(subvolume, SUBVOL_SETFLAGS, buffer(8).putLong(0, readOnly ? READ_ONLY : 0));
    }

    /**
     * A subvolume.
     *
     * @param number its number in the file system
     * @param created the transaction in which it was made
     */
    public record Subvolume(long number, long created) {}

    /** About the subvolume in which the descriptor lies. */
    public Subvolume subvolume(int fd) throws LinuxException {
        ByteBuffer info = buffer(SUBVOL_INFO);
        calls.ioctl(fd, GET_SUBVOL_INFO, info);
        return new Subvolume(info.getLong(0), info.getLong(INFO_CREATED_AT));
    }

    /** The numbers of all subvolumes below one, at any depth; each after the one that it lies in. */
    public List<Long> below(int fd, long number) throws LinuxException {
        List<Long> found = new ArrayList<>();
        for (int i = -1; i < found.size(); i++) {
            long parent = i < 0 ? number : found.get(i);
            search(fd, ROOT_TREE, parent, parent, ROOT_REF, ROOT_REF, item -> found.add(item.offset));
        }
        return found;
    }

    /** One item of a tree; the object is used again for the next one. */
    public static final class Item {
        /** The key: object, type, offset. */
        public long object;

        public int type;
        public long offset;
        /** The buffer in which the item's bytes lie, little endian, and where. */
        public final ByteBuffer data;

        public int at;
        public int length;

        private Item(ByteBuffer data) {
            this.data = data;
        }
    }

    /** Sees the items of a search one by one. */
    @FunctionalInterface
    public interface Visitor {
        void visit(Item item);
    }

    /**
     * {@code TREE_SEARCH_V2}: all items of one tree with objects and types in these ranges, in the order of their keys.
     *
     * @param tree number of the tree; a subvolume's is its number
     */
    public void search(
            int fd, long tree, long firstObject, long lastObject, int firstType, int lastType, Visitor visitor)
            throws LinuxException {
        int capacity = SEARCH_KEY + 8 + SEARCH_BYTES;
        ByteBuffer buffer = buffer(capacity);
        Item item = new Item(buffer);
        long object = firstObject;
        int type = firstType;
        long offset = 0;
        while (true) {
            buffer.putLong(0, tree).putLong(8, object).putLong(16, lastObject);
            buffer.putLong(24, offset).putLong(32, -1L).putLong(40, 0).putLong(48, -1L);
            buffer.putInt(56, type).putInt(60, lastType).putInt(64, Integer.MAX_VALUE);
            buffer.putLong(SEARCH_KEY, SEARCH_BYTES);
            buffer.clear();
            calls.ioctl(fd, TREE_SEARCH_V2, buffer);
            int found = buffer.getInt(64);
            if (found == 0) {
                return;
            }
            int at = SEARCH_KEY + 8;
            for (int i = 0; i < found; i++) {
                item.object = object = buffer.getLong(at + 8);
                item.offset = offset = buffer.getLong(at + 16);
                item.type = type = buffer.getInt(at + 24);
                item.length = buffer.getInt(at + 28);
                item.at = at + SEARCH_HEADER;
                at = item.at + item.length;
                // The kernel compares whole keys, so items of other types lie between those that are wanted.
                if (type >= firstType && type <= lastType && object >= firstObject && object <= lastObject) {
                    visitor.visit(item);
                }
            }
            if (offset != -1L) {
                offset++;
            } else if (type < 255) {
                type++;
                offset = 0;
            } else {
                object++;
                type = 0;
                offset = 0;
            }
        }
    }

    private static ByteBuffer arguments(int source, long flags, byte[] name) throws LinuxException {
        if (!PathBytes.isName(name)) {
            throw new LinuxException("ioctl", Errno.EINVAL, PathBytes.show(name));
        }
        ByteBuffer arguments = buffer(VOL_ARGS);
        arguments.putLong(0, source).putLong(VOL_FLAGS_AT, flags);
        arguments.put(VOL_NAME_AT, name);
        return arguments;
    }

    private static ByteBuffer buffer(int size) {
        return ByteBuffer.allocateDirect(size).order(ByteOrder.LITTLE_ENDIAN);
    }
}
