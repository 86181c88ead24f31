package dev.veneer.node.store;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.model.ObjectRef;
import java.util.Map;
import java.util.Set;

/**
 * What became of each thing in a batch.
 *
 * @param done what is durable now
 * @param failed what is as it was before, and why
 */
public record BatchResult(Set<ObjectRef> done, Map<ObjectRef, NodeException> failed) {
    public BatchResult {
        done = Set.copyOf(done);
        failed = Map.copyOf(failed);
    }
}
