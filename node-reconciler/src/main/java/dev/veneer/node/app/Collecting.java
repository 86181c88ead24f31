package dev.veneer.node.app;

import dev.veneer.node.cli.CommandException;
import dev.veneer.node.cli.GcCommand;
import dev.veneer.node.cli.Outcome;
import dev.veneer.node.cli.Progress;
import dev.veneer.node.cli.Quantities;
import dev.veneer.node.cli.StoreOptions;
import dev.veneer.node.execute.ActionResult;
import dev.veneer.node.execute.PlanExecutor;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.model.ActualSliver;
import dev.veneer.node.model.ActualState;
import dev.veneer.node.model.BaseRecord;
import dev.veneer.node.model.DesiredState;
import dev.veneer.node.model.Digest;
import dev.veneer.node.model.KeptRevision;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.model.SourceState;
import dev.veneer.node.plan.Action;
import dev.veneer.node.plan.BasePlanner;
import dev.veneer.node.plan.Plan;
import dev.veneer.node.plan.PlanInput;
import dev.veneer.node.plan.Planner;
import dev.veneer.node.store.StoreLockedException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * {@code veneer gc}: what the planner would collect when nothing at all were declared anew, and for everything that is
 * kept what keeps it.
 */
public final class Collecting implements GcCommand.Collecting {
    @Override
    public List<GcCommand.Item> collect(StoreOptions store, boolean dryRun, Progress progress)
            throws NodeException, CommandException {
        if (dryRun) {
            try (NodeParts node = NodeParts.openReadOnly(store.directory())) {
                PlanInput input = input(node);
                return items(input, collection(input), Map.of());
            }
        }
        try (NodeParts node = NodeParts.openExisting(store.directory(), "veneer gc")) {
            PlanInput input = input(node);
            Plan plan = collection(input);
            Map<Digest, String> failed = new HashMap<>();
            for (ActionResult result : new PlanExecutor(node.tools(null))
                    .execute(plan, new ProgressListener(progress), () -> false)
                    .results()) {
                NodeException failure = result.failure();
                if (failure != null && result.action() instanceof Action.RemoveBase remove) {
                    failed.put(remove.digest(), String.valueOf(failure.getMessage()));
                }
            }
            Plan trash = collection(input(node));
            new PlanExecutor(node.tools(null)).execute(trash, new ProgressListener(progress), () -> false);
            return items(input, plan, failed);
        } catch (StoreLockedException e) {
            throw new CommandException(
                    Outcome.LOCKED,
                    e.getMessage() + "; a running agent collects by itself, veneer gc --dry-run tells what");
        }
    }

    @Override
    public List<GcCommand.Item> orphans(StoreOptions store, Set<SliverId> named, boolean remove, Progress progress)
            throws CommandException, IOException {
        return Orphans.ask(store, named, remove, progress);
    }

    private static PlanInput input(NodeParts node) throws NodeException {
        ActualState actual = node.observer().observe();
        DesiredState nothing = new DesiredState(
                new TreeMap<>(), new TreeMap<>(), null, new SourceState("", false, null, false, Set.of(), List.of()));
        return new PlanInput(nothing, actual, node.settings(actual), Instant.now(), Map.of());
    }

    private static Plan collection(PlanInput input) {
        List<Action> actions = new ArrayList<>();
        for (Action action : Planner.plan(input).actions()) {
            if (action instanceof Action.RemoveBase
                    || action instanceof Action.MarkBase
                    || action instanceof Action.EmptyTrash) {
                actions.add(action);
            }
        }
        return new Plan(actions, List.of());
    }

    private static List<GcCommand.Item> items(PlanInput input, Plan plan, Map<Digest, String> failed) {
        List<GcCommand.Item> items = new ArrayList<>();
        Map<Digest, List<String>> keepers = BasePlanner.keepers(input);
        for (BaseRecord base : input.actual().bases().values()) {
            boolean goes = false;
            for (Action action : plan.actions()) {
                goes |= action instanceof Action.RemoveBase remove
                        && remove.digest().equals(base.digest());
            }
            String failure = failed.get(base.digest());
            items.add(new GcCommand.Item(
                    "base/" + base.digest().brief(),
                    goes && failure == null,
                    base.bytes(),
                    failure != null,
                    failure != null ? failure : reason(base, keepers, goes, input.now())));
        }
        for (ActualSliver sliver : input.actual().slivers().values()) {
            for (KeptRevision kept : sliver.record().kept()) {
                items.add(new GcCommand.Item(
                        "revision/" + sliver.record().id() + "@" + kept.revision(), false, -1, false, kept.why()));
            }
        }
        if (input.actual().trash()) {
            items.add(new GcCommand.Item("trash", true, -1, false, "left over by an earlier run"));
        }
        return items;
    }

    private static Instant seconds(Instant time) {
        return time.truncatedTo(ChronoUnit.SECONDS);
    }

    private static String reason(BaseRecord base, Map<Digest, List<String>> keepers, boolean goes, Instant now) {
        List<String> by = keepers.getOrDefault(base.digest(), List.of());
        if (!by.isEmpty()) {
            int more = by.size() - 1;
            return "kept by " + by.get(0) + (more > 0 ? " and " + more + " more" : "");
        }
        Instant since = base.unreferencedSince();
        if (goes || since == null) {
            return since == null
                    ? "unreferenced since now, kept for " + Quantities.age(base.keepUnreferenced())
                    : "unreferenced since " + seconds(since);
        }
        Duration left = Duration.between(now, since.plus(base.keepUnreferenced()));
        return "unreferenced since " + seconds(since) + ", kept for another " + Quantities.age(left);
    }
}
