package dev.veneer.node.image;

import dev.veneer.node.model.Digest;
import java.util.List;

/**
 * A finished import, not yet durable.
 *
 * @param digest of the tree, by its manifest
 * @param bytes sum of the sizes of its distinct files
 * @param files number of its paths, the root included
 * @param notices what was left out, for people; a sentence each
 */
public record ImportResult(Digest digest, long bytes, long files, List<String> notices) {
    public ImportResult {
        notices = List.copyOf(notices);
    }
}
