package dev.veneer.node.image;

import java.util.Arrays;

/** The parts of a sparse file that a tar archive holds, in order; the rest is holes. */
final class SparseMap {
    /** More than any file system makes of a real file in a base image; sixteen bytes each. */
    static final int MAX_PARTS = 1 << 20;

    private long[] numbers = new long[16];
    private int count;

    /** Adds a part; false when there are too many or it does not come after the one before. */
    boolean add(long offset, long length) {
        boolean follows = count == 0 || offset >= offset(count - 1) + length(count - 1);
        if (count == MAX_PARTS || offset < 0 || length < 0 || offset > Long.MAX_VALUE - length || !follows) {
            return false;
        }
        if (2 * count == numbers.length) {
            numbers = Arrays.copyOf(numbers, 2 * numbers.length);
        }
        numbers[2 * count] = offset;
        numbers[2 * count + 1] = length;
        count++;
        return true;
    }

    int count() {
        return count;
    }

    long offset(int part) {
        return numbers[2 * part];
    }

    long length(int part) {
        return numbers[2 * part + 1];
    }

    /** Whether it describes a file of this size of which the archive holds so many bytes. */
    boolean fits(long size, long stored) {
        long sum = 0;
        for (int part = 0; part < count; part++) {
            sum += length(part);
            if (sum < 0) {
                return false;
            }
        }
        boolean inside = count == 0 || offset(count - 1) + length(count - 1) <= size;
        return inside && sum == stored;
    }
}
