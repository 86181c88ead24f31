package dev.veneer.node.model;

import java.time.Instant;

/**
 * What the store durably knows of its own NodeStore object.
 *
 * @param name its name
 * @param uid made once
 * @param generation raised with each change of the canonical spec
 * @param createdAt when it was first recorded
 * @param sourceId the source that declared it last; empty when {@code --store} made it
 * @param canonicalSpec the last good declared spec, canonical JSON
 */
public record NodeStoreRecord(
        String name, String uid, long generation, Instant createdAt, String sourceId, String canonicalSpec) {}
