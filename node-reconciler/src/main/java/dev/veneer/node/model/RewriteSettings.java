package dev.veneer.node.model;

import dev.veneer.api.v1alpha1.ConflictChoice;
import dev.veneer.api.v1alpha1.RebaseSpec;
import dev.veneer.api.v1alpha1.RebaseStrategy;
import dev.veneer.api.v1alpha1.VerifyScope;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a sliver's writable store may be written anew.
 *
 * @param rebase what happens when {@code baseImage} is edited
 * @param pins patterns of paths that stay the sliver's
 * @param compaction when it is compacted by itself, or null
 * @param snapshots when snapshots are taken, or null
 * @param rollback to which earlier state it goes back, or null
 */
public record RewriteSettings(
        RebaseSpec rebase,
        List<String> pins,
        @Nullable Compaction compaction,
        @Nullable Snapshots snapshots,
        @Nullable Rollback rollback) {
    /** What holds where nothing is said. */
    public static final RebaseSpec DEFAULT_REBASE =
            new RebaseSpec(RebaseStrategy.Merge, ConflictChoice.Fail, List.of(), true, VerifyScope.Touched);

    /** Where nothing is said. */
    public static final RewriteSettings DEFAULT = new RewriteSettings(DEFAULT_REBASE, List.of(), null, null, null);

    public RewriteSettings {
        pins = List.copyOf(pins);
    }

    /** Serial of the order to go back that is declared for a new sliver, which has nothing to go back to; 0 for none. */
    public int answeredWhenNew() {
        return rollback == null ? 0 : rollback.serial();
    }

    /**
     * Compaction by itself.
     *
     * @param schedule when
     * @param minReclaimable how many bytes it has to give back at least
     */
    public record Compaction(Schedule schedule, long minReclaimable) {}

    /**
     * Snapshots.
     *
     * @param schedule when
     * @param keep how many are kept
     */
    public record Snapshots(Schedule schedule, int keep) {}

    /**
     * An order to go back, carried out once.
     *
     * @param to number of a kept revision or a snapshot
     * @param serial higher than that of the order before
     */
    public record Rollback(int to, int serial) {}
}
