package dev.veneer.node.tree.coupled.packages;

import java.util.ArrayList;
import java.util.List;

/** Who owns a path: packages of which the sliver and the new base have not the same. */
final class Owners {
    /** In the new base's database. */
    List<PackageKey> base = List.of();

    /** In the sliver's. */
    List<PackageKey> sliver = List.of();

    /** Whether one of those comes from that side. */
    boolean wantedOfBase;

    boolean wantedOfSliver;

    /** Whether a package that both have owns it too. */
    boolean ofBoth;

    void addBase(PackageKey key) {
        base = with(base, key);
    }

    void addSliver(PackageKey key) {
        sliver = with(sliver, key);
    }

    /** Mostly there is one, and there are very many paths. */
    private static List<PackageKey> with(List<PackageKey> keys, PackageKey key) {
        if (keys.isEmpty()) {
            return List.of(key);
        }
        List<PackageKey> more = keys.size() == 1 ? new ArrayList<>(keys) : keys;
        more.add(key);
        return more;
    }
}
