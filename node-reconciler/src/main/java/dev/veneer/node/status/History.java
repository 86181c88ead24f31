package dev.veneer.node.status;

import dev.veneer.api.v1alpha1.HistoryEntry;
import dev.veneer.api.v1alpha1.SliverStatus;
import dev.veneer.node.execute.ActionResult;
import dev.veneer.node.model.SliverRecord;
import dev.veneer.node.plan.Action;
import dev.veneer.node.plan.Rewrite;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What was last done to a sliver, newest first. The same several times in a row is one entry that counts. */
final class History {
    private static final int MOST = 5;

    private History() {}

    /** What was known before, and what was done or failed now. */
    static List<HistoryEntry> of(@Nullable SliverStatus previous, List<ActionResult> results, SliverRecord record) {
        List<HistoryEntry> entries = new ArrayList<>();
        for (int i = results.size() - 1; i >= 0; i--) {
            if (results.get(i).outcome() != ActionResult.Outcome.SKIPPED) {
                append(entries, entry(results.get(i), record));
            }
        }
        if (previous != null) {
            previous.history().forEach(entry -> append(entries, entry));
        }
        return entries.size() <= MOST ? entries : entries.subList(0, MOST);
    }

    /** Appends one that is older than all that are there. */
    private static void append(List<HistoryEntry> entries, HistoryEntry older) {
        HistoryEntry last = entries.isEmpty() ? null : entries.get(entries.size() - 1);
        if (last == null || !isSame(last, older)) {
            entries.add(older);
            return;
        }
        long count = (long) count(last) + count(older);
        entries.set(
                entries.size() - 1,
                new HistoryEntry(
                        last.time(),
                        last.what(),
                        last.revision(),
                        last.message(),
                        Objects.requireNonNullElse(older.firstTime(), older.time()),
                        (int) Math.min(count, Integer.MAX_VALUE)));
    }

    private static boolean isSame(HistoryEntry one, HistoryEntry other) {
        return one.what().equals(other.what())
                && one.revision() == other.revision()
                && one.message().equals(other.message());
    }

    private static int count(HistoryEntry entry) {
        return entry.count() == null ? 1 : Math.max(1, entry.count());
    }

    private static HistoryEntry entry(ActionResult result, SliverRecord record) {
        String message = result.failure() == null
                ? done(result)
                : String.valueOf(result.failure().getMessage());
        return new HistoryEntry(
                result.at().truncatedTo(ChronoUnit.SECONDS).toString(),
                result.action().getClass().getSimpleName() + (result.failure() == null ? "" : "Failed"),
                record.revision(),
                ConditionSet.cut(message),
                null,
                null);
    }

    /** Why, and for what is worth knowing afterwards also with what result. */
    private static String done(ActionResult result) {
        boolean tells = result.action() instanceof Rewrite
                || result.action() instanceof Action.StartContainer
                || result.action() instanceof Action.RunInside;
        return tells && !result.detail().isEmpty()
                ? result.action().reason() + "; " + result.detail()
                : result.action().reason();
    }
}
