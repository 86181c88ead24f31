package dev.veneer.node.store;

import dev.veneer.node.model.BaseRecord;
import dev.veneer.node.model.Digest;
import dev.veneer.node.model.ImageRecord;
import dev.veneer.node.model.NodeStoreRecord;
import dev.veneer.node.model.OrderedMap;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.model.SourceRecord;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * Everything that the store says at one moment. When nothing has changed since the scan before, a scan returns the very
 * same object.
 *
 * @param slivers by identity
 * @param images by name
 * @param bases by digest
 * @param sources by id
 * @param nodeStore the NodeStore's record, or null when there is none yet
 * @param problems what could not be read; what they concern is in none of the maps
 */
public record StoreView(
        Map<SliverId, StoredSliver> slivers,
        Map<String, ImageRecord> images,
        Map<Digest, BaseRecord> bases,
        SortedMap<String, SourceRecord> sources,
        @Nullable NodeStoreRecord nodeStore,
        List<StoreProblem> problems) {
    public StoreView {
        slivers = OrderedMap.copyOf(slivers);
        images = OrderedMap.copyOf(images);
        bases = OrderedMap.copyOf(bases);
        sources = Collections.unmodifiableSortedMap(sources);
        problems = List.copyOf(problems);
    }
}
