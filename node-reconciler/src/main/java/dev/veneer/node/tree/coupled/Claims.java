package dev.veneer.node.tree.coupled;

import dev.veneer.node.model.Rerun;
import java.util.List;

/**
 * What a merger decided.
 *
 * @param claims a path at most once
 * @param reruns what has to be run in the sliver at its next start, in this order
 */
public record Claims(List<Claim> claims, List<Rerun> reruns) {
    /** Nothing. */
    public static final Claims NONE = new Claims(List.of(), List.of());

    public Claims {
        claims = List.copyOf(claims);
        reruns = List.copyOf(reruns);
    }
}
