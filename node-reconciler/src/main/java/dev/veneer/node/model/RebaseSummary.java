package dev.veneer.node.model;

import java.util.List;

/**
 * What a rebase came to.
 *
 * @param from the BaseImage that the sliver stood on
 * @param to the one that it stands on now
 * @param strategy how
 * @param followed paths that are as the new base has them
 * @param kept paths that are the sliver's own
 * @param merged paths that have something of both
 * @param converged paths that both sides changed to the same
 * @param conflicts paths at which both sides contradicted each other, and a rule settled it
 * @param firstConflicts some of those, each with how it was settled; for people
 * @param bytesWritten sizes of the files that the new revision holds
 */
public record RebaseSummary(
        String from,
        String to,
        String strategy,
        long followed,
        long kept,
        long merged,
        long converged,
        long conflicts,
        List<String> firstConflicts,
        long bytesWritten) {
    public RebaseSummary {
        firstConflicts = List.copyOf(firstConflicts);
    }
}
