package dev.veneer.node.execute;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.model.Digest;
import dev.veneer.node.tree.rebase.BaseDifference;
import java.util.LinkedHashMap;
import java.util.Map;

/** In what bases differ, worked out once for all slivers that move between the same two. Thread-safe. */
public final class BaseDifferences {
    /** Each takes some hundred bytes for a path in which the bases differ. */
    private static final int MOST = 4;

    private record Pair(Digest from, Digest to) {}

    private final Map<Pair, BaseDifference> known = new LinkedHashMap<>();

    /** The difference of two bases that are open. */
    synchronized BaseDifference between(Digest from, OpenBase old, Digest to, OpenBase renewed)
            throws LinuxException, NodeException {
        Pair pair = new Pair(from, to);
        BaseDifference difference = known.get(pair);
        if (difference == null) {
            difference = BaseDifference.between(
                    old.records().manifest(), renewed.records().manifest());
            if (known.size() == MOST) {
                known.remove(known.keySet().iterator().next());
            }
            known.put(pair, difference);
        }
        return difference;
    }
}
