package dev.veneer.node.plan;

import java.util.Collection;

/** Numbers of revisions to come. */
public final class NextRevision {
    private NextRevision() {}

    /** One more than the highest of all that there are, kept ones and snapshots included. */
    public static int after(Collection<Integer> revisions) {
        return revisions.stream().mapToInt(Integer::intValue).max().orElse(0) + 1;
    }
}
