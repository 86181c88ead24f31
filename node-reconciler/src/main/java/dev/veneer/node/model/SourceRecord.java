package dev.veneer.node.model;

import java.time.Instant;

/**
 * What the store durably knows of one source of desired state. What it declared last is not here but in the records of
 * the objects themselves, each of which names its source.
 *
 * @param id short name, derived from the identity: hexadecimal digits
 * @param identity what makes it this source: the paths, the URL and path, the cluster
 * @param firstSeen when it was first used with this store
 */
public record SourceRecord(String id, String identity, Instant firstSeen) {}
