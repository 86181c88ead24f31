package dev.veneer.node.model;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A BaseImage as it is declared.
 *
 * @param name its name
 * @param source where its content comes from
 * @param keepUnreferenced how long its tree is kept when nothing uses it
 * @param pinned never collected
 * @param allowedNamespaces whose slivers may be made from it or moved to it; those of all when empty
 * @param suspend nothing is done to it
 * @param canonicalSpec the spec as canonical JSON with defaults filled in; its change raises the generation
 * @param origin where it is declared, for people ({@code file:line})
 * @param identity which object it is, or null when the store says that
 * @param agreed the content that it has for all nodes of its cluster, or null when none has reported any
 */
public record DesiredBaseImage(
        String name,
        ImageSource source,
        Duration keepUnreferenced,
        boolean pinned,
        List<String> allowedNamespaces,
        boolean suspend,
        String canonicalSpec,
        String origin,
        @Nullable DeclaredIdentity identity,
        @Nullable Digest agreed) {
    public DesiredBaseImage {
        allowedNamespaces = List.copyOf(allowedNamespaces);
    }

    /** One for the slivers of all namespaces, of no cluster. */
    public DesiredBaseImage(
            String name,
            ImageSource source,
            Duration keepUnreferenced,
            boolean pinned,
            boolean suspend,
            String canonicalSpec,
            String origin,
            @Nullable DeclaredIdentity identity) {
        this(name, source, keepUnreferenced, pinned, List.of(), suspend, canonicalSpec, origin, identity, null);
    }

    /** The same as another object. */
    public DesiredBaseImage as(@Nullable DeclaredIdentity object) {
        return new DesiredBaseImage(
                name,
                source,
                keepUnreferenced,
                pinned,
                allowedNamespaces,
                suspend,
                canonicalSpec,
                origin,
                object,
                agreed);
    }

    /** The same with the content that a cluster agreed on. */
    public DesiredBaseImage agreedOn(@Nullable Digest digest) {
        return new DesiredBaseImage(
                name,
                source,
                keepUnreferenced,
                pinned,
                allowedNamespaces,
                suspend,
                canonicalSpec,
                origin,
                identity,
                digest);
    }

    /** Whether slivers of a namespace may be made from it or moved to it. */
    public boolean isFor(String namespace) {
        return allowedNamespaces.isEmpty() || allowedNamespaces.contains(namespace);
    }
}
