package dev.veneer.api.v1alpha1;

/** How far a sliver is brought; each includes what comes before it. */
public enum TargetState {
    /** Its writable store exists; nothing is mounted. */
    Registered,
    /** It is mounted at its rootfs. */
    Deployed,
    /** LXC runs it. */
    Started
}
