package dev.veneer.node.image;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.tree.FileType;

/**
 * The device nodes that a base image may hold: those that every Debian image has and that give nothing away. All
 * others, block devices above all, would reach hardware or the kernel.
 */
final class AllowedDevices {
    private static final int[][] ALLOWED = {
        {1, 3}, // null
        {1, 5}, // zero
        {1, 7}, // full
        {1, 8}, // random
        {1, 9}, // urandom
        {5, 0}, // tty
        {5, 1}, // console
        {5, 2}, // ptmx
    };

    private AllowedDevices() {}

    /** The number as {@code mknod} takes it, or a refusal. */
    static long require(byte[] path, FileType type, int major, int minor) throws NodeException {
        if (type == FileType.BLOCK_DEVICE) {
            throw Refusals.entry(path, "is a block device (" + major + ":" + minor + ")");
        }
        if (major == 0 && minor == 0) {
            throw Refusals.entry(path, "is the character device 0:0, an overlay's mark for a deleted file");
        }
        for (int[] allowed : ALLOWED) {
            if (allowed[0] == major && allowed[1] == minor) {
                return ((long) major << 8) | minor;
            }
        }
        throw Refusals.entry(
                path,
                "is the character device " + major + ":" + minor
                        + "; only null, zero, full, random, urandom, tty, console and ptmx are kept");
    }
}
