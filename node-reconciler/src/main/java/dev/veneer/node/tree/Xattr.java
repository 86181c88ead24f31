package dev.veneer.node.tree;

/**
 * An extended attribute.
 *
 * @param name with its namespace, such as {@code user.comment}
 * @param value as the kernel gives it
 */
public record Xattr(Bytes name, Bytes value) implements Comparable<Xattr> {
    @Override
    public int compareTo(Xattr other) {
        int byName = name.compareTo(other.name);
        return byName != 0 ? byName : value.compareTo(other.value);
    }
}
