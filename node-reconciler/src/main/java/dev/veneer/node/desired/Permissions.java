package dev.veneer.node.desired;

/**
 * What a person allowed with the command.
 *
 * @param prune absence means removal even where the source is no whole
 * @param takeOver objects of other sources are taken over
 * @param allowShrink the source may lose more than half of its objects, or all
 */
public record Permissions(boolean prune, boolean takeOver, boolean allowShrink) {
    /** Nothing beyond what a directory as a whole means. */
    public static final Permissions NONE = new Permissions(false, false, false);
}
