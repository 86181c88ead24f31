package dev.veneer.node.model;

import org.jspecify.annotations.Nullable;

/**
 * A sliver's identity on its node.
 *
 * @param namespace a DNS label
 * @param name a DNS label of at most 63 characters
 */
public record SliverId(String namespace, String name) implements Comparable<SliverId> {
    /** The inverse of {@link #toString}. */
    public static SliverId parse(String text) {
        int slash = text.indexOf('/');
        if (slash <= 0 || slash == text.length() - 1 || text.indexOf('/', slash + 1) >= 0) {
            throw new IllegalArgumentException("not NAMESPACE/NAME: " + text);
        }
        return new SliverId(text.substring(0, slash), text.substring(slash + 1));
    }

    // The two that records have would do; these are what most of a pass's look-ups spend their time in.
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof SliverId id && name.equals(id.name) && namespace.equals(id.namespace);
    }

    @Override
    public int hashCode() {
        return 31 * namespace.hashCode() + name.hashCode();
    }

    @Override
    public int compareTo(SliverId other) {
        int byNamespace = namespace.compareTo(other.namespace);
        return byNamespace != 0 ? byNamespace : name.compareTo(other.name);
    }

    @Override
    public String toString() {
        return namespace + "/" + name;
    }
}
