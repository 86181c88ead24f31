package dev.veneer.node.model;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What the store knows of a BaseImage object, durably: {@code images/NAME.json}.
 *
 * @param name its name
 * @param uid made once, when the object is first seen
 * @param generation raised when the canonical spec changes, from 1
 * @param sourceId the source that declared it last
 * @param createdAt when it was first seen
 * @param canonicalSpec the spec in force, as canonical JSON
 * @param digest the content that it was found to have, or null before the first import. Never changes after
 */
public record ImageRecord(
        String name,
        String uid,
        long generation,
        String sourceId,
        Instant createdAt,
        String canonicalSpec,
        @Nullable Digest digest) {}
