package dev.veneer.node.plan;

import dev.veneer.node.model.SliverId;
import java.util.Set;

/**
 * What a person asked to be done once, beside what is declared.
 *
 * @param compact slivers whose writable stores are to be compacted
 */
public record Requests(Set<SliverId> compact) {
    /** Nothing. */
    public static final Requests NONE = new Requests(Set.of());

    public Requests {
        compact = Set.copyOf(compact);
    }
}
