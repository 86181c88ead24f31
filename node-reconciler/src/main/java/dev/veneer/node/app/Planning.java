package dev.veneer.node.app;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.veneer.node.cli.CommandException;
import dev.veneer.node.cli.PlanCommand;
import dev.veneer.node.cli.SourceOptions;
import dev.veneer.node.cli.StoreOptions;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.JnrLinuxCalls;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.loop.PassResult;
import dev.veneer.node.loop.Reconciler;
import dev.veneer.node.model.Problem;
import dev.veneer.node.plan.Action;
import dev.veneer.node.plan.ActionWords;
import dev.veneer.node.plan.Finding;
import dev.veneer.node.plan.PlanText;
import dev.veneer.node.store.Store;
import java.io.IOException;
import java.time.Clock;

/** {@code veneer plan}: the pipeline up to the plan. */
public final class Planning implements PlanCommand.Planning {
    @Override
    public PlanCommand.Planned plan(StoreOptions store, SourceOptions sources)
            throws NodeException, CommandException, IOException, InterruptedException {
        String root = store.directory();
        LinuxCalls calls = new JnrLinuxCalls();
        FileInput input = Sources.open(sources, calls, root);
        if (Store.isAbsent(calls, root)) {
            return planned(Reconciler.plan(input, NewStore.state(NewStore.facts(calls, root)), Clock.systemUTC()));
        }
        try (NodeParts node = NodeParts.openReadOnly(root)) {
            return planned(Reconciler.plan(input, node.observer().observe(), Clock.systemUTC()));
        }
    }

    private static PlanCommand.Planned planned(PassResult result) {
        StringBuilder text = new StringBuilder();
        for (Problem problem : result.desired().source().problems()) {
            text.append(PassOutcome.line(problem)).append('\n');
        }
        String hold = result.desired().source().hold();
        if (hold != null) {
            text.append("held: ").append(hold).append('\n');
        }
        text.append(PlanText.of(result.left()));
        return new PlanCommand.Planned(
                text.toString(), json(result), result.left().isEmpty(), PassOutcome.of(result));
    }

    private static ObjectNode json(PassResult result) {
        ObjectNode whole = JsonNodeFactory.instance.objectNode();
        ArrayNode actions = whole.putArray("actions");
        for (Action action : result.left().actions()) {
            ActionWords words = ActionWords.of(action);
            ObjectNode entry = actions.addObject();
            entry.put("kind", action.object().kind().name());
            entry.put("object", action.object().name());
            entry.put("action", action.getClass().getSimpleName());
            entry.put("phase", action.phase().name());
            entry.put("detail", words.detail());
            entry.put("reason", action.reason());
        }
        ArrayNode findings = whole.putArray("findings");
        for (Finding finding : result.left().findings()) {
            ObjectNode entry = findings.addObject();
            entry.put("kind", finding.object().kind().name());
            entry.put("object", finding.object().name());
            entry.put("reason", finding.reason().name());
            entry.put("follow", finding.follow().name());
            entry.put("message", finding.message());
        }
        ArrayNode problems = whole.putArray("problems");
        for (Problem problem : result.desired().source().problems()) {
            ObjectNode entry = problems.addObject();
            entry.put("where", problem.where());
            entry.put("field", problem.field());
            entry.put("message", problem.message());
            entry.put("warning", problem.warning());
        }
        String hold = result.desired().source().hold();
        if (hold != null) {
            whole.put("held", hold);
        }
        whole.put("summary", PlanText.summary(result.left()));
        return whole;
    }
}
