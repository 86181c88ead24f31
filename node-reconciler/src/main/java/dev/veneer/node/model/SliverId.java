package dev.veneer.node.model;

import java.util.Comparator;

/**
 * A sliver's identity on its node.
 *
 * @param namespace a DNS label
 * @param name a DNS label of at most 63 characters
 */
public record SliverId(String namespace, String name) implements Comparable<SliverId> {
    private static final Comparator<SliverId> ORDER =
            Comparator.comparing(SliverId::namespace).thenComparing(SliverId::name);

    /** The inverse of {@link #toString}. */
    public static SliverId parse(String text) {
        int slash = text.indexOf('/');
        if (slash <= 0 || slash == text.length() - 1 || text.indexOf('/', slash + 1) >= 0) {
            throw new IllegalArgumentException("not NAMESPACE/NAME: " + text);
        }
        return new SliverId(text.substring(0, slash), text.substring(slash + 1));
    }

    @Override
    public int compareTo(SliverId other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return namespace + "/" + name;
    }
}
