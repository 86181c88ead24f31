package dev.veneer.node.status;

import dev.veneer.api.v1alpha1.BaseImageStatus;
import dev.veneer.api.v1alpha1.BlockedBy;
import dev.veneer.node.model.ActualImage;
import dev.veneer.node.model.BaseRecord;
import dev.veneer.node.model.Digest;
import dev.veneer.node.model.SliverId;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Computes a BaseImage's status. */
public final class ImageStatusComputer {
    private static final int FIRST = 10;

    private ImageStatusComputer() {}

    /**
     * The status of a BaseImage.
     *
     * @param previous what was written before, or null
     * @param actual what the store knows of it, or null before its first import
     * @param base its tree, or null when that is not in the store
     * @param users slivers that keep it from being removed, when it is no longer declared
     */
    public static BaseImageStatus compute(
            @Nullable BaseImageStatus previous,
            @Nullable ActualImage actual,
            @Nullable BaseRecord base,
            List<SliverId> users,
            Situation situation,
            Instant now) {
        long generation = actual == null ? 1 : actual.record().generation();
        ConditionSet conditions =
                new ConditionSet(previous == null ? List.of() : previous.conditions(), generation, now);
        Digest digest = actual == null ? null : actual.record().digest();
        situation.into(
                conditions,
                base == null
                        ? "its tree was collected; it is imported again when a sliver needs it"
                        : "imported: " + base.files() + " paths");
        return new BaseImageStatus(
                generation,
                digest == null ? null : digest.toString(),
                base == null ? null : base.bytes(),
                base == null ? null : base.files(),
                users.isEmpty()
                        ? null
                        : new BlockedBy(
                                users.size(),
                                users.stream()
                                        .limit(FIRST)
                                        .map(SliverId::toString)
                                        .toList()),
                null,
                conditions.toList());
    }
}
