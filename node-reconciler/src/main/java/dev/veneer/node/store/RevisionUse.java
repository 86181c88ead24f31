package dev.veneer.node.store;

import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.LinuxException;
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

    /** The same of the record that lies at a path, which may be damaged or not there. */
    static boolean isNamed(StoreFiles files, String record, int revision) throws LinuxException {
        try {
            return isNamed(RecordCodec.sliver(JsonObject.parse(files.read(record, Store.RECORD_LIMIT))), revision);
        } catch (BadRecordException e) {
            return true; // a damaged record may name anything
        } catch (LinuxException e) {
            if (e.is(Errno.ENOENT)) {
                return false;
            }
            throw e;
        }
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
