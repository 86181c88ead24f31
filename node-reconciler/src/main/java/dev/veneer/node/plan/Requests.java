package dev.veneer.node.plan;

import dev.veneer.node.model.SliverId;
import java.util.Map;
import java.util.Set;

/**
 * What a person asked to be done once, beside what is declared.
 *
 * @param compact slivers whose writable stores are to be compacted
 * @param rollback slivers that are to go back, and to which revision or snapshot; {@link #LAST} for the revision before
 * @param remove slivers that nobody declares and that are to go with their data
 */
public record Requests(Set<SliverId> compact, Map<SliverId, Integer> rollback, Set<SliverId> remove) {
    /** The previous revision that is kept and was in force last. */
    public static final int LAST = 0;

    /** Nothing. */
    public static final Requests NONE = new Requests(Set.of(), Map.of(), Set.of());

    public Requests {
        compact = Set.copyOf(compact);
        rollback = Map.copyOf(rollback);
        remove = Set.copyOf(remove);
    }

    /** Without removals. */
    public Requests(Set<SliverId> compact, Map<SliverId, Integer> rollback) {
        this(compact, rollback, Set.of());
    }

    /** That a sliver is compacted. */
    public static Requests toCompact(Set<SliverId> slivers) {
        return new Requests(slivers, Map.of());
    }

    /** That slivers go which nobody declares. */
    public static Requests toRemove(Set<SliverId> slivers) {
        return new Requests(Set.of(), Map.of(), slivers);
    }

    /** That a sliver goes back. */
    public static Requests toRollBack(SliverId sliver, int to) {
        return new Requests(Set.of(), Map.of(sliver, to));
    }
}
