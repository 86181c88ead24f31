package dev.veneer.node.tree.rebase;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.model.Rerun;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.coupled.Claim;
import dev.veneer.node.tree.coupled.Claims;
import dev.veneer.node.tree.coupled.CoupledState;
import dev.veneer.node.tree.coupled.record.LimitedTree;
import dev.veneer.node.tree.merge.ThreeTrees;
import dev.veneer.node.tree.rewrite.BaseRecords;
import dev.veneer.node.tree.rewrite.ForeignLayerException;
import dev.veneer.node.tree.rewrite.Steps;
import dev.veneer.node.tree.rewrite.ViewReader;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Decides a rebase with strategy {@code Merge}: mergers first, then path by path. Writes nothing. */
public final class RebasePlanner {
    private final BaseRecords oldBase;
    private final BaseRecords newBase;
    private final BaseDifference difference;
    private final RebaseRules rules;
    private final List<CoupledState> mergers;

    /**
     * A planner for one sliver.
     *
     * @param difference of the two bases; may be shared
     * @param mergers in the order in which they may claim; a path goes to the first that claims it
     */
    public RebasePlanner(
            BaseRecords oldBase,
            BaseRecords newBase,
            BaseDifference difference,
            RebaseRules rules,
            List<CoupledState> mergers) {
        this.oldBase = oldBase;
        this.newBase = newBase;
        this.difference = difference;
        this.rules = rules;
        this.mergers = List.copyOf(mergers);
    }

    /**
     * Decides.
     *
     * @param view the sliver's, read against the old base
     * @param trees for the mergers
     * @param revision number of the new revision
     * @throws NodeException {@code VerifyFailed} when what was decided cannot be carried out, by a fault of Veneer
     */
    public RebasePlan plan(ViewReader view, ThreeTrees trees, int revision)
            throws LinuxException, NodeException, ForeignLayerException {
        Notes notes = new Notes(rules, difference);
        Map<Bytes, Claim> claims = new LinkedHashMap<>();
        List<Rerun> reruns = new ArrayList<>();
        for (CoupledState merger : mergers) {
            notes.merger(merger.name());
            Claims decided = merger.claim(LimitedTree.of(trees), notes);
            for (Claim claim : decided.claims()) {
                claims.putIfAbsent(claim.path(), claim);
            }
            reruns.addAll(decided.reruns());
        }
        notes.merger("");
        Claimed claimed = new Claimed(claims.values());
        Rebase rebase = new Rebase(oldBase, newBase, difference, rules, claimed, notes);
        view.read(rebase);
        Target target = rebase.target();
        notes.reruns().stream().filter(rerun -> !reruns.contains(rerun)).forEach(reruns::add);
        Steps held = target.steps().without(rebase.converging().settle(view, notes));
        Steps steps = new Aside(newBase, target.recipes(), notes).among(held, revision);
        PlanCheck.require(steps, target.recipes(), newBase);
        return new RebasePlan(
                steps,
                target.recipes(),
                notes.reports(),
                notes.counts(followed(notes.reports())),
                reruns,
                notes.bytesWritten(),
                notes.failed());
    }

    /** Paths that the bases differ in and that nothing else was found of. */
    private long followed(List<PathReport> reports) {
        Set<Bytes> told = new HashSet<>();
        reports.forEach(report -> told.add(report.path()));
        return difference.changed().stream()
                .filter(path -> !told.contains(path))
                .count();
    }
}
