package dev.veneer.node.tree.coupled.packages;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.coupled.Claims;
import dev.veneer.node.tree.coupled.CoupledState;
import dev.veneer.node.tree.coupled.record.ClaimList;
import dev.veneer.node.tree.coupled.record.Octets;
import dev.veneer.node.tree.merge.MergeTree;
import dev.veneer.node.tree.merge.Resolver;
import dev.veneer.node.tree.merge.ThreeTrees;
import dev.veneer.node.tree.merge.Verdict;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** rpm's database is binary: where both sides changed it, all of it comes from one, by one decision. */
public final class Rpm implements CoupledState {
    private static final List<Bytes> DIRECTORIES =
            List.of(Bytes.utf8("var/lib/rpm"), Bytes.utf8("usr/lib/sysimage/rpm"));

    @Override
    public String name() {
        return "rpm";
    }

    @Override
    public Claims claim(ThreeTrees trees, Resolver resolver) throws LinuxException, NodeException {
        ClaimList claims = new ClaimList(trees, resolver);
        Set<Bytes> paths = new TreeSet<>();
        for (MergeTree tree : List.of(trees.oldBase(), trees.newBase(), trees.sliver())) {
            for (Bytes directory : DIRECTORIES) {
                for (Bytes name : tree.names(directory)) {
                    // Locks and shared memory are of the running programs and say nothing of packages.
                    boolean counts = !name.equals(Octets.of(".rpm.lock")) && !name.startsWith("__db.");
                    if (counts && paths.size() <= ClaimList.MOST_TOGETHER) {
                        paths.add(Octets.below(directory, name));
                    }
                }
            }
        }
        claims.whole(List.copyOf(paths), Verdict.COUPLED, "rpm: both sides installed or removed packages");
        return claims.done();
    }
}
