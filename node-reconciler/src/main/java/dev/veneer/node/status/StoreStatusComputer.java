package dev.veneer.node.status;

import dev.veneer.api.v1alpha1.DriverRow;
import dev.veneer.api.v1alpha1.NodeStoreStatus;
import dev.veneer.api.v1alpha1.SliverUsage;
import dev.veneer.api.v1alpha1.StoreCapacity;
import dev.veneer.api.v1alpha1.StoreUsage;
import dev.veneer.api.v1alpha1.StoredBaseImage;
import dev.veneer.node.model.ActualSliver;
import dev.veneer.node.model.ActualState;
import dev.veneer.node.model.BaseRecord;
import dev.veneer.node.model.DriverFacts;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.plan.PlanInput;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Computes the NodeStore's status. */
public final class StoreStatusComputer {
    /** Free space is told in steps of this size, so that a status is not written for each block that is used. */
    private static final long STEP = 16L << 20;

    private StoreStatusComputer() {}

    /**
     * The status of the store.
     *
     * @param previous what was written before, or null
     * @param input what the plan was made from
     * @param images the base images, as {@link StoredImages} tells of them
     */
    static NodeStoreStatus compute(
            @Nullable NodeStoreStatus previous,
            PlanInput input,
            List<StoredBaseImage> images,
            Situation situation,
            UsageBook usage) {
        ActualState actual = input.actual();
        Instant now = input.now();
        int orphans = input.desired().orphans().size();
        long generation = actual.store() == null ? 1 : actual.store().generation();
        ConditionSet conditions =
                new ConditionSet(previous == null ? List.of() : previous.conditions(), generation, now);
        situation.into(conditions, "the store can be written");
        SliverStatusComputer.fresh(situation.broken(), input.desired().source().hold(), conditions);
        List<DriverRow> drivers = new ArrayList<>();
        for (DriverFacts driver : actual.node().drivers()) {
            drivers.add(new DriverRow(
                    driver.name(), driver.available(), ConditionSet.cut(driver.reason()), driver.capabilities()));
        }
        long baseBytes =
                actual.bases().values().stream().mapToLong(BaseRecord::bytes).sum();
        return new NodeStoreStatus(
                generation,
                drivers,
                new StoreCapacity(actual.node().totalBytes(), actual.node().freeBytes() / STEP * STEP, 0, 0),
                usage(previous, actual, usage, baseBytes, now),
                images,
                null,
                orphans
                        + (int) actual.slivers().values().stream()
                                .filter(sliver -> sliver.record().retainedAt() != null)
                                .count(),
                conditions.toList());
    }

    private static StoreUsage usage(
            @Nullable NodeStoreStatus previous, ActualState actual, UsageBook book, long baseBytes, Instant now) {
        long exclusive = 0;
        long full = 0;
        int measured = 0;
        for (Map.Entry<SliverId, SliverUsage> each : book.all().entrySet()) {
            ActualSliver sliver = actual.slivers().get(each.getKey());
            if (sliver != null) {
                measured++;
                exclusive += each.getValue().exclusiveBytes();
                BaseRecord base = actual.bases().get(sliver.record().baseDigest());
                full += base == null ? 0 : base.bytes();
            }
        }
        Long saved = measured == 0 ? null : Math.max(0, full - baseBytes);
        StoreUsage before = previous == null ? null : previous.usage();
        String at = now.truncatedTo(ChronoUnit.SECONDS).toString();
        int slivers = actual.slivers().size();
        if (before != null
                && before.baseImageBytes() == baseBytes
                && before.sliverBytes() == exclusive
                && before.slivers() == slivers) {
            at = before.observedAt();
        }
        return new StoreUsage(baseBytes, exclusive, saved, slivers, at);
    }
}
