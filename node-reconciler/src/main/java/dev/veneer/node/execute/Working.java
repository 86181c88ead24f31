package dev.veneer.node.execute;

import dev.veneer.node.model.SliverId;
import dev.veneer.node.model.WorkProgress;
import dev.veneer.node.plan.Rewrite;
import dev.veneer.node.tree.LongWork;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;

/**
 * How far the rewriting of one sliver is.
 *
 * @param action what is done
 * @param begun whether it is being done; else it is only looked whether it can be, and the sliver goes on meanwhile
 * @param stage what is being done of it
 * @param reached how far that is
 * @param elapsed time since all of it began
 * @param at when this was so
 */
public record Working(
        Rewrite action, boolean begun, LongWork.Stage stage, WorkProgress reached, Duration elapsed, Instant at) {
    /** The sliver. */
    public SliverId sliver() {
        return action.record().id();
    }

    /** What is done to it, for people: {@code compacting, writing}. */
    public String what() {
        String doing;
        if (action instanceof Rewrite.Rebase) {
            doing = "moving to " + action.record().baseName();
        } else if (action instanceof Rewrite.Restore back) {
            doing = "going back to " + (back.copied() ? "snapshot " : "revision ") + back.to();
        } else {
            doing = "compacting";
        }
        return doing + ", " + (begun ? stage.name().toLowerCase(Locale.ROOT) : "looking beforehand");
    }

    /** All of it for people. */
    public String text() {
        String numbers = reached.text();
        return numbers.isEmpty() ? what() : what() + ": " + numbers;
    }
}
