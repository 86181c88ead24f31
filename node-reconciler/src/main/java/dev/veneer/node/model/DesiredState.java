package dev.veneer.node.model;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
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
        SortedMap<String, DesiredBaseImage> baseImages,
        SortedMap<SliverId, DesiredSliver> slivers,
        @Nullable DesiredStore store,
        SourceState source) {
    public DesiredState {
        baseImages = Collections.unmodifiableSortedMap(new TreeMap<>(baseImages));
        slivers = Collections.unmodifiableSortedMap(new TreeMap<>(slivers));
    }
}
