package dev.veneer.api.v1alpha1;

/** How much of a new revision is looked at before it is taken into use. */
public enum VerifyScope {
    /** What was written, with all that is linked to it. */
    Touched,
    /** Everything. */
    Full
}
