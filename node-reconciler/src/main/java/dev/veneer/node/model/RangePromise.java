package dev.veneer.node.model;

import java.util.List;

/**
 * The host ids that another store of the node says its slivers have.
 *
 * @param store absolute path of that store, for people; as its own process sees it
 * @param file absolute path of the file in which it says so
 * @param ranges sorted by their first id; no two overlap
 */
public record RangePromise(String store, String file, List<IdRange> ranges) {
    public RangePromise {
        ranges = List.copyOf(ranges);
    }

    /** Whether some of these ids are among them. */
    public boolean overlaps(IdRange range) {
        int low = 0;
        int high = ranges.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            IdRange each = ranges.get(middle);
            if (each.overlaps(range)) {
                return true;
            }
            if (each.first() < range.first()) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return false;
    }
}
