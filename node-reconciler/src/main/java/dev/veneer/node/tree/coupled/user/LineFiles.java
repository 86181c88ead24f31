package dev.veneer.node.tree.coupled.user;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.coupled.Claims;
import dev.veneer.node.tree.coupled.CoupledState;
import dev.veneer.node.tree.coupled.record.ClaimList;
import dev.veneer.node.tree.coupled.record.Difference;
import dev.veneer.node.tree.coupled.record.MalformedState;
import dev.veneer.node.tree.coupled.record.Octets;
import dev.veneer.node.tree.coupled.record.StateFile;
import dev.veneer.node.tree.coupled.record.ThreeWay;
import dev.veneer.node.tree.merge.Resolver;
import dev.veneer.node.tree.merge.Side;
import dev.veneer.node.tree.merge.ThreeTrees;
import dev.veneer.node.tree.merge.Verdict;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Merges {@code shells}, {@code subuid} and {@code subgid}, which are sets of lines. */
public final class LineFiles implements CoupledState {
    /** So many overlaps are settled one by one. */
    private static final int MOST = 1000;

    private static final Bytes SHELLS = Bytes.utf8("etc/shells");
    private static final List<Bytes> RANGES = List.of(Bytes.utf8("etc/subuid"), Bytes.utf8("etc/subgid"));

    @Override
    public String name() {
        return "shells and subordinate ids";
    }

    @Override
    public Claims claim(ThreeTrees trees, Resolver resolver) throws LinuxException, NodeException {
        ClaimList claims = new ClaimList(trees, resolver);
        List<Bytes> paths = new ArrayList<>(RANGES);
        paths.add(SHELLS);
        for (Bytes path : paths) {
            boolean both = trees.newBase().find(path) != null && trees.sliver().find(path) != null;
            if (both && Difference.bothChanged(trees, List.of(path))) {
                try {
                    merge(trees, path, claims);
                } catch (MalformedState e) {
                    claims.whole(List.of(path), Verdict.COUPLED, "lines: " + e.getMessage());
                }
            }
        }
        return claims.done();
    }

    private static void merge(ThreeTrees trees, Bytes path, ClaimList claims)
            throws LinuxException, NodeException, MalformedState {
        List<Bytes> before = lines(trees, Side.OLD_BASE, path);
        List<Bytes> base = lines(trees, Side.NEW_BASE, path);
        List<Bytes> own = lines(trees, Side.SLIVER, path);
        List<Bytes> merged = new ArrayList<>(ThreeWay.set(before, base, own));
        Verdict verdict = Verdict.MERGED;
        if (RANGES.contains(path)) {
            List<IdRange> ranges = new ArrayList<>();
            for (Bytes line : merged) {
                ranges.add(IdRange.parse(path, line));
            }
            if (withoutOverlaps(path, merged, ranges, base, own, claims)) {
                verdict = Verdict.COUPLED;
            }
        }
        claims.write(path, Octets.ofLines(merged), verdict, "");
    }

    private static List<Bytes> lines(ThreeTrees trees, Side side, Bytes path)
            throws LinuxException, NodeException, MalformedState {
        List<Bytes> lines = StateFile.lines(trees.of(side), path);
        return lines == null ? List.of() : lines;
    }

    /** One conflict for each two ranges that overlap and are not both of one side. */
    private static boolean withoutOverlaps(
            Bytes path, List<Bytes> merged, List<IdRange> ranges, List<Bytes> base, List<Bytes> own, ClaimList claims)
            throws MalformedState {
        Set<Bytes> inBase = new HashSet<>(base);
        Set<Bytes> inSliver = new HashSet<>(own);
        List<IdRange> bases = new ArrayList<>();
        List<IdRange> slivers = new ArrayList<>();
        for (IdRange range : ranges) {
            if (!inBase.contains(range.line())) {
                slivers.add(range);
            } else if (!inSliver.contains(range.line())) {
                bases.add(range);
            }
        }
        List<IdRange.Pair> overlaps = IdRange.overlaps(bases, slivers, MOST + 1);
        if (overlaps.size() > MOST) {
            throw new MalformedState(path, "has more than " + MOST + " ranges that overlap those of the other side");
        }
        Set<Bytes> dropped = new HashSet<>();
        boolean found = false;
        for (IdRange.Pair pair : overlaps) {
            Bytes a = pair.one().line();
            Bytes b = pair.other().line();
            if (!dropped.contains(a) && !dropped.contains(b)) {
                found = true;
                String detail = "ids " + b + " in the sliver, " + a + " in the new base";
                Side side = claims.settledSide(Verdict.COUPLED, List.of(path), detail);
                dropped.add(side == Side.NEW_BASE ? b : a);
            }
        }
        merged.removeAll(dropped);
        return found;
    }
}
