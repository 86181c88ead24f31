package dev.veneer.api.v1alpha1;

import static dev.veneer.api.v1alpha1.Forms.LABEL_MAX;
import static dev.veneer.api.v1alpha1.Forms.MESSAGE_MAX;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a sliver is.
 *
 * @param observedGeneration the metadata.generation that this status describes; -1 before the first look
 * @param driver the driver that built it
 * @param driverReason why this one
 * @param store the NodeStore that holds it
 * @param rootfs where it is mounted
 * @param base the base that it stands on
 * @param revision the number of its writable store's revision in force
 * @param idRange the ids of the node that it runs as, FIRST:COUNT
 * @param container the container that runs it
 * @param usage the space that it takes
 * @param lastCompaction what the last compaction came to
 * @param lastRebase what the last move to another base came to
 * @param lastRollback when it last went back, and to what
 * @param snapshots its snapshots, newest first
 * @param revisions the revision in force and those that are kept for a while, newest first
 * @param conditions Ready, Reconciling, Stalled, BaseUpToDate, DesiredStateFresh, Expired
 * @param lastHandledRequestAt the annotation veneer.dev/requestedAt as it was when the node last looked because of it
 * @param history what was last done to it, newest first
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record SliverStatus(
        @Nullable @Min(-1) Long observedGeneration,
        @Nullable @Size(max = LABEL_MAX) String driver,
        @Nullable @Size(max = MESSAGE_MAX) String driverReason,
        @Nullable @Size(max = LABEL_MAX) String store,
        @Nullable @Size(max = 4096) String rootfs,
        @Nullable SliverBase base,
        @Nullable @Min(0) Long revision,
        @Nullable @Size(max = 21) String idRange,
        @Nullable ContainerStatus container,
        @Nullable SliverUsage usage,
        @Nullable LastCompaction lastCompaction,
        @Nullable LastRebase lastRebase,
        @Nullable LastRollback lastRollback,
        @Size(max = 128) List<SliverSnapshot> snapshots,
        @Size(max = 128) List<SliverRevision> revisions,
        @ListKey("type") @Size(max = 16) List<Condition> conditions,
        @Nullable @Size(max = 256) String lastHandledRequestAt,
        @Size(max = 5) List<HistoryEntry> history) {
    public SliverStatus {
        snapshots = Lists.orEmpty(snapshots);
        revisions = Lists.orEmpty(revisions);
        conditions = Lists.orEmpty(conditions);
        history = Lists.orEmpty(history);
    }
}
