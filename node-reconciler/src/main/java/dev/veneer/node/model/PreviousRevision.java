package dev.veneer.node.model;

import java.time.Instant;

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
 */
public record PreviousRevision(
        int revision,
        String why,
        String driver,
        String baseName,
        Digest baseDigest,
        Instant since,
        Instant keepUntil) {}
