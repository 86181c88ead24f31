package dev.veneer.node.model;

/** What is known of the label of a namespace that lets its slivers ask for what reaches beyond them. */
public enum NamespaceTrust {
    /** It has the label. */
    TRUSTED,
    /** It has not. */
    UNTRUSTED,
    /** Nobody could tell yet. */
    UNKNOWN
}
