package dev.veneer.node.tree.rewrite;

import dev.veneer.node.tree.Bytes;
import java.util.Map;

/**
 * What a view differs from a base in.
 *
 * @param steps what a store that gives the view over the base has to hold
 * @param recipes how paths of steps are made that are not simply as the source has them
 * @param links which groups of hard links among them stay with the base
 * @param tally figures
 */
public record Change(Steps steps, Map<Bytes, Recipe> recipes, LinkSets links, Tally tally) implements AutoCloseable {
    @Override
    public void close() {
        links.close();
    }
}
