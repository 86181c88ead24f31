package dev.veneer.node.tree.rebase;

import dev.veneer.node.tree.TreePath;
import dev.veneer.node.tree.coupled.Claim;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The paths that mergers decided, in the order of a manifest, until each is met. */
final class Claimed {
    private final TreeMap<byte[], Claim> claims = new TreeMap<>(TreePath::compare);

    Claimed(Collection<Claim> all) {
        all.forEach(claim -> claims.put(claim.path().array(), claim));
    }

    /** The claim of a path, which is met now, or null. */
    @Nullable
    Claim take(byte[] path) {
        return claims.remove(path);
    }

    /** The first that is left before a path, or null. */
    @Nullable
    Claim firstBefore(byte[] path) {
        return claims.isEmpty() || TreePath.compare(claims.firstKey(), path) >= 0
                ? null
                : claims.firstEntry().getValue();
    }

    /** The first that is left below a directory, or null. */
    @Nullable
    Claim firstBelow(byte[] directory) {
        Map.Entry<byte[], Claim> next = claims.higherEntry(directory);
        return next == null || !TreePath.isBelow(next.getKey(), directory) ? null : next.getValue();
    }

    /** Passes over those of a path and of what is below it: something else decides there. */
    void passOver(byte[] path) {
        take(path);
        for (Claim next = firstBelow(path); next != null; next = firstBelow(path)) {
            take(next.path().array());
        }
    }
}
