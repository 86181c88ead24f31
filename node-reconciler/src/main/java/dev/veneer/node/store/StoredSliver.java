package dev.veneer.node.store;

import dev.veneer.node.model.SliverRecord;
import java.util.List;

/**
 * A sliver as it lies in the store.
 *
 * @param record its record
 * @param revisions the revisions whose directories exist, in ascending order; such as the record does not name are left
 *     over from interrupted work
 */
public record StoredSliver(SliverRecord record, List<Integer> revisions) {
    public StoredSliver {
        revisions = List.copyOf(revisions);
    }

    /** Whether the directory of the current revision exists. */
    public boolean hasCurrentRevision() {
        return revisions.contains(record.revision());
    }
}
