package dev.veneer.node.app;

import dev.veneer.node.cli.Outcome;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.loop.PassResult;
import dev.veneer.node.model.Problem;
import dev.veneer.node.plan.Finding;

/** How a pass is judged: the exit status that a command ends with. */
final class PassOutcome {
    private PassOutcome() {}

    /**
     * The gravest of what is left: something failed or is wrong, then something held, then something waited for. What
     * is as a person declared it (suspended, expired) counts as done.
     */
    static Outcome of(PassResult result) {
        boolean failed = result.desired().source().problems().stream().anyMatch(problem -> !problem.warning());
        boolean held = result.desired().source().hold() != null;
        boolean waiting = result.interrupted();
        for (Finding finding : result.left().findings()) {
            switch (finding.reason()) {
                case Suspended, Expired -> {
                    continue;
                }
                case SourceHeld, OtherSource -> held = true;
                default -> {
                    failed |= finding.follow() != Follow.WAIT;
                    waiting |= finding.follow() == Follow.WAIT;
                }
            }
        }
        failed |= !result.left().isEmpty() && !result.results().isEmpty();
        return failed ? Outcome.SOME_FAILED : held ? Outcome.HELD : waiting ? Outcome.WAITING : Outcome.DONE;
    }

    /** That statuses are old, on one line. Not a failure: the exit status tells what became of the objects. */
    static String unwritten(String why) {
        return "note: what `veneer get` shows may be old: " + why;
    }

    /** A problem of the source on one line. */
    static String line(Problem problem) {
        return (problem.warning() ? "note: " : "error: ") + problem;
    }
}
