package dev.veneer.node.linux;

/**
 * What {@code fstatfs(2)} says of a file system.
 *
 * @param type magic number
 * @param totalBytes size in bytes
 * @param freeBytes free bytes, with those reserved for root
 * @param availableBytes free bytes for users
 * @param files inodes, 0 where the file system does not count them
 * @param freeFiles free inodes
 */
public record Statfs(long type, long totalBytes, long freeBytes, long availableBytes, long files, long freeFiles) {}
