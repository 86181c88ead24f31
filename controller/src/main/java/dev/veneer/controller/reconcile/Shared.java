package dev.veneer.controller.reconcile;

import dev.veneer.api.v1alpha1.BaseImage;
import dev.veneer.api.v1alpha1.NodeStore;
import dev.veneer.api.v1alpha1.Sliver;
import dev.veneer.controller.decide.Lost;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.javaoperatorsdk.operator.api.reconciler.IndexedResourceCache;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.IndexerResourceCache;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What the reconcilers have in common: each one's cache, which the others read, so that every object is in memory once, and a
 * way to have objects of another looked at again.
 */
public final class Shared {
    private static final String BY_NODE = "node";
    private static final String BY_IMAGE = "image";

    private final AtomicBoolean complete = new AtomicBoolean();
    private final AtomicReference<@Nullable IndexedResourceCache<Sliver>> slivers = new AtomicReference<>();
    private final AtomicReference<@Nullable IndexedResourceCache<NodeStore>> stores = new AtomicReference<>();
    final SimpleInboundEventSource<Sliver> sliverAgain = new SimpleInboundEventSource<>("slivers-again");
    final SimpleInboundEventSource<BaseImage> imageAgain = new SimpleInboundEventSource<>("images-again");

    /** Every cache has been filled once. */
    public void complete() {
        complete.set(true);
    }

    /** Whether every cache has been filled: before that, absence means nothing. */
    boolean isComplete() {
        return complete.get();
    }

    void slivers(IndexerResourceCache<Sliver> cache) {
        cache.addIndexer(BY_NODE, sliver -> List.of(sliver.getSpec().nodeName()));
        cache.addIndexer(BY_IMAGE, Shared::images);
        slivers.set(cache);
    }

    void stores(IndexerResourceCache<NodeStore> cache) {
        cache.addIndexer(BY_NODE, store -> List.of(store.getSpec().nodeName()));
        cache.addIndexer(
                BY_IMAGE,
                store -> store.getStatus() == null
                        ? List.of()
                        : store.getStatus().baseImages().stream()
                                .map(row -> row.name())
                                .toList());
        stores.set(cache);
    }

    /** The base images that a sliver uses: the one that it names, and the one on which it stands yet. */
    static List<String> images(Sliver sliver) {
        List<String> images = new ArrayList<>(List.of(sliver.getSpec().baseImage()));
        if (sliver.getStatus() != null && sliver.getStatus().base() != null) {
            String stands = sliver.getStatus().base().name();
            if (stands != null && !images.contains(stands)) {
                images.add(stands);
            }
        }
        return images;
    }

    List<Sliver> sliversOn(String node) {
        return indexed(slivers.get(), BY_NODE, node);
    }

    List<Sliver> sliversOf(String image) {
        return indexed(slivers.get(), BY_IMAGE, image);
    }

    List<NodeStore> storesOf(String node) {
        return indexed(stores.get(), BY_NODE, node);
    }

    List<NodeStore> storesWith(String image) {
        return indexed(stores.get(), BY_IMAGE, image);
    }

    /** How many NodeStores there are. */
    public int storeCount() {
        return count(store -> true);
    }

    /** How many of them say that their agent does not report. */
    public int lostCount() {
        return count(
                store -> store.getStatus() != null && Lost.is(store.getStatus().conditions()));
    }

    private int count(Predicate<NodeStore> predicate) {
        IndexedResourceCache<NodeStore> cache = stores.get();
        return cache == null ? 0 : (int) cache.list(predicate).count();
    }

    private static <T extends HasMetadata> List<T> indexed(
            @Nullable IndexedResourceCache<T> cache, String index, String key) {
        if (cache == null) {
            throw new IllegalStateException("a reconciler was not registered");
        }
        return cache.byIndex(index, key);
    }

    void lookAgainAt(Sliver sliver) {
        sliverAgain.propagateEvent(ResourceID.fromResource(sliver));
    }

    void lookAgainAtImages(Collection<String> names) {
        names.stream().distinct().forEach(name -> imageAgain.propagateEvent(new ResourceID(name)));
    }
}
