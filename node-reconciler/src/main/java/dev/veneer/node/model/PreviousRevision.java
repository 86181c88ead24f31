package dev.veneer.node.model;

import java.time.Instant;

/**
 * A revision that is kept for a while after the sliver moved on.
 *
 * @param revision its number
 * @param why what replaced it, a word such as {@code NewInstance}
 * @param driver the driver that made it
 * @param baseDigest the content it stands on, which is kept as long
 * @param since when it was replaced
 * @param keepUntil when it may go
 */
public record PreviousRevision(
        int revision, String why, String driver, Digest baseDigest, Instant since, Instant keepUntil) {}
