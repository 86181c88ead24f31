package dev.veneer.node.tree.merge;

/**
 * Settles conflicts by the sliver's rules, and notes them. With {@link OnConflict#FAIL} the asker goes on as with
 * {@link OnConflict#KEEP_SLIVER}, so that all conflicts are found; nothing is written then.
 */
@FunctionalInterface
public interface Resolver {
    OnConflict settle(Conflict conflict);
}
