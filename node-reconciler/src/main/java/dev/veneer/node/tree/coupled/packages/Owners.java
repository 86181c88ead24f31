package dev.veneer.node.tree.coupled.packages;

import java.util.ArrayList;
import java.util.List;

/** Who owns a path: packages of which the sliver and the new base have not the same. */
final class Owners {
    /** In the new base's database. */
    final List<PackageKey> base = new ArrayList<>();

    /** In the sliver's. */
    final List<PackageKey> sliver = new ArrayList<>();

    /** Whether one of those comes from that side. */
    boolean wantedOfBase;

    boolean wantedOfSliver;

    /** Whether a package that both have owns it too. */
    boolean ofBoth;
}
