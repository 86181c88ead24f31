package dev.veneer.node.tree.coupled.packages;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The packages of one tree.
 *
 * @param packages in the database's order
 * @param files what they own
 */
record PackageTable(Map<PackageKey, InstalledPackage> packages, PackageFiles files) {
    PackageTable {
        packages = new LinkedHashMap<>(packages);
    }

    @Nullable
    InstalledPackage get(PackageKey key) {
        return packages.get(key);
    }
}
