package dev.veneer.api.v1alpha1;

/** How a conflict of a rebase is settled. */
public enum ConflictChoice {
    /** Not at all: the rebase changes nothing, and the sliver stays on its old base. */
    Fail,
    /** The sliver's version stays. */
    KeepSliver,
    /** The new base's version is taken; the sliver's own is laid aside in the sliver. */
    TakeBase
}
