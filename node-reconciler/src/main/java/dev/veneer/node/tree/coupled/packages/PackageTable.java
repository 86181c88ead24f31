package dev.veneer.node.tree.coupled.packages;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The packages of one tree.
 *
 * @param <R> what the database says of a package
 * @param packages in the database's order
 * @param files what they own
 */
record PackageTable<R>(Map<PackageKey, InstalledPackage<R>> packages, PackageFiles files) {
    PackageTable {
        packages = new LinkedHashMap<>(packages);
    }

    @Nullable
    InstalledPackage<R> get(PackageKey key) {
        return packages.get(key);
    }
}
