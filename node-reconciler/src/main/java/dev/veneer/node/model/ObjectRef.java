package dev.veneer.node.model;

import java.util.Comparator;

/**
 * Which object something is about.
 *
 * @param kind its kind
 * @param name {@code NAME}, or {@code NAMESPACE/NAME} for slivers, or the hexadecimal digest for a base's tree
 */
public record ObjectRef(Kind kind, String name) implements Comparable<ObjectRef> {
    private static final Comparator<ObjectRef> ORDER =
            Comparator.comparing(ObjectRef::kind).thenComparing(ObjectRef::name);

    /** The kinds of objects that a node deals with. */
    public enum Kind {
        NodeStore,
        BaseImage,
        Base,
        Sliver
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

    public static ObjectRef store(String name) {
        return new ObjectRef(Kind.NodeStore, name);
    }

    @Override
    public int compareTo(ObjectRef other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return kind.name().toLowerCase(java.util.Locale.ROOT) + " " + name;
    }
}
