package dev.veneer.api.v1alpha1;

/** What a sliver becomes when its {@code baseImage} is edited. */
public enum RebaseStrategy {
    /** What its owner left alone follows the new base, what its owner changed stays. */
    Merge,
    /** It looks as before; only what is the same in the new base is no longer its own. */
    PreserveView,
    /** It starts from the new base with nothing but its pinned paths. */
    Discard
}
