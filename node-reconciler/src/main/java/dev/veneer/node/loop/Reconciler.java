package dev.veneer.node.loop;

import dev.veneer.node.execute.ActionResult;
import dev.veneer.node.execute.ExecutionListener;
import dev.veneer.node.execute.ExecutionReport;
import dev.veneer.node.execute.NodeTools;
import dev.veneer.node.execute.PlanExecutor;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.model.ActualState;
import dev.veneer.node.model.DeclaredSpecs;
import dev.veneer.node.model.DesiredState;
import dev.veneer.node.model.DesiredStore;
import dev.veneer.node.model.NodeStoreRecord;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.observe.StateObserver;
import dev.veneer.node.observe.StateObserver.Look;
import dev.veneer.node.plan.Occasions;
import dev.veneer.node.plan.Plan;
import dev.veneer.node.plan.PlanInput;
import dev.veneer.node.plan.PlanMemory;
import dev.veneer.node.plan.Planner;
import dev.veneer.node.plan.Requests;
import dev.veneer.node.plan.Rewrite;
import dev.veneer.node.status.StatusReporter;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One pass: read what is declared, look at what is, plan, carry out, until there is nothing left that can be done now;
 * then report. {@code plan} stops after the first plan; {@code apply} is one pass; the agent makes one whenever it is
 * woken.
 */
public final class Reconciler {
    private static final Logger LOG = LoggerFactory.getLogger(Reconciler.class);

    /**
     * What one round makes possible (an import, a removal) is done by the next. Four are the most that any plan needs;
     * the rest is room, and the bound keeps a mistake from spinning.
     */
    private static final int ROUNDS = 8;

    private final DesiredInput source;
    private final StateObserver observer;
    private final Clock clock;
    private final FailureMemory memory = new FailureMemory();
    private final PlanMemory planner = new PlanMemory();
    private final Schedules schedules = new Schedules();
    private final ToldIds told = new ToldIds();
    private Runnable beforeLooking = () -> {};

    public Reconciler(DesiredInput source, StateObserver observer, Clock clock) {
        this.source = source;
        this.observer = observer;
        this.clock = clock;
    }

    /** Has something done each time before the node is looked at. */
    public void beforeLooking(Runnable act) {
        beforeLooking = act;
    }

    private ActualState look(Look how) throws NodeException {
        beforeLooking.run();
        return observer.observe(how);
    }

    /** What failed lately. */
    public FailureMemory memory() {
        return memory;
    }

    /** When, after the last pass, the passing of time alone will give something to do; may be too early. */
    public Optional<Instant> nextTime() {
        return planner.nextTime();
    }

    /** Only plans; changes nothing. */
    public static PassResult plan(DesiredInput source, ActualState actual, Clock clock) throws NodeException {
        DesiredState desired = source.read(actual);
        PlanInput input = new PlanInput(desired, actual, settings(desired, actual), clock.instant(), Map.of());
        return new PassResult(input, Planner.plan(input), List.of(), false, null);
    }

    /**
     * Makes a pass.
     *
     * @param tools what to work with
     * @param reporter who is told
     * @param stop asked between steps
     */
    public PassResult pass(NodeTools tools, StatusReporter reporter, ExecutionListener listener, BooleanSupplier stop)
            throws NodeException {
        return pass(Look.EVERYTHING, tools, reporter, listener, stop, Requests.NONE);
    }

    /**
     * The same, in which also something is done that a person asked for once.
     *
     * @param how how closely to look at first; afterwards it is known what has changed
     */
    public PassResult pass(
            Look how,
            NodeTools tools,
            StatusReporter reporter,
            ExecutionListener listener,
            BooleanSupplier stop,
            Requests requests)
            throws NodeException {
        try {
            return carryOut(how, tools, reporter, listener, stop, requests);
        } finally {
            reporter.ended();
        }
    }

    private PassResult carryOut(
            Look how,
            NodeTools tools,
            StatusReporter reporter,
            ExecutionListener listener,
            BooleanSupplier stop,
            Requests requests)
            throws NodeException {
        thaw(tools);
        ActualState actual = look(how);
        if (!actual.damaged().isEmpty() && !tools.store().restoreRecords().isEmpty()) {
            actual = look(Look.CHANGES);
        }
        DesiredState desired = source.read(actual);
        source.decided(desired, actual, tools.store());
        List<ActionResult> results = new ArrayList<>();
        boolean interrupted = false;
        PlanInput input = input(desired, actual, requests, reporter.reclaimable());
        Plan plan = planner.plan(input);
        for (int round = 0; round < ROUNDS && !interrupted; round++) {
            if (!told.tell(tools.promises(), actual, plan)) {
                // Another store was faster: with what it says now, other ids are given.
                actual = look(Look.CHANGES);
                input = input(desired, actual, left(requests, results), reporter.reclaimable());
                plan = planner.plan(input);
                continue;
            }
            if (plan.isEmpty()) {
                break;
            }
            reporter.begins(input, plan);
            ExecutionReport report =
                    new PlanExecutor(tools.with(input.store())).execute(plan, new LongNews(listener, reporter), stop);
            memory.note(declared(requests, report.results()), desired, input.actual());
            results.addAll(report.results());
            interrupted = report.interrupted();
            if (report.results().isEmpty()) {
                // All of it is for later: other slivers have to be through first.
                break;
            }
            actual = look(Look.CHANGES);
            input = input(desired, actual, left(requests, results), reporter.reclaimable());
            plan = planner.plan(input);
        }
        return new PassResult(input, plan, results, interrupted, write(input, plan, results, tools, reporter));
    }

    /**
     * Writes what tells of the pass. It is not what was to be done: where it cannot be written, as on a full disk, the
     * next pass writes it, and this one is what it came to.
     *
     * @return why it could not be written, or null
     */
    private static @Nullable String write(
            PlanInput input, Plan left, List<ActionResult> results, NodeTools tools, StatusReporter reporter) {
        try {
            reporter.report(input, left, results);
            if (!results.isEmpty()) {
                tools.store().saveIndex();
            }
            return null;
        } catch (NodeException e) {
            return String.valueOf(e.getMessage());
        }
    }

    /** One that cannot be let go on yet is no reason to leave all others alone; the next pass tries again. */
    private static void thaw(NodeTools tools) {
        try {
            tools.runtime().thawLeftOvers();
        } catch (NodeException e) {
            LOG.warn("{}", e.getMessage());
        }
    }

    /** Without what was asked for once: its failure is told, and keeps nothing that is declared from being done. */
    static List<ActionResult> declared(Requests requests, List<ActionResult> results) {
        return results.stream()
                .filter(result -> !(result.action() instanceof Rewrite done && isAsked(requests, done)))
                .toList();
    }

    private static boolean isAsked(Requests requests, Rewrite action) {
        SliverId id = action.record().id();
        return (action instanceof Rewrite.Compact && requests.compact().contains(id))
                || (action instanceof Rewrite.Restore && requests.rollback().containsKey(id));
    }

    /** What was asked for and not yet tried. */
    private static Requests left(Requests requests, List<ActionResult> results) {
        Set<SliverId> compact = new HashSet<>(requests.compact());
        Map<SliverId, Integer> rollback = new HashMap<>(requests.rollback());
        for (ActionResult result : results) {
            if (result.action() instanceof Rewrite.Compact done) {
                compact.remove(done.record().id());
            } else if (result.action() instanceof Rewrite.Restore done) {
                rollback.remove(done.record().id());
            }
        }
        return new Requests(compact, rollback, requests.remove());
    }

    private PlanInput input(
            DesiredState desired, ActualState actual, Requests requests, Map<SliverId, Long> reclaimable) {
        Instant now = clock.instant();
        return new PlanInput(
                desired,
                actual,
                settings(desired, actual),
                now,
                memory.failures(),
                requests,
                new Occasions(schedules.at(desired, now), reclaimable));
    }

    /** The NodeStore that is declared, else the one that was declared last (by whatever source), else defaults. */
    private static DesiredStore settings(DesiredState desired, ActualState actual) {
        DesiredStore declared = desired.store();
        if (declared != null) {
            return declared;
        }
        NodeStoreRecord record = actual.store();
        return record == null
                ? DesiredStore.defaults(actual.node().nodeName())
                : DeclaredSpecs.store(record.name(), record.canonicalSpec(), "last known version");
    }
}
