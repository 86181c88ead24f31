package dev.veneer.node.execute;

import dev.veneer.api.Reason;
import dev.veneer.api.v1alpha1.ConflictChoice;
import dev.veneer.api.v1alpha1.RebaseRule;
import dev.veneer.api.v1alpha1.RebaseSpec;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.Fd;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.model.RebaseSummary;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.PathPattern;
import dev.veneer.node.tree.SafeOpen;
import dev.veneer.node.tree.TreePath;
import dev.veneer.node.tree.coupled.CoupledStates;
import dev.veneer.node.tree.merge.MergeTree;
import dev.veneer.node.tree.merge.OnConflict;
import dev.veneer.node.tree.merge.ThreeTrees;
import dev.veneer.node.tree.merge.Verdict;
import dev.veneer.node.tree.rebase.BaseDifference;
import dev.veneer.node.tree.rebase.PathReport;
import dev.veneer.node.tree.rebase.PinnedOnly;
import dev.veneer.node.tree.rebase.PreservedLayer;
import dev.veneer.node.tree.rebase.RebasePlan;
import dev.veneer.node.tree.rebase.RebasePlanner;
import dev.veneer.node.tree.rebase.RebaseRules;
import dev.veneer.node.tree.rewrite.Change;
import dev.veneer.node.tree.rewrite.Compaction;
import dev.veneer.node.tree.rewrite.ForeignLayerException;
import dev.veneer.node.tree.rewrite.LayeredTree;
import dev.veneer.node.tree.rewrite.ManifestTree;
import dev.veneer.node.tree.rewrite.OpenTree;
import dev.veneer.node.tree.rewrite.Recipe;
import dev.veneer.node.tree.rewrite.Steps;
import dev.veneer.node.tree.rewrite.ViewReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Decides what becomes of a sliver that moves to another base; reads only. */
final class RebaseDecision {
    private static final int FIRST = 10;
    private static final int TOLD = 3;

    private final LinuxCalls calls;
    private final String scratchDirectory;

    /** @param scratchDirectory absolute path of a directory in which scratch files may be made */
    RebaseDecision(LinuxCalls calls, String scratchDirectory) {
        this.calls = calls;
        this.scratchDirectory = scratchDirectory;
    }

    /**
     * Decides by any strategy, beside a sliver that may run. With {@code PreserveView} only figures come out: of a layer,
     * what its new revision holds at most.
     *
     * @param revision number of the new revision
     * @param from the old revision, as it is stored, or its view
     * @throws ForeignLayerException when its view has to be read instead
     */
    RebasePlan decide(
            RevisionReading from,
            OpenBase oldBase,
            OpenBase newBase,
            BaseDifference difference,
            RebaseSpec settings,
            List<String> pins,
            int revision)
            throws LinuxException, NodeException, ForeignLayerException {
        return switch (settings.strategy()) {
            case Merge -> merge(from, oldBase, newBase, difference, settings, pins, revision);
            case Discard -> pinned(from, oldBase, newBase, pins);
            case PreserveView -> preserved(from, oldBase, newBase, difference, pins);
        };
    }

    private RebasePlan preserved(
            RevisionReading from, OpenBase oldBase, OpenBase newBase, BaseDifference difference, List<String> pins)
            throws LinuxException, NodeException, ForeignLayerException {
        if (from.isLayer()) {
            PreservedLayer layer = new PreservedLayer(newBase.records(), difference);
            from.reader(oldBase).read(layer);
            return kept(new Steps(), Map.of(), layer.paths(), layer.bytes());
        }
        ViewReader reader = from.against(newBase);
        try (Fd scratch = new Fd(calls, new SafeOpen(calls).ownDirectory(scratchDirectory));
                Change change =
                        Compaction.of(calls, reader, newBase.records(), Patterns.pins(pins), scratch.number())) {
            return kept(
                    new Steps(),
                    Map.of(),
                    change.tally().heldPaths(),
                    change.tally().heldBytes());
        }
    }

    /** Decides by strategy Discard: only what is pinned stays. */
    static RebasePlan pinned(RevisionReading from, OpenBase oldBase, OpenBase newBase, List<String> pins)
            throws LinuxException, NodeException, ForeignLayerException {
        PinnedOnly pinned = new PinnedOnly(newBase.records(), Patterns.pins(pins), from.isLayer());
        from.reader(oldBase).read(pinned);
        return kept(pinned.steps(), pinned.recipes(), pinned.held(), pinned.bytes());
    }

    /** Where nothing has to be decided path by path. */
    static RebasePlan kept(Steps steps, Map<Bytes, Recipe> recipes, long paths, long bytes) {
        return new RebasePlan(steps, recipes, List.of(), Map.of(Verdict.KEPT, paths), List.of(), bytes, false);
    }

    /**
     * Decides by strategy Merge.
     *
     * @param revision number of the new revision
     * @param from the old revision
     * @throws ForeignLayerException when its view has to be read instead
     */
    RebasePlan merge(
            RevisionReading from,
            OpenBase oldBase,
            OpenBase newBase,
            BaseDifference difference,
            RebaseSpec settings,
            List<String> pins,
            int revision)
            throws LinuxException, NodeException, ForeignLayerException {
        RebasePlanner planner = new RebasePlanner(
                oldBase.records(),
                newBase.records(),
                difference,
                rules(settings, pins),
                settings.packageAware() ? CoupledStates.ALL : List.of());
        try (ManifestTree olds = new ManifestTree(calls, oldBase.records(), oldBase.tree());
                ManifestTree news = new ManifestTree(calls, newBase.records(), newBase.tree());
                LayeredTree layered = new LayeredTree(calls, olds, news, from.root());
                OpenTree whole = new OpenTree(calls, from.root(), List.of(olds, news))) {
            MergeTree sliver = from.isLayer() ? layered : whole;
            return planner.plan(from.reader(oldBase), new ThreeTrees(olds, news, sliver), revision);
        } catch (NodeException e) {
            // Mergers look at what is stored before the reader does.
            if (e.getCause() instanceof ForeignLayerException foreign) {
                throw foreign;
            }
            throw e;
        }
    }

    static NodeException foreign(SliverId sliver, ForeignLayerException e) {
        return new NodeException(
                Reason.Damaged,
                Follow.STALLED,
                "sliver " + sliver + " cannot be moved: " + e.getMessage()
                        + ", as an overlay with other options made it",
                e);
    }

    private static RebaseRules rules(RebaseSpec settings, List<String> pins) {
        List<RebaseRules.Rule> rules = new ArrayList<>();
        for (RebaseRule rule : settings.rules()) {
            rules.add(new RebaseRules.Rule(PathPattern.parse(rule.path()), choice(rule.onConflict())));
        }
        return new RebaseRules(rules, choice(settings.onConflict()), Patterns.of(pins));
    }

    private static OnConflict choice(ConflictChoice choice) {
        return switch (choice) {
            case Fail -> OnConflict.FAIL;
            case KeepSliver -> OnConflict.KEEP_SLIVER;
            case TakeBase -> OnConflict.TAKE_BASE;
        };
    }

    /** That nothing is changed, since conflicts are left. */
    static NodeException conflicts(SliverId sliver, String from, String to, RebasePlan plan) {
        List<PathReport> left = plan.conflicts().stream()
                .filter(report -> report.settled() == OnConflict.FAIL)
                .toList();
        StringBuilder text = new StringBuilder();
        for (PathReport report : left.subList(0, Math.min(TOLD, left.size()))) {
            text.append(text.length() == 0 ? "" : "; ").append(line(report));
        }
        return new NodeException(
                Reason.RebaseConflict,
                Follow.STALLED,
                "it stays on " + from + ": " + left.size() + (left.size() == 1 ? " conflict" : " conflicts") + " with "
                        + to + " (" + text + (left.size() > TOLD ? "; …" : "")
                        + "). Settle them by spec.rebase.rules or spec.rebase.onConflict; all are shown by: veneer"
                        + " rebase sliver " + sliver.name()
                        + (sliver.namespace().equals("default") ? "" : " -n " + sliver.namespace()) + " --to " + to
                        + " --dry-run");
    }

    static String line(PathReport report) {
        String settled = report.settled() == null || report.settled() == OnConflict.FAIL
                ? ""
                : report.settled() == OnConflict.TAKE_BASE ? ", the base's is taken" : ", the sliver's is kept";
        return TreePath.show(report.path().array()) + " "
                + report.verdict().word()
                + (report.detail().isEmpty() ? "" : " (" + report.detail() + ")") + settled;
    }

    static RebaseSummary summary(String from, String to, String strategy, RebasePlan plan) {
        return new RebaseSummary(
                from,
                to,
                strategy,
                count(plan, Verdict.FOLLOWED),
                count(plan, Verdict.KEPT),
                count(plan, Verdict.MERGED),
                count(plan, Verdict.CONVERGED),
                plan.conflicts().size(),
                plan.conflicts().stream().limit(FIRST).map(RebaseDecision::line).toList(),
                plan.bytesWritten());
    }

    private static long count(RebasePlan plan, Verdict verdict) {
        return plan.counts().getOrDefault(verdict, 0L);
    }
}
