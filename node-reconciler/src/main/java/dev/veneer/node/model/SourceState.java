package dev.veneer.node.model;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is known of the source that a desired state came from.
 *
 * @param id the source's identity, which the store keeps with each object
 * @param prunes whether absence means removal: a whole directory does, single files only when asked
 * @param hold why nothing may be deleted now, or null
 * @param takesOver whether objects of other sources may be taken over
 * @param broken objects ({@code Kind NS/NAME}) whose last declared version is wrong: their last good one stays in force
 * @param problems all that is wrong with the source
 */
public record SourceState(
        String id,
        boolean prunes,
        @Nullable String hold,
        boolean takesOver,
        Set<String> broken,
        List<Problem> problems) {
    public SourceState {
        broken = Set.copyOf(broken);
        problems = List.copyOf(problems);
    }
}
