package dev.veneer.node.tree;

/**
 * How large a tree may be before walking it is given up.
 *
 * @param entries paths, the root included
 * @param depth components of a path
 * @param namesInDirectory names in one directory; they are sorted in memory
 */
public record TreeLimits(long entries, int depth, int namesInDirectory) {
    /** Five million paths, a depth of 2,048, a million names in a directory. */
    public static final TreeLimits DEFAULT = new TreeLimits(5_000_000, 2048, 1_000_000);

    public TreeLimits {
        if (entries < 1 || depth < 1 || namesInDirectory < 1) {
            throw new IllegalArgumentException("limits of a tree are at least 1");
        }
    }
}
