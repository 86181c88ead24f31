package dev.veneer.node.image;

import dev.veneer.node.tree.TreeLimits;

/**
 * How much an import may bring before it is refused.
 *
 * @param entries entries of the archive or paths of the tree
 * @param bytes sum of the files' sizes, holes included, since holes are digested too
 * @param depth components of a path
 * @param pathBytes bytes of a path; a longer one no program can name in one call
 * @param namesInDirectory names in one directory
 */
public record ImportLimits(long entries, long bytes, int depth, int pathBytes, int namesInDirectory) {
    /** Five million entries, 256 GiB, 1,024 components, 4,095 bytes of path, a million names in a directory. */
    public static final ImportLimits DEFAULT = new ImportLimits(5_000_000, 256L << 30, 1024, 4095, 1_000_000);

    /** The limits for walking the imported tree. */
    TreeLimits tree() {
        return new TreeLimits(entries + 1, depth, namesInDirectory);
    }
}
