package dev.veneer.node.failure;

/** What follows from a failure. */
public enum Follow {
    /** Likely to pass by itself: try again with backoff. */
    RETRY,
    /** Somebody or something is in the way (in use, no space, disk read-only): look again at each pass. */
    WAIT,
    /** Only a change of the declared state, or a person, helps: do not try again until one of them acts. */
    STALLED
}
