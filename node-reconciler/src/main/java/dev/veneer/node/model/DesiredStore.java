package dev.veneer.node.model;

import java.time.Duration;
import java.util.List;

/**
 * The NodeStore that governs this store, declared or made up of defaults.
 *
 * @param name its name
 * @param drivers order of preference for {@code auto}; empty for what is best here
 * @param minFreeBytes below it nothing new is begun
 * @param idRanges ranges of host ids that slivers' ranges are taken from
 * @param rootfsPrefixes directories below which slivers may ask for their rootfs
 * @param allowHostUserNamespace whether {@code userNamespace: Host} is allowed
 * @param allowHostPaths host paths that a sliver's configuration may mount
 * @param allowTenantLxcConfig whether {@code lxc.config} beyond the safe list is allowed
 * @param maxParallelRewrites how many slivers are rewritten at once
 * @param resync how often everything is looked at even when nothing happens
 * @param canonicalSpec the spec as canonical JSON
 * @param origin where it is declared, for people; empty for defaults
 */
public record DesiredStore(
        String name,
        List<String> drivers,
        long minFreeBytes,
        List<IdRange> idRanges,
        List<String> rootfsPrefixes,
        boolean allowHostUserNamespace,
        List<String> allowHostPaths,
        boolean allowTenantLxcConfig,
        int maxParallelRewrites,
        Duration resync,
        String canonicalSpec,
        String origin) {
    public DesiredStore {
        drivers = List.copyOf(drivers);
        idRanges = List.copyOf(idRanges);
        rootfsPrefixes = List.copyOf(rootfsPrefixes);
        allowHostPaths = List.copyOf(allowHostPaths);
    }

    /** What holds when no NodeStore is declared. */
    public static DesiredStore defaults(String name) {
        return new DesiredStore(
                name,
                List.of(),
                500L << 20,
                List.of(new IdRange(1_000_000, 1_000_000_000)),
                List.of(),
                false,
                List.of(),
                false,
                2,
                Duration.ofMinutes(5),
                "{}",
                "");
    }
}
