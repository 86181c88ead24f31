package dev.veneer.node.model;

import org.jspecify.annotations.Nullable;

/**
 * Which object a declaration is, where whoever keeps the declarations says so; files do not, and the store then gives
 * identities itself.
 *
 * @param uid differs for another object of the same name
 * @param generation raised with each change of the spec
 * @param adoption what of that which lies here under the object's name is to be its own, though it is not
 * @param made whether it is known to have been made on this node, so that its data are somewhere
 * @param namespace uid of its namespace, which differs for another namespace of the same name; null where nobody knows, and
 *     for objects that are in none
 * @param trust whether its namespace is trusted; objects that are in none are
 */
public record DeclaredIdentity(
        String uid,
        long generation,
        Adoption adoption,
        boolean made,
        @Nullable String namespace,
        NamespaceTrust trust) {
    /** Whose word it is that something is to be taken up. */
    public enum Adoption {
        /** Nobody's. */
        NONE,
        /** That of who may edit the object: for what lies here of its own namespace. */
        OF_NAMESPACE,
        /**
         * That of who may edit what is no namespace's: for whatever lies here. It was said of all objects at once, by
         * somebody who need not know of each what becomes of it.
         */
        OF_ANYBODY,
        /** The same, and it was said of this very object besides. */
        OF_ANYBODY_BY_NAME;

        /** Whether it is for whatever lies here. */
        public boolean isOfAnybody() {
            return this == OF_ANYBODY || this == OF_ANYBODY_BY_NAME;
        }

        /** What it comes to when it is said of all objects as well. */
        public Adoption ofAnybody() {
            return this == NONE || this == OF_ANYBODY ? OF_ANYBODY : OF_ANYBODY_BY_NAME;
        }
    }

    /** Of one that nobody knows to have been made, in a namespace that nobody knows, but that is trusted. */
    public DeclaredIdentity(String uid, long generation, boolean adopt) {
        this(uid, generation, adopt ? Adoption.OF_NAMESPACE : Adoption.NONE, false, null, NamespaceTrust.TRUSTED);
    }

    /** The same object, when this is known of its namespace. */
    public DeclaredIdentity in(@Nullable String uidOfNamespace, NamespaceTrust trustInIt) {
        return new DeclaredIdentity(uid, generation, adoption, made, uidOfNamespace, trustInIt);
    }

    /** Whether somebody said that it is to be made or taken up, whatever was before. */
    public boolean adopts() {
        return adoption != Adoption.NONE;
    }
}
