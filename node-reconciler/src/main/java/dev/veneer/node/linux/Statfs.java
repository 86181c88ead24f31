package dev.veneer.node.linux;

import java.nio.ByteBuffer;

/**
 * What {@code fstatfs(2)} says of a file system.
 *
 * @param type magic number
 * @param totalBytes size in bytes
 * @param freeBytes free bytes, with those reserved for root
 * @param availableBytes free bytes for users
 * @param files inodes, 0 where the file system does not count them
 * @param freeFiles free inodes
 * @param readOnly whether it is mounted read-only
 */
public record Statfs(
        long type, long totalBytes, long freeBytes, long availableBytes, long files, long freeFiles, boolean readOnly) {

    private static final long ST_RDONLY = 1;

    /** Takes over a 64-bit {@code struct statfs} as the kernel writes it. */
    static Statfs from(ByteBuffer memory, int at) {
        long fragment = memory.getLong(at + 72);
        long unit = fragment != 0 ? fragment : memory.getLong(at + 8);
        return new Statfs(
                memory.getLong(at),
                unit * memory.getLong(at + 16),
                unit * memory.getLong(at + 24),
                unit * memory.getLong(at + 32),
                memory.getLong(at + 40),
                memory.getLong(at + 48),
                (memory.getLong(at + 80) & ST_RDONLY) != 0);
    }
}
