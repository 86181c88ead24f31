package dev.veneer.node.driver;

import dev.veneer.node.tree.DiskUsage;

/**
 * What a writable store takes.
 *
 * @param exclusiveBytes bytes on the disk that would come free were the store removed
 * @param sharedBytes bytes of files in it whose blocks it shares with its base (or another store)
 * @param inodes files, directories and other inodes of its own
 */
public record Usage(long exclusiveBytes, long sharedBytes, long inodes) {
    /** What a walk over the store's own tree measured. */
    public static Usage of(DiskUsage.Sum sum) {
        return new Usage(sum.exclusiveBytes(), sum.sharedBytes(), sum.inodes());
    }
}
