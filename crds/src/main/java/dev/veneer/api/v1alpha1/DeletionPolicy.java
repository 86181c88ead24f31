package dev.veneer.api.v1alpha1;

/** What happens to a sliver's data when the sliver is deleted. */
public enum DeletionPolicy {
    /** They are removed. */
    Delete,
    /** They stay; declared again, the sliver takes them up. */
    Retain
}
