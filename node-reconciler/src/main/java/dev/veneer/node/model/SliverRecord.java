package dev.veneer.node.model;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the store knows of a sliver, durably: {@code slivers/NS/NAME/record.json}. The revision that it names is the
 * sliver's current one; replacing this record is the one atomic switch.
 *
 * @param id namespace and name
 * @param uid made once, when the sliver is
 * @param generation raised when the canonical spec changes, from 1
 * @param sourceId the source that declared it last
 * @param createdAt when it was made
 * @param canonicalSpec the declared spec that is in force, as canonical JSON
 * @param driver the driver, resolved once
 * @param driverReason why this driver
 * @param store name of the NodeStore
 * @param rootfs absolute path of its mount point
 * @param baseName name of the BaseImage it was made from
 * @param baseDigest the content it stands on
 * @param revision the current revision of its writable store
 * @param instanceSerial the serial that this instance was made for
 * @param idRange its range of host ids, allocated at first need and then kept, or null
 * @param previous revisions kept for a while, newest first
 * @param snapshots its snapshots, newest first
 * @param rollback whether and how it went back
 * @param reruns commands to be run in it after its next start, in order
 * @param compactedAt when it was last compacted, or null
 * @param retainedAt since when it is kept although no longer declared ({@code deletionPolicy: Retain}), or null
 * @param dataDeleted its data went after {@code deleteAfter}; it never deploys again
 * @param namespace uid of the namespace that it was declared in, or null where that was not known
 */
public record SliverRecord(
        SliverId id,
        String uid,
        long generation,
        String sourceId,
        Instant createdAt,
        String canonicalSpec,
        String driver,
        String driverReason,
        String store,
        String rootfs,
        String baseName,
        Digest baseDigest,
        int revision,
        int instanceSerial,
        @Nullable IdRange idRange,
        List<PreviousRevision> previous,
        List<Snapshot> snapshots,
        RollbackState rollback,
        List<Rerun> reruns,
        @Nullable Instant compactedAt,
        @Nullable Instant retainedAt,
        boolean dataDeleted,
        @Nullable String namespace) {
    /** Of a sliver whose namespace has no uid. */
    public SliverRecord(
            SliverId id,
            String uid,
            long generation,
            String sourceId,
            Instant createdAt,
            String canonicalSpec,
            String driver,
            String driverReason,
            String store,
            String rootfs,
            String baseName,
            Digest baseDigest,
            int revision,
            int instanceSerial,
            @Nullable IdRange idRange,
            List<PreviousRevision> previous,
            List<Snapshot> snapshots,
            RollbackState rollback,
            List<Rerun> reruns,
            @Nullable Instant compactedAt,
            @Nullable Instant retainedAt,
            boolean dataDeleted) {
        this(
                id,
                uid,
                generation,
                sourceId,
                createdAt,
                canonicalSpec,
                driver,
                driverReason,
                store,
                rootfs,
                baseName,
                baseDigest,
                revision,
                instanceSerial,
                idRange,
                previous,
                snapshots,
                rollback,
                reruns,
                compactedAt,
                retainedAt,
                dataDeleted,
                null);
    }

    public SliverRecord {
        previous = List.copyOf(previous);
        snapshots = List.copyOf(snapshots);
        reruns = List.copyOf(reruns);
    }

    /** All revisions that it names beside the current one: previous ones and snapshots. */
    public List<KeptRevision> kept() {
        if (previous.isEmpty() && snapshots.isEmpty()) {
            return List.of();
        }
        List<KeptRevision> kept = new ArrayList<>();
        for (PreviousRevision each : previous) {
            kept.add(new KeptRevision(
                    each.revision(),
                    each.driver(),
                    each.baseName(),
                    each.baseDigest(),
                    "a previous revision, kept until " + each.keepUntil()));
        }
        for (Snapshot each : snapshots) {
            kept.add(new KeptRevision(
                    each.revision(),
                    each.driver(),
                    each.baseName(),
                    each.baseDigest(),
                    "a snapshot of " + each.takenAt()));
        }
        return kept;
    }

    /** Serial of the last order to go back that was carried out; 0 for none. */
    public int rollbackSerial() {
        return rollback.answered();
    }

    /** What was declared when it went back, against which it is held; null when it is not. */
    public @Nullable String heldStandpoint() {
        return rollback.held();
    }

    /** Whether it went back, and what is declared is still what that holds against. */
    public boolean isHeldAgainst(DesiredSliver declared) {
        return declared.standpoint().equals(heldStandpoint());
    }

    /** The same with other commands to run. */
    public SliverRecord withReruns(List<Rerun> commands) {
        return new SliverRecord(
                id,
                uid,
                generation,
                sourceId,
                createdAt,
                canonicalSpec,
                driver,
                driverReason,
                store,
                rootfs,
                baseName,
                baseDigest,
                revision,
                instanceSerial,
                idRange,
                previous,
                snapshots,
                rollback,
                commands,
                compactedAt,
                retainedAt,
                dataDeleted,
                namespace);
    }
}
