package dev.veneer.node.tree.rewrite;

/**
 * What a view differs from a base in.
 *
 * @param steps what a store that gives the view over the base has to hold
 * @param links which groups of hard links among them stay with the base
 * @param tally figures
 */
public record Change(Steps steps, LinkSets links, Tally tally) implements AutoCloseable {
    @Override
    public void close() {
        links.close();
    }
}
