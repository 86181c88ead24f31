package dev.veneer.node.model;

import java.time.Instant;
import java.util.List;

/**
 * A copy of a sliver's writable store as it was at some time; a revision of its own that is never mounted.
 *
 * @param revision its number
 * @param of the revision that it is a copy of
 * @param takenAt when it was taken
 * @param driver the driver that made it
 * @param baseName the BaseImage that it stands on
 * @param baseDigest that one's content, which is kept as long
 * @param reruns commands that were still to be run in it, and are when the sliver goes back to it
 */
public record Snapshot(
        int revision, int of, Instant takenAt, String driver, String baseName, Digest baseDigest, List<Rerun> reruns) {
    public Snapshot {
        reruns = List.copyOf(reruns);
    }
}
