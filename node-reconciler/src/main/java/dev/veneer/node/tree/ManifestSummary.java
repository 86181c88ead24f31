package dev.veneer.node.tree;

import dev.veneer.node.model.Digest;

/**
 * What a finished manifest says of its tree.
 *
 * @param digest of the canonical form
 * @param entries number of paths, the root included
 * @param bytes sum of the sizes of the distinct regular files
 */
public record ManifestSummary(Digest digest, long entries, long bytes) {}
