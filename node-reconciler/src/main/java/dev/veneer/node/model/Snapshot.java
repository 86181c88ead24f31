package dev.veneer.node.model;

import java.time.Instant;

/**
 * A copy of a sliver's writable store as it was at some time; a revision of its own that is never mounted.
 *
 * @param revision its number
 * @param of the revision that it is a copy of
 * @param takenAt when it was taken
 * @param driver the driver that made it
 * @param baseName the BaseImage that it stands on
 * @param baseDigest that one's content, which is kept as long
 */
public record Snapshot(int revision, int of, Instant takenAt, String driver, String baseName, Digest baseDigest) {}
