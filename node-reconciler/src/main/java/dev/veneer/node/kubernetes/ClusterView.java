package dev.veneer.node.kubernetes;

import dev.veneer.node.model.ObjectRef;

/** What is seen of a cluster once it is known which one it is. */
record ClusterView(
        ClusterId cluster,
        Namespaces trust,
        NamespaceIds namespaces,
        Watched slivers,
        Watched images,
        Watched stores,
        ClusterSource source)
        implements AutoCloseable {
    /** Begins to watch; nothing is waited for. */
    void start() {
        source.started();
        trust.start();
        slivers.start();
        images.start();
        stores.start();
    }

    Watched of(ObjectRef ref) {
        return switch (ref.kind()) {
            case Sliver -> slivers;
            case BaseImage -> images;
            default -> stores;
        };
    }

    @Override
    public void close() {
        trust.close();
        slivers.close();
        images.close();
        stores.close();
    }
}
