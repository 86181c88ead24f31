package dev.veneer.node.driver.btrfs;

import dev.veneer.node.driver.Usage;
import dev.veneer.node.linux.Btrfs;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.tree.LongWork;
import dev.veneer.node.tree.SafeOpen;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Measures a snapshot by its extents, read from the file system's own tree rather than from each file: what the base
 * has too is shared, the rest would come free with the snapshot. Subvolumes inside are counted with it.
 *
 * <p>Small files lie inside the tree itself; they count when they were written after the snapshot was made. So do
 * inodes: only those changed since are the sliver's own. What was written in the last seconds and has no place on the
 * disk yet is not seen.
 */
final class BtrfsUsage {
    private static final int INODE_ITEM = 1;
    private static final int EXTENT_DATA = 108;
    private static final long FIRST_OBJECT = 256;
    private static final long LAST_OBJECT = Long.MAX_VALUE;
    private static final int INODE_TRANSACTION_AT = 8;

    /** In {@code btrfs_file_extent_item}: generation (8), size (8), compression to padding (4), type (1), then the place. */
    private static final int EXTENT_TYPE_AT = 20;

    private static final int EXTENT_PLACE_AT = 21;
    private static final int EXTENT_LENGTH_AT = 29;
    private static final int INLINE = 0;

    private final LinuxCalls calls;
    private final Btrfs btrfs;
    private long inlineBytes;
    private long inodes;

    BtrfsUsage(LinuxCalls calls) {
        this.calls = calls;
        this.btrfs = new Btrfs(calls);
    }

    Usage of(String tree, String base) throws LinuxException {
        inlineBytes = 0;
        inodes = 0;
        ExtentSet own = new ExtentSet();
        ExtentSet bases = new ExtentSet();
        SafeOpen open = new SafeOpen(calls);
        int fd = open.ownDirectory(tree);
        try {
            Btrfs.Subvolume subvolume = btrfs.subvolume(fd);
            List<Long> numbers = new ArrayList<>(List.of(subvolume.number()));
            numbers.addAll(btrfs.below(fd, subvolume.number()));
            for (long number : numbers) {
                read(fd, number, subvolume.created(), own);
            }
        } finally {
            calls.close(fd);
        }
        long ownInlineBytes = inlineBytes;
        long ownInodes = inodes;
        int baseFd = open.ownDirectory(base);
        try {
            read(baseFd, btrfs.subvolume(baseFd).number(), Long.MAX_VALUE, bases);
        } finally {
            calls.close(baseFd);
        }
        long shared = own.bytesAlsoIn(bases);
        return new Usage(own.bytes() - shared + ownInlineBytes, shared, ownInodes);
    }

    /** One subvolume's extents; its small files and inodes count when newer than {@code since}. */
    private void read(int fd, long number, long since, ExtentSet into) throws LinuxException {
        btrfs.search(fd, number, FIRST_OBJECT, LAST_OBJECT, INODE_ITEM, EXTENT_DATA, item -> {
            LongWork.passed();
            ByteBuffer data = item.data;
            if (item.type == INODE_ITEM && data.getLong(item.at + INODE_TRANSACTION_AT) > since) {
                inodes++;
            } else if (item.type == EXTENT_DATA) {
                if (data.get(item.at + EXTENT_TYPE_AT) == INLINE) {
                    inlineBytes += data.getLong(item.at) > since ? item.length - EXTENT_PLACE_AT : 0;
                } else {
                    into.add(data.getLong(item.at + EXTENT_PLACE_AT), data.getLong(item.at + EXTENT_LENGTH_AT));
                }
            }
        });
        into.sort();
    }
}
