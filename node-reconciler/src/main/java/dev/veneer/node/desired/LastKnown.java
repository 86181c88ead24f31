package dev.veneer.node.desired;

import dev.veneer.node.model.ImageRecord;
import dev.veneer.node.model.NodeStoreRecord;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.model.SliverRecord;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the store knows of objects: the last good version of each, and which source declared it.
 *
 * @param slivers records of slivers
 * @param images records of base images
 * @param store the record of the store's own NodeStore, or null
 * @param removals objects of this source whose removal was allowed before
 */
public record LastKnown(
        Collection<SliverRecord> slivers,
        Collection<ImageRecord> images,
        @Nullable NodeStoreRecord store,
        Set<ObjectRef> removals) {
    /** A store that knows nothing yet. */
    public static final LastKnown NOTHING = new LastKnown(List.of(), List.of(), null, Set.of());
}
