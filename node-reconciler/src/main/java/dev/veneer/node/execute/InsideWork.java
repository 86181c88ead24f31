package dev.veneer.node.execute;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.model.Rerun;
import dev.veneer.node.plan.Action;
import dev.veneer.node.store.Batch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs in a container what a rebase left to be run there: confined as the sliver is, and each for a limited time. Where the
 * runtime only begins that, the plan in which it has ended writes down what it came to.
 */
final class InsideWork {
    private static final Duration LIMIT = Duration.ofMinutes(5);

    private final NodeTools tools;

    InsideWork(NodeTools tools) {
        this.tools = tools;
    }

    void run(Action action, Run run) {
        if (action instanceof Action.RunInside inside) {
            run.perform(action, () -> run(inside, run));
        }
    }

    /** One that fails is told and not tried again: it would fail at every start. */
    private String run(Action.RunInside inside, Run run) throws NodeException {
        List<List<String>> commands =
                inside.commands().stream().map(Rerun::command).toList();
        List<Integer> exits = tools.runtime().runAllInside(inside.record().id(), commands, LIMIT);
        if (exits == null) {
            // Later actions of this plan would write a record that says they were run.
            run.defer(inside.object());
            return "begun: " + String.join(", ", words(commands));
        }
        List<String> told = new ArrayList<>();
        for (int i = 0; i < exits.size(); i++) {
            String words = words(commands).get(i);
            int status = exits.get(i);
            told.add(status == 0 ? words : words + " (failed: exit status " + status + ")");
        }
        try (Batch batch = tools.store().begin()) {
            batch.replace(inside.record());
            Commits.commit(batch, ObjectRef.of(inside.record().id()));
        }
        return "ran " + String.join(", ", told);
    }

    private static List<String> words(List<List<String>> commands) {
        return commands.stream().map(command -> String.join(" ", command)).toList();
    }
}
