package dev.veneer.node.tree.coupled.packages;

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
import dev.veneer.node.tree.merge.MergeTree;
import dev.veneer.node.tree.merge.Resolver;
import dev.veneer.node.tree.merge.ThreeTrees;
import dev.veneer.node.tree.merge.Verdict;
import java.util.List;

/**
 * Alpine's package database. What its owner asked for is a set of words; what is installed, with the scripts and triggers
 * of the packages, comes from one side whole where both changed it.
 */
public final class Apk implements CoupledState {
    private static final Bytes WORLD = Bytes.utf8("etc/apk/world");
    private static final List<Bytes> DATABASE = List.of(
            Bytes.utf8("lib/apk/db/installed"),
            Bytes.utf8("lib/apk/db/scripts.tar"),
            Bytes.utf8("lib/apk/db/triggers"));

    @Override
    public String name() {
        return "apk";
    }

    @Override
    public Claims claim(ThreeTrees trees, Resolver resolver) throws LinuxException, NodeException {
        ClaimList claims = new ClaimList(trees, resolver);
        claims.whole(DATABASE, Verdict.COUPLED, "apk: both sides installed or removed packages");
        boolean both = trees.newBase().find(WORLD) != null && trees.sliver().find(WORLD) != null;
        if (both && Difference.bothChanged(trees, List.of(WORLD))) {
            try {
                List<Bytes> merged =
                        ThreeWay.set(words(trees.oldBase()), words(trees.newBase()), words(trees.sliver()));
                claims.write(WORLD, Octets.ofLines(merged), Verdict.MERGED, merged.size() + " packages asked for");
            } catch (MalformedState e) {
                claims.whole(List.of(WORLD), Verdict.COUPLED, "apk: " + e.getMessage());
            }
        }
        return claims.done();
    }

    private static List<Bytes> words(MergeTree tree) throws LinuxException, NodeException, MalformedState {
        List<Bytes> lines = StateFile.lines(tree, WORLD);
        return lines == null ? List.of() : Octets.words(Octets.ofLines(lines));
    }
}
