package dev.veneer.node.execute;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.model.Rerun;
import dev.veneer.node.plan.Action;
import dev.veneer.node.store.Batch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Runs in a container what a rebase left to be run there: confined as the sliver is, and each for a limited time. */
final class InsideWork {
    private static final Duration LIMIT = Duration.ofMinutes(5);

    private final NodeTools tools;

    InsideWork(NodeTools tools) {
        this.tools = tools;
    }

    void run(Action action, Run run) {
        if (action instanceof Action.RunInside inside) {
            run.perform(action, () -> run(inside));
        }
    }

    /** One that fails is told and not tried again: it would fail at every start. */
    private String run(Action.RunInside inside) throws NodeException {
        List<String> told = new ArrayList<>();
        for (Rerun rerun : inside.commands()) {
            String words = String.join(" ", rerun.command());
            int status = tools.runtime().runInside(inside.record().id(), rerun.command(), LIMIT);
            told.add(status == 0 ? words : words + " (failed: exit status " + status + ")");
        }
        try (Batch batch = tools.store().begin()) {
            batch.replace(inside.record());
            Commits.commit(batch, ObjectRef.of(inside.record().id()));
        }
        return "ran " + String.join(", ", told);
    }
}
