package dev.veneer.node.status;

import dev.veneer.api.Conditions;
import dev.veneer.api.Reason;
import dev.veneer.api.v1alpha1.Condition;
import dev.veneer.api.v1alpha1.ContainerStatus;
import dev.veneer.api.v1alpha1.SliverBase;
import dev.veneer.api.v1alpha1.SliverStatus;
import dev.veneer.api.v1alpha1.SliverUsage;
import dev.veneer.node.model.ActualSliver;
import dev.veneer.node.model.ContainerState;
import dev.veneer.node.model.DesiredSliver;
import dev.veneer.node.model.Digest;
import dev.veneer.node.model.SliverRecord;
import dev.veneer.node.store.StoreLayout;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Computes a Sliver's status. */
public final class SliverStatusComputer {
    private SliverStatusComputer() {}

    /**
     * The status of a sliver that is there.
     *
     * @param previous what was written before, or null
     * @param imageDigest the content that its BaseImage has now, or null when that is not known
     * @param usage what was measured last, or null
     * @param store absolute path of the store
     */
    public static SliverStatus compute(
            @Nullable SliverStatus previous,
            ActualSliver actual,
            Situation situation,
            @Nullable Digest imageDigest,
            @Nullable SliverUsage usage,
            String store,
            Instant now) {
        SliverRecord record = actual.record();
        ConditionSet conditions =
                new ConditionSet(previous == null ? List.of() : previous.conditions(), record.generation(), now);
        situation.into(conditions, readyMessage(actual, store));
        base(record, imageDigest, conditions);
        RevisionStatus revisions = RevisionStatus.of(previous, record, situation.results());
        fresh(situation.broken(), situation.held(), conditions);
        expired(actual.inForce(), now, conditions);
        ContainerState container = actual.container();
        boolean known = container.phase() != ContainerState.Phase.NONE;
        return new SliverStatus(
                record.generation(),
                record.driver(),
                ConditionSet.cut(record.driverReason()),
                record.store(),
                record.rootfs(),
                new SliverBase(record.baseName(), record.baseDigest().toString()),
                (long) record.revision(),
                record.idRange() == null ? null : record.idRange().toString(),
                known
                        ? new ContainerStatus(
                                record.id().namespace() + "." + record.id().name(),
                                title(container.phase()),
                                container.restarts())
                        : null,
                usage,
                revisions.lastCompaction(),
                revisions.lastRebase(),
                revisions.lastRollback(),
                revisions.snapshots(),
                revisions.revisions(),
                conditions.toList(),
                null,
                History.of(previous, situation.results(), record));
    }

    /** The status of a sliver that is declared and not there. */
    public static SliverStatus absent(@Nullable SliverStatus previous, Situation situation, Instant now) {
        ConditionSet conditions = new ConditionSet(previous == null ? List.of() : previous.conditions(), 1, now);
        situation.into(conditions, "");
        fresh(situation.broken(), situation.held(), conditions);
        return new SliverStatus(
                1L,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                List.of(),
                List.of(),
                conditions.toList(),
                null,
                List.of());
    }

    private static String readyMessage(ActualSliver actual, String store) {
        if (actual.record().retainedAt() != null) {
            SliverRecord record = actual.record();
            return "no longer declared; its data are kept in "
                    + new StoreLayout(store).absoluteRevision(record.id(), record.revision());
        }
        return switch (actual.inForce().power()) {
            case Registered -> "its writable store is there";
            case Deployed -> "mounted at " + actual.record().rootfs();
            case Started -> "runs on " + actual.record().rootfs();
        };
    }

    private static void base(SliverRecord record, @Nullable Digest imageDigest, ConditionSet conditions) {
        if (record.heldStandpoint() != null) {
            conditions.set(
                    Conditions.BASE_UP_TO_DATE,
                    false,
                    Reason.RolledBack,
                    "it went back and stands on " + record.baseName() + "; what was declared then ("
                            + record.heldStandpoint() + ") is not acted on until one of these three is edited");
        } else if (imageDigest == null) {
            conditions.set(
                    Conditions.BASE_UP_TO_DATE,
                    Condition.Status.Unknown,
                    Reason.BaseImageNotFound,
                    "BaseImage " + record.baseName() + " is not declared any more; the sliver stays on its digest");
        } else if (imageDigest.equals(record.baseDigest())) {
            conditions.set(
                    Conditions.BASE_UP_TO_DATE, true, Reason.Succeeded, "stands on what " + record.baseName() + " is");
        } else {
            conditions.set(
                    Conditions.BASE_UP_TO_DATE,
                    false,
                    Reason.BaseContentChanged,
                    record.baseName() + " is now " + imageDigest + "; the sliver stays on its digest");
        }
    }

    /** Whether the desired state is read and current. */
    static void fresh(@Nullable Broken broken, @Nullable String held, ConditionSet conditions) {
        if (broken != null) {
            conditions.set(Conditions.DESIRED_STATE_FRESH, false, broken.reason(), broken.message());
        } else if (held != null) {
            conditions.set(Conditions.DESIRED_STATE_FRESH, false, Reason.SourceHeld, held);
        } else {
            conditions.set(Conditions.DESIRED_STATE_FRESH, true, Reason.Succeeded, "its source was read");
        }
    }

    private static void expired(DesiredSliver sliver, Instant now, ConditionSet conditions) {
        Instant expiresAt = sliver.expiresAt();
        if (expiresAt != null) {
            boolean expired = !now.isBefore(expiresAt);
            conditions.set(
                    Conditions.EXPIRED,
                    expired,
                    expired ? Reason.Expired : Reason.Succeeded,
                    (expired ? "expired at " : "expires at ") + expiresAt);
        }
    }

    private static String title(ContainerState.Phase phase) {
        String name = phase.name();
        return name.charAt(0) + name.substring(1).toLowerCase(Locale.ROOT);
    }
}
