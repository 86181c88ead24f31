package dev.veneer.node.model;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A BaseImage as it is declared.
 *
 * @param name its name
 * @param source where its content comes from
 * @param keepUnreferenced how long its tree is kept when nothing uses it
 * @param pinned never collected
 * @param suspend nothing is done to it
 * @param canonicalSpec the spec as canonical JSON with defaults filled in; its change raises the generation
 * @param origin where it is declared, for people ({@code file:line})
 * @param identity which object it is, or null when the store says that
 */
public record DesiredBaseImage(
        String name,
        ImageSource source,
        Duration keepUnreferenced,
        boolean pinned,
        boolean suspend,
        String canonicalSpec,
        String origin,
        @Nullable DeclaredIdentity identity) {
    /** The same as another object. */
    public DesiredBaseImage as(@Nullable DeclaredIdentity object) {
        return new DesiredBaseImage(name, source, keepUnreferenced, pinned, suspend, canonicalSpec, origin, object);
    }
}
