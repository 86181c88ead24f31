package dev.veneer.node.model;

import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Everything that one source declares for this node.
 *
 * @param baseImages by name
 * @param slivers of this node, by identity
 * @param store the NodeStore declared for this store, or null
 * @param source what is known of the source itself
 * @param deletions slivers whose data are to go because somebody deleted them, as they were declared last. Where absence
 *     means removal, nothing needs to be said of them
 * @param orphans slivers that the source declared last, does not any more, and did not delete either: left as they are
 */
public record DesiredState(
        Map<String, DesiredBaseImage> baseImages,
        Map<SliverId, DesiredSliver> slivers,
        @Nullable DesiredStore store,
        SourceState source,
        Map<SliverId, DesiredSliver> deletions,
        Set<SliverId> orphans) {
    /** Without deletions and orphans. */
    public DesiredState(
            Map<String, DesiredBaseImage> baseImages,
            Map<SliverId, DesiredSliver> slivers,
            @Nullable DesiredStore store,
            SourceState source) {
        this(baseImages, slivers, store, source, Map.of(), Set.of());
    }

    public DesiredState {
        baseImages = OrderedMap.copyOf(baseImages);
        slivers = OrderedMap.copyOf(slivers);
        deletions = OrderedMap.copyOf(deletions);
        orphans = Set.copyOf(orphans);
    }
}
