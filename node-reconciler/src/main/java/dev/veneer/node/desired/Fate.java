package dev.veneer.node.desired;

/** What is to become of an object that a source has. */
public enum Fate {
    /** Nobody deleted it. */
    STAYS,
    /** It is being deleted, and nobody ordered yet what is to become of what lies here. */
    LEAVES,
    /** It is being deleted, and what lies here for it is to go. */
    GOES
}
