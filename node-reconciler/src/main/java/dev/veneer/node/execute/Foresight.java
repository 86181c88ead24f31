package dev.veneer.node.execute;

/** What was found out about a sliver before it was taken down for a rewrite, and need not be found out again if it still holds. */
interface Foresight extends AutoCloseable {
    /** Gives up what it is kept in. */
    @Override
    default void close() {}
}
