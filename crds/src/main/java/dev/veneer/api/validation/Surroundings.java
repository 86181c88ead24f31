package dev.veneer.api.validation;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the place that reads objects adds to them.
 *
 * @param nodeName what {@code spec.nodeName} defaults to, or null where it must be given, as in Kubernetes
 * @param namespace what {@code metadata.namespace} defaults to
 * @param drivers the drivers that this program knows; empty when it cannot tell
 */
public record Surroundings(@Nullable String nodeName, String namespace, Set<String> drivers) {
    /** What Kubernetes adds: nothing but the namespace. */
    public static final Surroundings KUBERNETES = new Surroundings(null, "default", Set.of());

    public Surroundings {
        drivers = Set.copyOf(drivers);
    }
}
