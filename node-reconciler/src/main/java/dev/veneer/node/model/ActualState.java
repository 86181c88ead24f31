package dev.veneer.node.model;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * Everything that is, as far as the planner cares.
 *
 * @param node facts of the node and its store
 * @param images BaseImage objects that the store knows
 * @param bases trees of base images in the store
 * @param slivers slivers in the store
 * @param damaged objects whose records cannot be read, with what is wrong; nothing is done to them
 * @param store the record of the store's own NodeStore, or null before one was declared
 * @param sources what is recorded of sources of desired state, by id
 * @param trash whether there is something in the trash
 */
public record ActualState(
        NodeFacts node,
        Map<String, ActualImage> images,
        Map<Digest, BaseRecord> bases,
        Map<SliverId, ActualSliver> slivers,
        List<Damage> damaged,
        @Nullable NodeStoreRecord store,
        SortedMap<String, SourceRecord> sources,
        boolean trash) {

    /** An object whose record cannot be read. */
    public record Damage(ObjectRef object, String message) {}

    public ActualState {
        images = OrderedMap.copyOf(images);
        bases = OrderedMap.copyOf(bases);
        slivers = OrderedMap.copyOf(slivers);
        damaged = List.copyOf(damaged);
        sources = Collections.unmodifiableSortedMap(sources);
    }
}
