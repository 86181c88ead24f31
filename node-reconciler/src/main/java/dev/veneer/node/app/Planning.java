package dev.veneer.node.app;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.veneer.node.cli.CommandException;
import dev.veneer.node.cli.PlanCommand;
import dev.veneer.node.cli.Quantities;
import dev.veneer.node.cli.SourceOptions;
import dev.veneer.node.cli.StoreOptions;
import dev.veneer.node.execute.RebasePreview;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.JnrLinuxCalls;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.loop.PassResult;
import dev.veneer.node.loop.Reconciler;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.model.Problem;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.plan.Action;
import dev.veneer.node.plan.ActionWords;
import dev.veneer.node.plan.Finding;
import dev.veneer.node.plan.PlanText;
import dev.veneer.node.plan.SpaceEstimate;
import dev.veneer.node.store.Store;
import java.io.IOException;
import java.time.Clock;
import java.util.StringJoiner;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/** {@code veneer plan}: the pipeline up to the plan. */
public final class Planning implements PlanCommand.Planning {
    @Override
    public PlanCommand.Planned plan(StoreOptions store, SourceOptions sources)
            throws NodeException, CommandException, IOException, InterruptedException {
        String root = store.directory();
        LinuxCalls calls = new JnrLinuxCalls();
        FileInput input = Sources.open(sources, calls, root);
        if (Store.isAbsent(calls, root)) {
            return planned(
                    Reconciler.plan(input, NewStore.state(NewStore.facts(calls, root)), Clock.systemUTC()),
                    id -> 0,
                    Moves.NONE);
        }
        try (NodeParts node = NodeParts.openReadOnly(root)) {
            PassResult result = Reconciler.plan(input, node.observer().observe(), Clock.systemUTC());
            return planned(result, id -> measured(node, id), Moves.of(result.left(), result.actual(), node));
        }
    }

    /** The bytes that only a sliver uses, as its status tells. */
    private static long measured(NodeParts node, SliverId id) {
        try {
            return node.store()
                    .statuses()
                    .read(ObjectRef.of(id))
                    .map(Objects::parse)
                    .map(status -> status.path("usage").path("exclusiveBytes").asLong())
                    .orElse(0L);
        } catch (NodeException e) {
            return 0; // a plan is as good without it
        }
    }

    private static PlanCommand.Planned planned(PassResult result, ToLongFunction<SliverId> measured, Moves moves) {
        Function<Action, SpaceEstimate> space = action ->
                SpaceEstimate.of(action, result.actual(), measured).plus(new SpaceEstimate(moves.bytes(action), 0));
        SpaceEstimate whole =
                result.left().actions().stream().map(space).reduce(new SpaceEstimate(0, 0), SpaceEstimate::plus);
        StringBuilder text = new StringBuilder();
        for (Problem problem : result.desired().source().problems()) {
            text.append(PassOutcome.line(problem)).append('\n');
        }
        String hold = result.desired().source().hold();
        if (hold != null) {
            text.append("held: ").append(hold).append('\n');
        }
        text.append(PlanText.of(
                result.left(),
                action -> moves.of(action) != null ? moves.words(action) : words(space.apply(action), " [", "]")));
        text.append(words(whole, "On the disk: ", ".\n"));
        return new PlanCommand.Planned(
                text.toString(),
                json(result, space, whole, moves),
                result.left().isEmpty(),
                PassOutcome.of(result));
    }

    private static String words(SpaceEstimate space, String before, String after) {
        StringJoiner words = new StringJoiner(", ", before, after).setEmptyValue("");
        if (space.adds() > 0) {
            words.add("takes up to " + Quantities.bytes(space.adds()));
        }
        if (space.frees() > 0) {
            words.add("gives back about " + Quantities.bytes(space.frees()));
        }
        return words.toString();
    }

    private static ObjectNode json(
            PassResult result, Function<Action, SpaceEstimate> estimate, SpaceEstimate whole, Moves moves) {
        ObjectNode all = JsonNodeFactory.instance.objectNode();
        ArrayNode actions = all.putArray("actions");
        for (Action action : result.left().actions()) {
            ActionWords words = ActionWords.of(action);
            ObjectNode entry = actions.addObject();
            entry.put("kind", action.object().kind().name());
            entry.put("object", action.object().name());
            entry.put("action", action.getClass().getSimpleName());
            entry.put("phase", action.phase().name());
            entry.put("detail", words.detail());
            entry.put("reason", action.reason());
            SpaceEstimate space = estimate.apply(action);
            entry.put("takesBytes", space.adds());
            entry.put("freesBytes", space.frees());
            RebasePreview.Told move = moves.of(action);
            if (move != null) {
                entry.put("possible", move.possible());
                entry.set("counts", Objects.parse(move.json()).path("counts"));
            }
        }
        ArrayNode findings = all.putArray("findings");
        for (Finding finding : result.left().findings()) {
            ObjectNode entry = findings.addObject();
            entry.put("kind", finding.object().kind().name());
            entry.put("object", finding.object().name());
            entry.put("reason", finding.reason().name());
            entry.put("follow", finding.follow().name());
            entry.put("message", finding.message());
        }
        ArrayNode problems = all.putArray("problems");
        for (Problem problem : result.desired().source().problems()) {
            ObjectNode entry = problems.addObject();
            entry.put("where", problem.where());
            entry.put("field", problem.field());
            entry.put("message", problem.message());
            entry.put("warning", problem.warning());
        }
        String hold = result.desired().source().hold();
        if (hold != null) {
            all.put("held", hold);
        }
        all.put("takesBytes", whole.adds());
        all.put("freesBytes", whole.frees());
        all.put("summary", PlanText.summary(result.left()));
        return all;
    }
}
