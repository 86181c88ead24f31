package dev.veneer.node.tree.coupled;

import dev.veneer.node.tree.merge.Side;
import java.util.List;

/**
 * What becomes of paths that both sides changed and nobody edits by hand.
 *
 * @param pattern a path; {@code *} stands for any part of a name, {@code **} for any number of components
 * @param kind why it is no conflict
 * @param keeps whose version stays, {@link Side#SLIVER} or {@link Side#NEW_BASE}
 * @param rerun what brings it up to date in the sliver; empty when nothing has to
 * @param reason for people
 */
public record BuiltInRule(String pattern, Kind kind, Side keeps, List<String> rerun, String reason) {
    /** Kinds of files that a program writes and can do without. */
    public enum Kind {
        /** Made from other files. */
        DERIVED,
        /** Can be fetched or worked out again. */
        CACHE,
        /** Tells what happened. */
        LOG,
        /** What another file was before. */
        BACKUP,
        /** Locks, sockets, ids of processes, and files that do not outlive a start. */
        TRANSIENT,
        /** Says which installation it is; every one has its own. */
        IDENTITY
    }

    public BuiltInRule {
        rerun = List.copyOf(rerun);
    }
}
