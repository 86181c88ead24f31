package dev.veneer.node.model;

import java.time.Instant;
import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;

/**
 * What the store durably knows of one source of desired state. What it declared last is not here but in the records of
 * the objects themselves, each of which names its source.
 *
 * @param id short name, derived from the identity: hexadecimal digits
 * @param identity what makes it this source: the paths, the URL and path, the cluster
 * @param firstSeen when it was first used with this store
 * @param removals objects that a person allowed to be removed although the source shrank, and that are neither gone nor
 *     declared again
 */
public record SourceRecord(String id, String identity, Instant firstSeen, Set<ObjectRef> removals) {
    public SourceRecord {
        removals = Collections.unmodifiableSet(new TreeSet<>(removals));
    }

    /** The same with other removals. */
    public SourceRecord withRemovals(Set<ObjectRef> allowed) {
        return new SourceRecord(id, identity, firstSeen, allowed);
    }
}
