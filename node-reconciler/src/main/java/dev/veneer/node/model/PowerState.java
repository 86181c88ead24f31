package dev.veneer.node.model;

/** {@code spec.desiredState}: how far a sliver is brought up; each includes the ones before. */
public enum PowerState {
    /** Its writable store exists. */
    Registered,
    /** Its root file system is mounted. */
    Deployed,
    /** LXC runs it. */
    Started;

    /** Whether this state includes the other. */
    public boolean atLeast(PowerState other) {
        return compareTo(other) >= 0;
    }
}
