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
import dev.veneer.node.tree.coupled.record.Stanza;
import dev.veneer.node.tree.coupled.record.StanzaFile;
import dev.veneer.node.tree.coupled.record.ThreeWay;
import dev.veneer.node.tree.merge.Resolver;
import dev.veneer.node.tree.merge.ThreeTrees;
import dev.veneer.node.tree.merge.Verdict;
import java.util.List;
import java.util.Map;

/** Merges apt's record of which packages were installed only because others need them: what the owner marked stays. */
public final class AptStates implements CoupledState {
    private static final Bytes PATH = Bytes.utf8("var/lib/apt/extended_states");
    private static final StanzaFile.Key<Bytes> KEY = (path, stanza) ->
            Octets.concat(StanzaFile.by("Package").of(path, stanza), Octets.of(":"), stanza.value("Architecture"));

    @Override
    public String name() {
        return "apt";
    }

    @Override
    public Claims claim(ThreeTrees trees, Resolver resolver) throws LinuxException, NodeException {
        ClaimList claims = new ClaimList(trees, resolver);
        boolean both = trees.newBase().find(PATH) != null && trees.sliver().find(PATH) != null;
        if (both && Difference.bothChanged(trees, List.of(PATH))) {
            try {
                Map<Bytes, Stanza> merged = ThreeWay.table(
                        StanzaFile.read(trees.oldBase(), PATH, KEY),
                        StanzaFile.read(trees.newBase(), PATH, KEY),
                        StanzaFile.read(trees.sliver(), PATH, KEY),
                        (key, o, n, m) -> m);
                claims.write(PATH, StanzaFile.text(merged.values()), Verdict.MERGED, merged.size() + " packages");
            } catch (MalformedState e) {
                claims.whole(List.of(PATH), Verdict.COUPLED, "apt: " + e.getMessage());
            }
        }
        return claims.done();
    }
}
