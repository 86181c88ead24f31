package dev.veneer.node.model;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is known of the source that a desired state came from.
 *
 * @param id the source's identity, which the store keeps with each object
 * @param prunes whether absence means removal: a whole directory does, single files only when asked
 * @param hold why nothing may be deleted now, or null. What is lost and held is among the desired objects, as it was
 * @param takesOver whether objects of other sources may be taken over
 * @param broken objects ({@code Kind NS/NAME}) whose last declared version is wrong: their last good one stays in force
 * @param removals objects whose removal a person allowed once, which is remembered until they are gone or declared again
 * @param problems all that is wrong with the source
 * @param barred why nothing may be made or imported that is not there, or null
 */
public record SourceState(
        String id,
        boolean prunes,
        @Nullable String hold,
        boolean takesOver,
        Set<String> broken,
        Set<ObjectRef> removals,
        List<Problem> problems,
        @Nullable String barred) {
    /** A source that nobody allowed anything beyond the usual. */
    public SourceState(
            String id,
            boolean prunes,
            @Nullable String hold,
            boolean takesOver,
            Set<String> broken,
            List<Problem> problems) {
        this(id, prunes, hold, takesOver, broken, Set.of(), problems, null);
    }

    /** A source that nothing is barred for. */
    public SourceState(
            String id,
            boolean prunes,
            @Nullable String hold,
            boolean takesOver,
            Set<String> broken,
            Set<ObjectRef> removals,
            List<Problem> problems) {
        this(id, prunes, hold, takesOver, broken, removals, problems, null);
    }

    public SourceState {
        broken = Set.copyOf(broken);
        removals = Set.copyOf(removals);
        problems = List.copyOf(problems);
    }
}
