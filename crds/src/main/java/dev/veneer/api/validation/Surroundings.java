package dev.veneer.api.validation;

import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What the place that reads objects adds to them.
 *
 * @param nodeName what {@code spec.nodeName} defaults to, or null where it must be given, as in Kubernetes
 * @param namespace what {@code metadata.namespace} defaults to
 * @param drivers the drivers that this program knows; empty when it cannot tell
 * @param judges by place in a spec, such as {@code pins/*}: what is wrong with a text there, or null. For languages of
 *     their own, which only the program that obeys them can read
 */
public record Surroundings(
        @Nullable String nodeName,
        String namespace,
        Set<String> drivers,
        Map<String, Function<String, @Nullable String>> judges) {
    /** What Kubernetes adds: nothing but the namespace. */
    public static final Surroundings KUBERNETES = new Surroundings(null, "default", Set.of(), Map.of());

    public Surroundings {
        drivers = Set.copyOf(drivers);
        judges = Map.copyOf(judges);
    }
}
