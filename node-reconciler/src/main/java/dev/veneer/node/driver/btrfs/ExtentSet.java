package dev.veneer.node.driver.btrfs;

import java.util.Arrays;

/**
 * A set of extents on the disk, each known by where it begins: a number each, since a tree can have a million. Places
 * and lengths are multiples of 4 KiB; in units of these a length takes at most 20 bits (extents are at most 256 MiB),
 * which leaves 44 for the place: 64 PiB.
 */
final class ExtentSet {
    private static final int UNIT_BITS = 12;
    private static final int LENGTH_BITS = 20;
    private static final long LENGTH_MASK = (1L << LENGTH_BITS) - 1;

    private long[] extents = new long[512];
    private int used;

    /** Adds one; a hole has place 0 and is left out. {@link #sort} follows when all are there. */
    void add(long place, long length) {
        if (place == 0) {
            return;
        }
        if (used == extents.length) {
            extents = Arrays.copyOf(extents, Math.multiplyExact(used, 2));
        }
        extents[used++] = place >>> UNIT_BITS << LENGTH_BITS | (length >>> UNIT_BITS & LENGTH_MASK);
    }

    /** Brings them into order, each once. */
    void sort() {
        Arrays.sort(extents, 0, used);
        int kept = 0;
        for (int i = 0; i < used; i++) {
            if (kept == 0 || extents[i] != extents[kept - 1]) {
                extents[kept++] = extents[i];
            }
        }
        used = kept;
    }

    /** The bytes of all. */
    long bytes() {
        long sum = 0;
        for (int i = 0; i < used; i++) {
            sum += length(i);
        }
        return sum;
    }

    /** The bytes of those that another set has too; both sorted. */
    long bytesAlsoIn(ExtentSet other) {
        long sum = 0;
        for (int i = 0, j = 0; i < used && j < other.used; ) {
            if (extents[i] == other.extents[j]) {
                sum += length(i);
                i++;
                j++;
            } else if (extents[i] < other.extents[j]) {
                i++;
            } else {
                j++;
            }
        }
        return sum;
    }

    private long length(int index) {
        return (extents[index] & LENGTH_MASK) << UNIT_BITS;
    }
}
