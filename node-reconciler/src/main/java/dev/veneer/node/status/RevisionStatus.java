package dev.veneer.node.status;

import dev.veneer.api.v1alpha1.LastCompaction;
import dev.veneer.api.v1alpha1.LastRebase;
import dev.veneer.api.v1alpha1.LastRollback;
import dev.veneer.api.v1alpha1.SliverBase;
import dev.veneer.api.v1alpha1.SliverRevision;
import dev.veneer.api.v1alpha1.SliverSnapshot;
import dev.veneer.api.v1alpha1.SliverStatus;
import dev.veneer.node.execute.ActionResult;
import dev.veneer.node.model.CompactionSummary;
import dev.veneer.node.model.PreviousRevision;
import dev.veneer.node.model.RebaseSummary;
import dev.veneer.node.model.RollbackState;
import dev.veneer.node.model.SliverRecord;
import dev.veneer.node.model.Snapshot;
import dev.veneer.node.plan.Rewrite;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a sliver's status says of its revisions: those that there are, by its record, and what the last of each kind of
 * rewriting came to, by the results of this pass or as it was told before.
 */
record RevisionStatus(
        @Nullable LastCompaction lastCompaction,
        @Nullable LastRebase lastRebase,
        @Nullable LastRollback lastRollback,
        List<SliverSnapshot> snapshots,
        List<SliverRevision> revisions) {
    /** As many as the API allows in a list. */
    private static final int LONGEST = 128;

    private static final int CONFLICTS = 10;
    private static final int COMMANDS = 32;

    static RevisionStatus of(@Nullable SliverStatus before, SliverRecord record, List<ActionResult> results) {
        LastCompaction compaction = before == null ? null : before.lastCompaction();
        LastRebase rebase = before == null ? null : before.lastRebase();
        for (ActionResult result : results) {
            if (result.outcome() != ActionResult.Outcome.DONE) {
                continue;
            }
            if (result.action() instanceof Rewrite.Compact) {
                compaction = compaction(result);
            } else if (result.action() instanceof Rewrite.Rebase
                    && result.effect().facts() instanceof RebaseSummary summary) {
                rebase = rebase(result, summary);
            }
        }
        return new RevisionStatus(
                compaction,
                rebase == null ? null : withCommands(rebase, record),
                rollback(before, record),
                snapshots(record),
                revisions(record));
    }

    /** By the record, which is as durable as the revision: what was told before may be of an earlier time. */
    private static @Nullable LastRollback rollback(@Nullable SliverStatus before, SliverRecord record) {
        RollbackState state = record.rollback();
        Instant at = state.at();
        if (at == null || state.to() == 0) {
            return before == null ? null : before.lastRollback();
        }
        return new LastRollback(time(at), state.answered(), state.to());
    }

    private static LastCompaction compaction(ActionResult result) {
        CompactionSummary summary = result.effect().facts() instanceof CompactionSummary known ? known : null;
        return new LastCompaction(
                time(result.at()),
                summary == null ? null : summary.before(),
                summary == null ? null : summary.after(),
                seconds(result.took()));
    }

    private static LastRebase rebase(ActionResult result, RebaseSummary summary) {
        List<String> conflicts = summary.firstConflicts();
        return new LastRebase(
                time(result.at()),
                summary.from(),
                summary.to(),
                summary.strategy(),
                summary.followed(),
                summary.kept(),
                summary.merged(),
                summary.converged(),
                summary.conflicts(),
                conflicts.subList(0, Math.min(CONFLICTS, conflicts.size())).stream()
                        .map(ConditionSet::cut)
                        .toList(),
                List.of());
    }

    /** With what is left to be run now: the list becomes empty when it was run. */
    private static LastRebase withCommands(LastRebase rebase, SliverRecord record) {
        return new LastRebase(
                rebase.time(),
                rebase.from(),
                rebase.to(),
                rebase.strategy(),
                rebase.followed(),
                rebase.kept(),
                rebase.merged(),
                rebase.converged(),
                rebase.conflicts(),
                rebase.firstConflicts(),
                record.reruns().stream()
                        .limit(COMMANDS)
                        .map(rerun -> ConditionSet.cut(String.join(" ", rerun.command())))
                        .toList());
    }

    private static List<SliverSnapshot> snapshots(SliverRecord record) {
        List<SliverSnapshot> list = new ArrayList<>();
        for (Snapshot each : record.snapshots()) {
            if (list.size() < LONGEST) {
                list.add(new SliverSnapshot(
                        each.revision(),
                        each.of(),
                        time(each.takenAt()),
                        new SliverBase(each.baseName(), each.baseDigest().toString())));
            }
        }
        return list;
    }

    private static List<SliverRevision> revisions(SliverRecord record) {
        if (record.dataDeleted()) {
            return List.of();
        }
        List<SliverRevision> list = new ArrayList<>();
        list.add(new SliverRevision(
                record.revision(),
                "Current",
                new SliverBase(record.baseName(), record.baseDigest().toString()),
                null));
        for (PreviousRevision each : record.previous()) {
            if (list.size() < LONGEST) {
                list.add(new SliverRevision(
                        each.revision(),
                        each.why(),
                        new SliverBase(each.baseName(), each.baseDigest().toString()),
                        time(each.keepUntil())));
            }
        }
        return list;
    }

    private static String time(Instant at) {
        return at.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    /** As people write durations: {@code 2.5s}. */
    private static String seconds(Duration duration) {
        long tenths = duration.plusMillis(50).toMillis() / 100;
        return tenths / 10 + "." + tenths % 10 + "s";
    }
}
