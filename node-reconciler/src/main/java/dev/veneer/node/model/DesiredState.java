package dev.veneer.node.model;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Everything that one source declares for this node.
 *
 * @param baseImages by name
 * @param slivers of this node, by identity
 * @param store the NodeStore declared for this store, or null
 * @param source what is known of the source itself
 */
public record DesiredState(
        Map<String, DesiredBaseImage> baseImages,
        Map<SliverId, DesiredSliver> slivers,
        @Nullable DesiredStore store,
        SourceState source) {
    public DesiredState {
        baseImages = OrderedMap.copyOf(baseImages);
        slivers = OrderedMap.copyOf(slivers);
    }
}
