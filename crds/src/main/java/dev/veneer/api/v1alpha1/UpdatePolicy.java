package dev.veneer.api.v1alpha1;

/** What may be done to a running sliver so that it can be changed. */
public enum UpdatePolicy {
    /** It is stopped, changed and started. */
    Restart,
    /** The change waits until the sliver is stopped. */
    WhenStopped
}
