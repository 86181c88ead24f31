package dev.veneer.node.model;

/**
 * Which object a declaration is, where whoever keeps the declarations says so; files do not, and the store then gives
 * identities itself.
 *
 * @param uid differs for another object of the same name
 * @param generation raised with each change of the spec
 * @param adopt whether the data that lie here under the object's name are to be its own, though they are another object's
 *     or a later generation's
 * @param trust whether the object's namespace is trusted
 */
public record DeclaredIdentity(String uid, long generation, boolean adopt, NamespaceTrust trust) {
    /** Of an object that is in no namespace, or in one that is trusted. */
    public DeclaredIdentity(String uid, long generation, boolean adopt) {
        this(uid, generation, adopt, NamespaceTrust.TRUSTED);
    }
}
