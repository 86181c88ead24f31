package dev.veneer.node.tree;

/**
 * A record of a manifest.
 *
 * @param path in the tree; the root is empty
 * @param identity what identifies the file
 * @param firstLink the first path of its group of hard links when this is a later one of them; else empty. (A first
 *     path's record does not tell that others follow)
 */
public record ManifestEntry(Bytes path, Identity identity, Bytes firstLink) {}
