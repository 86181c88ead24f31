package dev.veneer.node.store;

import dev.veneer.node.model.ObjectRef;
import org.jspecify.annotations.Nullable;

/**
 * Something that a check of the store found.
 *
 * @param kind its sort
 * @param object what it concerns, or null
 * @param path where, absolute
 * @param message what it means
 * @param remedy what to do about it
 */
public record Finding(Kind kind, @Nullable ObjectRef object, String path, String message, String remedy) {
    /** How bad it is. */
    public enum Severity {
        /** Something of the store is lost or wrong. */
        DAMAGE,
        /** Nothing is lost; it is only not as it should be. */
        DISORDER,
        /** Left over from work that was interrupted; goes by itself with the next change. */
        LEFTOVER
    }

    /** The sorts of findings. */
    public enum Kind {
        FormatMissing(Severity.DAMAGE, true),
        FormatDamaged(Severity.DAMAGE, true),
        FormatUnknown(Severity.DAMAGE, false),
        DirectoryMissing(Severity.DAMAGE, true),
        RecordMissing(Severity.DAMAGE, false),
        RecordDamaged(Severity.DAMAGE, false),
        RevisionMissing(Severity.DAMAGE, false),
        RevisionUnnamed(Severity.LEFTOVER, true),
        BaseMissing(Severity.DAMAGE, false),
        BaseRecordMissing(Severity.DAMAGE, true),
        BaseTreeMissing(Severity.DAMAGE, false),
        ManifestMissing(Severity.DAMAGE, false),
        ManifestDamaged(Severity.DAMAGE, false),
        TreeDiffers(Severity.DAMAGE, false),
        IdRangesOverlap(Severity.DAMAGE, false),
        RootfsShared(Severity.DAMAGE, false),
        WrongMode(Severity.DISORDER, true),
        ForeignFile(Severity.DISORDER, false),
        IndexDamaged(Severity.DISORDER, true),
        IndexStale(Severity.LEFTOVER, true),
        Unfinished(Severity.LEFTOVER, true),
        TrashWaiting(Severity.LEFTOVER, false);

        private final Severity severity;
        private final boolean repairable;

        Kind(Severity severity, boolean repairable) {
            this.severity = severity;
            this.repairable = repairable;
        }

        /** How bad it is. */
        public Severity severity() {
            return severity;
        }

        /** Whether {@link StoreRepair} can put it right without risking anything. */
        public boolean isRepairable() {
            return repairable;
        }
    }
}
