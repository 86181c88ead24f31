package dev.veneer.node.tree.merge;

import dev.veneer.node.tree.Bytes;
import java.util.List;

/**
 * What both sides changed so that it does not go together.
 *
 * @param kind which row of the verdict table
 * @param paths the paths that are decided together, one or more; rules match any of them
 * @param detail for people: what each side did, such as {@code uid 1001 is "alice" in the sliver and "statd" in the new base}
 */
public record Conflict(Verdict kind, List<Bytes> paths, String detail) {
    public Conflict {
        paths = List.copyOf(paths);
    }
}
