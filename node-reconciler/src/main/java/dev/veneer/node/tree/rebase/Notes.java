package dev.veneer.node.tree.rebase;

import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.TreePath;
import dev.veneer.node.tree.coupled.Claim;
import dev.veneer.node.tree.merge.Conflict;
import dev.veneer.node.tree.merge.OnConflict;
import dev.veneer.node.tree.merge.Resolver;
import dev.veneer.node.tree.merge.Verdict;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a rebase finds on its way: verdicts, conflicts and how they are settled, what is laid aside, sizes. */
final class Notes implements Resolver {
    private final RebaseRules rules;
    private final List<PathReport> reports = new ArrayList<>();
    private final Map<Verdict, Long> counts = new EnumMap<>(Verdict.class);
    private final List<byte[]> displaced = new ArrayList<>();
    private String merger = "";
    private boolean failed;
    private long bytesWritten;

    Notes(RebaseRules rules) {
        this.rules = rules;
    }

    /** Names the merger whose conflicts come next; empty for the path table. */
    void merger(String name) {
        merger = name;
    }

    void add(byte[] path, Verdict verdict, @Nullable OnConflict settled, String by, String detail) {
        counts.merge(verdict, 1L, Long::sum);
        reports.add(new PathReport(Bytes.wrap(path), verdict, settled, by, detail));
    }

    /** A claim; a conflict among them was noted when it was settled. */
    void add(Claim claim) {
        if (!claim.verdict().isConflict() && claim.verdict() != Verdict.FOLLOWED) {
            add(claim.path().array(), claim.verdict(), null, "coupled", claim.detail());
        }
    }

    @Override
    public OnConflict settle(Conflict conflict) {
        OnConflict settled = rules.settle(conflict);
        failed |= settled == OnConflict.FAIL;
        for (Bytes path : conflict.paths()) {
            add(path.array(), conflict.kind(), settled, merger, conflict.detail());
        }
        return settled;
    }

    /** The sliver's own version of a path is laid aside. */
    void displace(byte[] path) {
        displaced.add(path);
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
