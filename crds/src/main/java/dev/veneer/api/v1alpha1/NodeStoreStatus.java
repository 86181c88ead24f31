package dev.veneer.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a node store can do and holds.
 *
 * @param observedGeneration the metadata.generation that this status describes; -1 before the first look
 * @param drivers the drivers, and whether they work here
 * @param capacity the size of the file system
 * @param usage what the store holds
 * @param baseImages the base images that it holds or imports
 * @param storeId in Kubernetes, the id of the store that it is: another one under the same NodeStore is not filled
 * @param orphans how many slivers lie here that nobody declares
 * @param conditions Ready, Reconciling, Stalled, DesiredStateFresh
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record NodeStoreStatus(
        @Nullable @Min(-1) Long observedGeneration,
        @ListKey("name") @Size(max = 32) List<DriverRow> drivers,
        @Nullable StoreCapacity capacity,
        @Nullable StoreUsage usage,
        @ListKey("name") @Size(max = 1000) List<StoredBaseImage> baseImages,
        @Nullable @Size(max = 36) String storeId,
        @Nullable @Min(0) Integer orphans,
        @ListKey("type") @Size(max = 16) List<Condition> conditions) {
    public NodeStoreStatus {
        drivers = Lists.orEmpty(drivers);
        baseImages = Lists.orEmpty(baseImages);
        conditions = Lists.orEmpty(conditions);
    }
}
