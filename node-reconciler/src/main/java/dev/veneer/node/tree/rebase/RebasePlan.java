package dev.veneer.node.tree.rebase;

import dev.veneer.node.model.Rerun;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.merge.Verdict;
import dev.veneer.node.tree.rewrite.Recipe;
import dev.veneer.node.tree.rewrite.Steps;
import java.util.List;
import java.util.Map;

/**
 * What a rebase does, decided as a whole before anything is written.
 *
 * @param steps what the new revision has to hold over the new base
 * @param recipes how paths of steps are made that are not simply as the store has them
 * @param reports the paths that are not simply taken from the new base, in order; of those that are simply kept only so
 *     many
 * @param counts how many paths got each verdict
 * @param reruns what has to be run in the sliver at its next start
 * @param bytesWritten what the files that the new revision holds take of the disk
 * @param failed whether a conflict is left that nothing settles: the rebase must not be carried out
 */
public record RebasePlan(
        Steps steps,
        Map<Bytes, Recipe> recipes,
        List<PathReport> reports,
        Map<Verdict, Long> counts,
        List<Rerun> reruns,
        long bytesWritten,
        boolean failed) {
    public RebasePlan {
        reports = List.copyOf(reports);
        counts = Map.copyOf(counts);
        reruns = List.copyOf(reruns);
    }

    /** The reports of conflicts, settled or not. */
    public List<PathReport> conflicts() {
        return reports.stream().filter(report -> report.verdict().isConflict()).toList();
    }
}
