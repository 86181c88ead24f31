package dev.veneer.node.execute;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.store.Batch;
import dev.veneer.node.store.BatchResult;

/** Commits a batch in which one thing matters. */
final class Commits {
    private Commits() {}

    /** Commits and throws what kept this item from being published. */
    static void commit(Batch batch, ObjectRef item) throws NodeException {
        BatchResult result = batch.commit();
        NodeException failure = result.failed().get(item);
        if (failure == null && !result.failed().isEmpty()) {
            failure = result.failed().values().iterator().next();
        }
        if (failure != null) {
            throw failure;
        }
    }
}
