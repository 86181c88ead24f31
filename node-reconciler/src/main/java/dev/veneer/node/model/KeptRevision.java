package dev.veneer.node.model;

/**
 * A revision that a sliver's record names beside the current one.
 *
 * @param revision its number
 * @param driver the driver that made it
 * @param baseName the BaseImage that it stands on
 * @param baseDigest that one's content
 * @param why for people: {@code a previous revision, kept until …} or {@code a snapshot of …}
 */
public record KeptRevision(int revision, String driver, String baseName, Digest baseDigest, String why) {}
