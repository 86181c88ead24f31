package dev.veneer.node.model;

import org.jspecify.annotations.Nullable;

/**
 * Which object something is about.
 *
 * @param kind its kind
 * @param name {@code NAME}, or {@code NAMESPACE/NAME} for slivers, the hexadecimal digest for a base's tree,
 *     or the id of a source
 */
public record ObjectRef(Kind kind, String name) implements Comparable<ObjectRef> {
    /** The kinds of objects that a node deals with. */
    public enum Kind {
        NodeStore,
        BaseImage,
        Base,
        Sliver,
        /** A source of desired state; not an object of the API, but the store keeps a record of it. */
        Source
    }

    public static ObjectRef of(SliverId id) {
        return new ObjectRef(Kind.Sliver, id.toString());
    }

    public static ObjectRef image(String name) {
        return new ObjectRef(Kind.BaseImage, name);
    }

    public static ObjectRef base(Digest digest) {
        return new ObjectRef(Kind.Base, digest.hex());
    }

    public static ObjectRef source(String id) {
        return new ObjectRef(Kind.Source, id);
    }

    public static ObjectRef store(String name) {
        return new ObjectRef(Kind.NodeStore, name);
    }

    // As in SliverId.
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ObjectRef ref && kind == ref.kind && name.equals(ref.name);
    }

    @Override
    public int hashCode() {
        return 31 * kind.hashCode() + name.hashCode();
    }

    @Override
    public int compareTo(ObjectRef other) {
        int byKind = kind.compareTo(other.kind);
        return byKind != 0 ? byKind : name.compareTo(other.name);
    }

    @Override
    public String toString() {
        return kind.name().toLowerCase(java.util.Locale.ROOT) + " " + name;
    }
}
