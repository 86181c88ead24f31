package dev.veneer.node.execute;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.model.DesiredSliver;
import dev.veneer.node.model.NodeStoreRecord;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.plan.Action;
import dev.veneer.node.plan.Phase;
import dev.veneer.node.plan.Plan;
import dev.veneer.node.store.Batch;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.BooleanSupplier;

/**
 * Carries a plan out, phase by phase. What belongs together is one batch with one wait for the disk; what is slow and
 * independent is done by several threads. A failure stops the later actions of its own object and of those that need
 * it, and nothing else.
 */
public final class PlanExecutor {
    /** Containers stop and start by waiting, not by working: many at once cost little. */
    private static final int PARALLEL_STOPS = 16;

    private static final int PARALLEL_STARTS = 4;

    private final NodeTools tools;
    private final Object mounting = new Object();

    public PlanExecutor(NodeTools tools) {
        this.tools = tools;
    }

    /**
     * Carries a plan out.
     *
     * @param stop asked between steps: true ends the run after the step at hand
     */
    public ExecutionReport execute(Plan plan, ExecutionListener listener, BooleanSupplier stop) {
        Run run = new Run(tools.clock(), listener);
        Map<Phase, List<Action>> phases = new EnumMap<>(Phase.class);
        for (Action action : plan.actions()) {
            phases.computeIfAbsent(action.phase(), unused -> new ArrayList<>()).add(action);
        }
        List<List<Action>> journeys = Journeys.takeFrom(phases);
        if (!journeys.isEmpty()) {
            phases.put(Phase.REWRITE, new ArrayList<>());
        }
        boolean interrupted = false;
        for (Map.Entry<Phase, List<Action>> phase : phases.entrySet()) {
            if (stop.getAsBoolean()) {
                interrupted = true;
                phase.getValue().forEach(run::interrupted);
                continue;
            }
            if (phase.getKey() == Phase.REWRITE) {
                listener.phase(phase.getKey(), journeys.size());
                new Journeys(tools, run, (step, actions) -> perform(step, actions, run, stop), stop).run(journeys);
                continue;
            }
            List<Action> actions = new ArrayList<>(phase.getValue());
            actions.removeIf(action -> run.isDeferred(action.object()));
            if (!actions.isEmpty()) {
                listener.phase(phase.getKey(), actions.size());
                perform(phase.getKey(), actions, run, stop);
            }
        }
        return new ExecutionReport(run.results(), interrupted);
    }

    private void perform(Phase phase, List<Action> actions, Run run, BooleanSupplier stop) {
        switch (phase) {
            case STOP ->
                Workers.forEach(actions, PARALLEL_STOPS, "stop", action -> {
                    if (action instanceof Action.StopContainer halt) {
                        run.perform(action, () -> {
                            if (tools.runtime().stop(halt.id(), halt.grace())) {
                                return "";
                            }
                            run.defer(action.object());
                            return "asked to end within " + halt.grace().toSeconds() + " s";
                        });
                    }
                });
            case UNMOUNT ->
                actions.forEach(action -> {
                    if (action instanceof Action.Unmount unmount) {
                        run.perform(action, () -> {
                            tools.mounts().unmount(unmount.target());
                            return "";
                        });
                    }
                });
            case IMPORT, FORM -> images(actions, run, stop);
            case RECORD -> records(actions, run, stop);
            case REWRITE -> throw new IllegalStateException("slivers that are rewritten have a way of their own");
            case MOUNT -> mount(actions, run);
            case START -> Workers.forEach(actions, PARALLEL_STARTS, "start", action -> start(action, run));
            case RUN_INSIDE ->
                Workers.forEach(
                        actions, PARALLEL_STARTS, "run-inside", action -> new InsideWork(tools).run(action, run));
            case SNAPSHOT -> actions.forEach(action -> new SnapshotWork(tools, stop).run(action, run));
            case REMOVE -> new RemovalWork(tools).run(actions, run);
            case COLLECT -> collect(actions, run, stop);
        }
    }

    /** One after the other: descriptors of id ranges are closed when a batch of mounts is made. */
    private void mount(List<Action> actions, Run run) {
        synchronized (mounting) {
            new MountWork(tools).run(actions, run);
        }
    }

    private void images(List<Action> actions, Run run, BooleanSupplier stop) {
        ImageWork images = new ImageWork(tools, stop);
        for (Action action : actions) {
            if (action instanceof Action.ImportImage imported) {
                run.perform(action, () -> images.importImage(imported, run.listener()));
            } else if (action instanceof Action.MakeForm form) {
                run.perform(action, () -> images.makeForm(form));
            }
        }
    }

    private void records(List<Action> actions, Run run, BooleanSupplier stop) {
        ImageWork images = new ImageWork(tools, stop);
        List<Action> slivers = new ArrayList<>();
        for (Action action : actions) {
            if (action instanceof Action.RecordImage record) {
                run.perform(action, () -> images.recordImage(record));
            } else if (action instanceof Action.RecordStore record) {
                run.perform(action, () -> recordStore(record.record()));
            } else {
                slivers.add(action);
            }
        }
        new SliverWork(tools, stop).run(slivers, run);
    }

    private String recordStore(NodeStoreRecord record) throws NodeException {
        String uid = record.uid().isEmpty() ? UUID.randomUUID().toString() : record.uid();
        try (Batch batch = tools.store().begin()) {
            batch.replace(new NodeStoreRecord(
                    record.name(),
                    uid,
                    record.generation(),
                    record.createdAt(),
                    record.sourceId(),
                    record.canonicalSpec()));
            Commits.commit(batch, ObjectRef.store(record.name()));
        }
        return "generation " + record.generation();
    }

    private void start(Action action, Run run) {
        if (action instanceof Action.StartContainer start) {
            DesiredSliver sliver = start.sliver();
            run.perform(action, () -> {
                Instant since = tools.runtime().downSince(sliver.id());
                tools.runtime().start(tools.mounts().containerSpec(sliver, tools.settings()));
                return since == null
                        ? ""
                        : "it was down for "
                                + pause(Duration.between(since, tools.clock().instant()));
            });
        }
    }

    private static String pause(Duration pause) {
        return pause.toMinutes() > 0
                ? pause.toMinutes() + " min " + pause.toSecondsPart() + " s"
                : String.format("%.1f s", pause.toMillis() / 1000.0);
    }

    private void collect(List<Action> actions, Run run, BooleanSupplier stop) {
        RemovalWork removal = new RemovalWork(tools);
        List<Action> bases = new ArrayList<>(actions);
        bases.removeIf(Action.EmptyTrash.class::isInstance);
        if (!bases.isEmpty()) {
            removal.run(bases, run);
        }
        for (Action action : actions) {
            if (action instanceof Action.EmptyTrash) {
                run.perform(action, () -> removal.emptyTrash(stop, run));
            }
        }
    }
}
