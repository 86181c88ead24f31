package dev.veneer.node.tree.coupled.packages;

import dev.veneer.node.tree.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * A package as a database has it.
 *
 * @param phase how much of it is there
 * @param version as it is spelled; empty when nothing is there
 * @param build what tells two builds of one version; empty where the database has nothing that does
 * @param record all that the database says of it
 */
record InstalledPackage<R>(PackageKey key, Phase phase, Bytes version, Bytes build, R record) {
    InstalledPackage(PackageKey key, Phase phase, Bytes version, R record) {
        this(key, phase, version, Bytes.EMPTY, record);
    }

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
    private record State(Phase phase, Bytes version, Bytes build) {}

    /** Whether two sides have the package the same; absent and {@link Phase#NONE} are one. */
    static boolean same(@Nullable InstalledPackage<?> a, @Nullable InstalledPackage<?> b) {
        return state(a).equals(state(b));
    }

    private static State state(@Nullable InstalledPackage<?> installed) {
        return installed == null || installed.phase == Phase.NONE
                ? new State(Phase.NONE, Bytes.EMPTY, Bytes.EMPTY)
                : new State(installed.phase, installed.version, installed.build);
    }

    static boolean hasFiles(@Nullable InstalledPackage<?> installed) {
        return installed != null && installed.phase == Phase.FILES;
    }
}
