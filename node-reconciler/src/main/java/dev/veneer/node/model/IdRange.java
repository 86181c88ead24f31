package dev.veneer.node.model;

/**
 * A range of user and group ids on the host that a sliver's ids 0 to {@code count - 1} are mapped to.
 *
 * @param first the host id of the sliver's root, at least 1
 * @param count how many ids, normally 65,536
 */
public record IdRange(int first, int count) {
    public IdRange {
        if (first < 1 || count < 1 || first + (long) count > 0xffff_ffffL) {
            throw new IllegalArgumentException("bad id range " + first + ":" + count);
        }
    }

    /** Whether the two have an id in common. */
    public boolean overlaps(IdRange other) {
        return first < other.first + (long) other.count && other.first < first + (long) count;
    }

    @Override
    public String toString() {
        return first + ":" + count;
    }
}
