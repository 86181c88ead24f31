package dev.veneer.node.model;

import java.time.Duration;

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
 */
public record DesiredBaseImage(
        String name,
        ImageSource source,
        Duration keepUnreferenced,
        boolean pinned,
        boolean suspend,
        String canonicalSpec,
        String origin) {}
