package dev.veneer.node.store;

import dev.veneer.node.model.KeptRevision;
import dev.veneer.node.model.SliverRecord;
import java.util.Optional;

/** Which revisions of a writable store a sliver's record names. */
final class RevisionUse {
    private RevisionUse() {}

    /** Whether the record needs this revision, as the current or as a kept one. */
    static boolean isNamed(SliverRecord record, int revision) {
        return driver(record, revision).isPresent();
    }

    /** The driver that made a revision; empty when the record does not name the revision. */
    static Optional<String> driver(SliverRecord record, int revision) {
        if (revision == record.revision() && !record.dataDeleted()) {
            return Optional.of(record.driver());
        }
        for (KeptRevision kept : record.kept()) {
            if (kept.revision() == revision) {
                return Optional.of(kept.driver());
            }
        }
        return Optional.empty();
    }
}
