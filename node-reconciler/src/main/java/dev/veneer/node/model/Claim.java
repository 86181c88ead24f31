package dev.veneer.node.model;

import dev.veneer.node.model.DeclaredIdentity.Adoption;
import org.jspecify.annotations.Nullable;

/** What a declaration has to do with the sliver that lies here under its name. */
public enum Claim {
    /** It is the sliver's own, or may take it up: it is followed. */
    OWN,
    /** Another source declared the sliver last. */
    OTHER_SOURCE,
    /** It was declared in another namespace of the same name, or nobody can tell whether it was. */
    OTHER_NAMESPACE,
    /** Another object of the same namespace declared it, which nobody deleted. */
    OTHER_OBJECT,
    /** The very object did, in a later generation. */
    LATER_GENERATION;

    /**
     * The claim of a declaration.
     *
     * @param identity which object declares, or null where the source does not know
     * @param source the source that declares
     */
    public static Claim of(SliverRecord record, @Nullable DeclaredIdentity identity, String source) {
        boolean sameSource = record.sourceId().equals(source);
        if (identity == null) {
            // Files: their deletion was carried out, and whoever declares it again is meant to have it.
            return sameSource || record.retainedAt() != null ? OWN : OTHER_SOURCE;
        }
        boolean same = sameSource && identity.uid().equals(record.uid());
        boolean sameNamespace = same
                || (sameSource
                        && (record.namespace() == null || record.namespace().equals(identity.namespace())));
        if (identity.adoption().isOfAnybody() || (sameNamespace && identity.adopts())) {
            return OWN;
        }
        if (same) {
            return identity.generation() < record.generation() ? LATER_GENERATION : OWN;
        }
        if (!sameNamespace) {
            return sameSource ? OTHER_NAMESPACE : OTHER_SOURCE;
        }
        return record.retainedAt() != null ? OWN : OTHER_OBJECT;
    }

    /**
     * Whether the deletion of an object concerns what lies here under its name: under exactly the conditions under which the
     * object would be followed if it were not deleted, but for one. That all objects are to take up what they find is no
     * word about the data of another object: one that was deleted long ago, which a restored cluster knows nothing of, would
     * take those down that were made under its name since. What is kept after a deletion belongs to no object until one
     * that stays takes it up.
     */
    public static boolean isOrder(SliverRecord record, @Nullable DeclaredIdentity identity, String source) {
        return record.retainedAt() == null
                && identity != null
                && of(record, identity, source) == OWN
                && (identity.adoption() != Adoption.OF_ANYBODY || identity.uid().equals(record.uid()));
    }
}
