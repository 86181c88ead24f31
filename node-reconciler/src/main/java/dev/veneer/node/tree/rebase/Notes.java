package dev.veneer.node.tree.rebase;

import dev.veneer.node.model.Rerun;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.TreePath;
import dev.veneer.node.tree.coupled.BuiltInRule;
import dev.veneer.node.tree.coupled.BuiltInRules;
import dev.veneer.node.tree.coupled.Claim;
import dev.veneer.node.tree.merge.Conflict;
import dev.veneer.node.tree.merge.OnConflict;
import dev.veneer.node.tree.merge.Outcome;
import dev.veneer.node.tree.merge.Resolver;
import dev.veneer.node.tree.merge.Side;
import dev.veneer.node.tree.merge.Verdict;
import dev.veneer.node.tree.rewrite.ViewPath;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a rebase finds on its way: verdicts, conflicts and how they are settled, what is laid aside, sizes. */
final class Notes implements Resolver {
    private static final String BUILT_IN = "built-in rule";

    /** So many paths that are simply kept are told one by one. */
    private static final int MOST_KEPT = 10_000;

    /** And so many that are in conflict; more are only counted. */
    private static final int MOST_CONFLICTS = 100_000;

    /** So many files are laid aside; more are refused. */
    private static final int MOST_ASIDE = 100_000;

    private final RebaseRules rules;
    private final BaseDifference difference;
    private final List<PathReport> reports = new ArrayList<>();
    private final Map<Verdict, Long> counts = new EnumMap<>(Verdict.class);
    private final List<byte[]> displaced = new ArrayList<>();
    private final Set<Bytes> taken = new HashSet<>();
    private final Set<Rerun> reruns = new LinkedHashSet<>();
    private String merger = "";
    private boolean failed;
    private long bytesWritten;
    private long kept;
    private long conflicting;
    private boolean tooMany;

    Notes(RebaseRules rules, BaseDifference difference) {
        this.rules = rules;
        this.difference = difference;
    }

    /** Names the merger whose conflicts come next; empty for the path table. */
    void merger(String name) {
        merger = name;
    }

    void add(byte[] path, Verdict verdict, @Nullable OnConflict settled, String by, String detail) {
        counts.merge(verdict, 1L, Long::sum);
        if (verdict == Verdict.KEPT && ++kept > MOST_KEPT && !difference.changes(path)) {
            return; // nobody reads them all, and a sliver may hold a million files
        }
        reports.add(new PathReport(Bytes.wrap(path), verdict, settled, by, detail));
    }

    /** A claim; a conflict among them was noted when it was settled. */
    void add(Claim claim) {
        if (!claim.verdict().isConflict() && claim.verdict() != Verdict.FOLLOWED) {
            add(claim.path().array(), claim.verdict(), null, "coupled", claim.detail());
        }
    }

    /**
     * Settles a conflict: where mergers decide together what is pinned, as the sliver has it; else by the sliver's own
     * rules, by the built-in ones where a single path is decided, else as the sliver says.
     */
    @Override
    public OnConflict settle(Conflict conflict) {
        OnConflict ruled = rules.rule(conflict);
        if (!merger.isEmpty() && isPinned(conflict)) {
            return OnConflict.KEEP_SLIVER;
        }
        if (ruled == null && merger.isEmpty()) {
            BuiltInRule builtIn = builtIn(conflict);
            if (builtIn != null) {
                conflict.paths().forEach(path -> add(path.array(), Verdict.MERGED, null, BUILT_IN, builtIn.reason()));
                if (!builtIn.rerun().isEmpty()) {
                    reruns.add(new Rerun(builtIn.rerun(), builtIn.reason()));
                }
                return builtIn.keeps() == Side.SLIVER ? OnConflict.KEEP_SLIVER : OnConflict.TAKE_BASE;
            }
        }
        OnConflict settled = ruled == null ? rules.onConflict() : ruled;
        failed |= settled == OnConflict.FAIL;
        for (Bytes path : conflict.paths()) {
            if (++conflicting > MOST_CONFLICTS) {
                counts.merge(conflict.kind(), 1L, Long::sum);
            } else {
                add(path.array(), conflict.kind(), settled, merger, conflict.detail());
            }
            if (settled == OnConflict.TAKE_BASE && !merger.isEmpty()) {
                taken.add(path);
            }
        }
        return settled;
    }

    /** Whether a path of a merger's conflict is pinned: what is decided with it is the sliver's too, and no conflict. */
    private boolean isPinned(Conflict conflict) {
        if (conflict.paths().stream().noneMatch(path -> rules.pins(path.array()))) {
            return false;
        }
        for (Bytes path : conflict.paths()) {
            if (!rules.pins(path.array())) {
                add(path.array(), Verdict.MERGED, null, merger, "with a pinned path: " + conflict.detail());
            }
        }
        return true;
    }

    /** Nothing can be done, whatever the sliver's rules say. */
    void refuse(byte[] path, String detail) {
        failed = true;
        add(path, Verdict.TYPE, OnConflict.FAIL, "", detail);
    }

    /** Whether a claim gives up the sliver's version of a path for a conflict. */
    boolean laysAside(Claim claim) {
        boolean kept = claim.outcome() instanceof Outcome.KeepSliver;
        boolean written = claim.outcome() instanceof Outcome.Write;
        return !kept && (taken.contains(claim.path()) || (claim.verdict().isConflict() && !written));
    }

    /** The built-in rule of a conflict's paths; null when there is none, or not one for all. */
    private static @Nullable BuiltInRule builtIn(Conflict conflict) {
        BuiltInRule all = null;
        for (Bytes path : conflict.paths()) {
            BuiltInRule rule = BuiltInRules.of(path).orElse(null);
            if (rule == null || (all != null && all.keeps() != rule.keeps())) {
                return null;
            }
            all = all == null ? rule : all;
        }
        return all;
    }

    /** What built-in rules want to be run in the sliver. */
    Set<Rerun> reruns() {
        return reruns;
    }

    /** The sliver's own version of a path is laid aside. */
    void displace(ViewPath path) {
        if (displaced.size() == MOST_ASIDE) {
            if (!tooMany) {
                tooMany = true;
                failed = true;
                String detail = "is one of more than " + MOST_ASIDE
                        + " files that would be laid aside: let the sliver's versions be kept, or remove them";
                add(path.path(), Verdict.TYPE, OnConflict.FAIL, "", detail);
            }
            return;
        }
        displaced.add(path.path());
        written(path.allocated());
    }

    void written(long bytes) {
        bytesWritten += bytes;
    }

    List<byte[]> displaced() {
        return displaced;
    }

    boolean failed() {
        return failed;
    }

    long bytesWritten() {
        return bytesWritten;
    }

    /** In the order of a manifest. */
    List<PathReport> reports() {
        List<PathReport> sorted = new ArrayList<>(reports);
        sorted.sort((one, other) ->
                TreePath.compare(one.path().array(), other.path().array()));
        return sorted;
    }

    /**
     * How many paths got each verdict.
     *
     * @param followed paths of the new base that nothing else was found of
     */
    Map<Verdict, Long> counts(long followed) {
        Map<Verdict, Long> all = new EnumMap<>(counts);
        all.merge(Verdict.FOLLOWED, followed, Long::sum);
        return all;
    }
}
