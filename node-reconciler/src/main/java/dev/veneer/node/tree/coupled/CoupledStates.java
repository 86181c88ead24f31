package dev.veneer.node.tree.coupled;

import dev.veneer.node.tree.coupled.packages.Apk;
import dev.veneer.node.tree.coupled.packages.AptStates;
import dev.veneer.node.tree.coupled.packages.Debconf;
import dev.veneer.node.tree.coupled.packages.Dpkg;
import dev.veneer.node.tree.coupled.packages.Opkg;
import dev.veneer.node.tree.coupled.packages.Rpm;
import dev.veneer.node.tree.coupled.user.LineFiles;
import dev.veneer.node.tree.coupled.user.UserDatabase;
import java.util.List;

/** The mergers that there are. No two claim one path. */
public final class CoupledStates {
    /** In the order in which they are asked. */
    public static final List<CoupledState> ALL = List.of(
            new UserDatabase(),
            new LineFiles(),
            new Dpkg(),
            new AptStates(),
            new Debconf(),
            new Opkg(),
            new Apk(),
            new Rpm());

    private CoupledStates() {}
}
