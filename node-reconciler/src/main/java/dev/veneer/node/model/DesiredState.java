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
 * @param orphans slivers that lie here, whoever declared them last, and that no object of the source bears the name of: left as
 *     they are
 * @param goneImages BaseImages that the source declared last and that are gone from it for good, where absence alone would not say
 *     so
 */
public record DesiredState(
        Map<String, DesiredBaseImage> baseImages,
        Map<SliverId, DesiredSliver> slivers,
        @Nullable DesiredStore store,
        SourceState source,
        Map<SliverId, DesiredSliver> deletions,
        Set<SliverId> orphans,
        Set<String> goneImages) {
    /** Without what is gone. */
    public DesiredState(
            Map<String, DesiredBaseImage> baseImages,
            Map<SliverId, DesiredSliver> slivers,
            @Nullable DesiredStore store,
            SourceState source) {
        this(baseImages, slivers, store, source, Map.of(), Set.of(), Set.of());
    }

    public DesiredState {
        baseImages = OrderedMap.copyOf(baseImages);
        slivers = OrderedMap.copyOf(slivers);
        deletions = OrderedMap.copyOf(deletions);
        orphans = Set.copyOf(orphans);
        goneImages = Set.copyOf(goneImages);
    }
}
