package dev.veneer.node.driver;

/**
 * What a writable store takes.
 *
 * @param exclusiveBytes bytes on the disk that would come free were the store removed
 * @param sharedBytes bytes that it shows but shares with its base
 * @param inodes files, directories and other inodes of its own
 */
public record Usage(long exclusiveBytes, long sharedBytes, long inodes) {}
