package dev.veneer.node.tree.rebase;

import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.TreePath;
import dev.veneer.node.tree.coupled.Claim;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The paths that mergers decided, until each is met. */
final class Claimed {
    private final Map<Bytes, Claim> claims = new HashMap<>();

    Claimed(Collection<Claim> all) {
        all.forEach(claim -> claims.put(claim.path(), claim));
    }

    /** The claim of a path, which is met now, or null. */
    @Nullable
    Claim take(byte[] path) {
        return claims.remove(Bytes.wrap(path));
    }

    /** A claim that was met where the sliver has nothing, but that makes something: it is still to be carried out. */
    void putBack(Claim claim) {
        claims.put(claim.path(), claim);
    }

    /** Those that were not met, in the order of a manifest. */
    List<Claim> left() {
        return claims.values().stream()
                .sorted((one, other) ->
                        TreePath.compare(one.path().array(), other.path().array()))
                .toList();
    }
}
