package dev.veneer.node.tree.coupled.packages;

import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.coupled.record.Stanza;
import org.jspecify.annotations.Nullable;

/**
 * A package as a database has it.
 *
 * @param phase how much of it is there
 * @param version as it is spelled; empty when nothing is there
 * @param record all that the database says of it
 */
record InstalledPackage(PackageKey key, Phase phase, Bytes version, Stanza record) {
    /** How much of a package is there. */
    enum Phase {
        /** Nothing but perhaps a selection. */
        NONE,
        /** Its configuration only. */
        CONFIGURATION,
        /** Its files, configured or not. */
        FILES
    }

    /** What decides whether a side changed the package. */
    private record State(Phase phase, Bytes version) {}

    /** Whether two sides have the package the same; absent and {@link Phase#NONE} are one. */
    static boolean same(@Nullable InstalledPackage a, @Nullable InstalledPackage b) {
        return state(a).equals(state(b));
    }

    private static State state(@Nullable InstalledPackage installed) {
        return installed == null || installed.phase == Phase.NONE
                ? new State(Phase.NONE, Bytes.EMPTY)
                : new State(installed.phase, installed.version);
    }

    static boolean hasFiles(@Nullable InstalledPackage installed) {
        return installed != null && installed.phase == Phase.FILES;
    }
}
