package dev.veneer.node.model;

import java.time.Instant;
import java.util.List;

/**
 * A revision that is kept for a while after the sliver moved on.
 *
 * @param revision its number
 * @param why what replaced it, a word such as {@code NewInstance}
 * @param driver the driver that made it
 * @param baseName the BaseImage that it stands on
 * @param baseDigest that one's content, which is kept as long
 * @param since when it was replaced
 * @param keepUntil when it may go
 * @param reruns commands that were still to be run in it, and are again when the sliver goes back to it
 */
public record PreviousRevision(
        int revision,
        String why,
        String driver,
        String baseName,
        Digest baseDigest,
        Instant since,
        Instant keepUntil,
        List<Rerun> reruns) {
    public PreviousRevision {
        reruns = List.copyOf(reruns);
    }
}
