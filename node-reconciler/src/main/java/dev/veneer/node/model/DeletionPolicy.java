package dev.veneer.node.model;

/** {@code spec.deletionPolicy}: what becomes of a sliver's data when it is no longer declared. */
public enum DeletionPolicy {
    /** They are removed. */
    Delete,
    /** They stay in the store, and are taken up again when the sliver is declared again. */
    Retain
}
