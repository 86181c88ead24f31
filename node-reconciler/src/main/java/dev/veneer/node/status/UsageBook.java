package dev.veneer.node.status;

import dev.veneer.api.v1alpha1.SliverUsage;
import dev.veneer.node.model.SliverId;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What was measured last of each sliver. Measuring walks, so it is done on a schedule and not in a pass. */
public final class UsageBook {
    private final Map<SliverId, SliverUsage> measured = new HashMap<>();
    private long version;

    /** Notes a measurement. */
    public synchronized void put(SliverId id, SliverUsage usage) {
        measured.put(id, usage);
        version++;
    }

    /** All that was measured, also of slivers that have gone since. */
    synchronized Map<SliverId, SliverUsage> all() {
        return Map.copyOf(measured);
    }

    /** What a compaction would give back, where that was estimated. */
    synchronized Map<SliverId, Long> reclaimable() {
        Map<SliverId, Long> all = new HashMap<>();
        measured.forEach((id, usage) -> {
            Long bytes = usage.reclaimableBytes();
            if (bytes != null) {
                all.put(id, bytes);
            }
        });
        return all;
    }

    /** Forgets a measurement that no longer holds. */
    public synchronized void forget(SliverId id) {
        if (measured.remove(id) != null) {
            version++;
        }
    }

    /** Raised by every measurement. */
    synchronized long version() {
        return version;
    }

    /** The last measurement, or null. */
    public synchronized @Nullable SliverUsage of(SliverId id) {
        return measured.get(id);
    }
}
