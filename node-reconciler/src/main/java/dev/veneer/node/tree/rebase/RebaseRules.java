package dev.veneer.node.tree.rebase;

import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.PathPattern;
import dev.veneer.node.tree.merge.Conflict;
import dev.veneer.node.tree.merge.OnConflict;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a sliver's spec says of conflicts.
 *
 * @param rules the first whose pattern matches a path of a conflict settles it
 * @param onConflict what holds where no rule matches
 * @param pins paths that are always the sliver's
 */
public record RebaseRules(List<Rule> rules, OnConflict onConflict, List<PathPattern> pins) {
    /** A rule. */
    public record Rule(PathPattern path, OnConflict onConflict) {}

    public RebaseRules {
        rules = List.copyOf(rules);
        pins = List.copyOf(pins);
    }

    /** What the first rule that matches says, or null when none does. */
    @Nullable
    OnConflict rule(Conflict conflict) {
        for (Rule rule : rules) {
            for (Bytes path : conflict.paths()) {
                if (rule.path().matches(path.array())) {
                    return rule.onConflict();
                }
            }
        }
        return null;
    }

    /** Whether a path is pinned. */
    public boolean pins(byte[] path) {
        return pins.stream().anyMatch(pin -> pin.matches(path));
    }
}
