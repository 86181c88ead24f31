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
 * @param damaged slivers that lie here and cannot be read, so that nobody can tell whose they are; nothing is done to them
 */
public record LastKnown(
        Collection<SliverRecord> slivers,
        Collection<ImageRecord> images,
        @Nullable NodeStoreRecord store,
        Set<ObjectRef> removals,
        Set<ObjectRef> damaged) {
    /** A store that knows nothing yet. */
    public static final LastKnown NOTHING = new LastKnown(List.of(), List.of(), null, Set.of());

    /** A store that nothing is damaged in. */
    public LastKnown(
            Collection<SliverRecord> slivers,
            Collection<ImageRecord> images,
            @Nullable NodeStoreRecord store,
            Set<ObjectRef> removals) {
        this(slivers, images, store, removals, Set.of());
    }
}
