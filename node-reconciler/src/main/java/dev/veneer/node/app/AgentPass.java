package dev.veneer.node.app;

import dev.veneer.api.Reason;
import dev.veneer.node.execute.ActionResult;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.loop.PassResult;
import dev.veneer.node.loop.ReconcileLoop;
import dev.veneer.node.loop.Reconciler;
import dev.veneer.node.metrics.Metrics;
import dev.veneer.node.model.NodeFacts;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.model.Problem;
import dev.veneer.node.observe.StateObserver.Look;
import dev.veneer.node.plan.Action;
import dev.veneer.node.plan.Finding;
import dev.veneer.node.plan.PlanText;
import dev.veneer.node.plan.Requests;
import dev.veneer.node.plan.Rewrite;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One pass of the agent: what {@code apply} does, told to the log and the metrics instead of a person. */
final class AgentPass implements ReconcileLoop.Pass {
    private static final Logger LOG = LoggerFactory.getLogger(AgentPass.class);

    /** How long a pass that could not be made, or not be told of, is waited with: the disk or the mount table is bad then. */
    private static final Duration AFTER_FAILURE = Duration.ofSeconds(5);

    /** Triggers that say what has changed. */
    private static final Set<String> NEWS = Set.of(Triggers.FILES, Triggers.MOUNTS, Triggers.CLUSTER);

    private final NodeParts node;
    private final Reconciler reconciler;
    private final @Nullable String secrets;
    private final Metrics metrics;
    private final Runnable alive;
    private BooleanSupplier stop = () -> false;
    private @Nullable Triggers triggers;
    private Consumer<PassResult> after = result -> {};
    private Set<String> told = new HashSet<>();
    private Set<ObjectRef> lacking = Set.of();

    /** With what to run while a long pass, which the import of a large image is, goes on. */
    AgentPass(NodeParts node, Reconciler reconciler, @Nullable String secrets, Metrics metrics, Runnable alive) {
        this.node = node;
        this.reconciler = reconciler;
        this.secrets = secrets;
        this.metrics = metrics;
        this.alive = alive;
    }

    void stopWhen(BooleanSupplier asked) {
        stop = asked;
    }

    /** Has something done after each pass. */
    void afterwards(Consumer<PassResult> act) {
        after = act;
    }

    void watching(Triggers watched) {
        triggers = watched;
    }

    @Override
    public Optional<Instant> run(String why) {
        long start = System.nanoTime();
        try {
            boolean asked = why.contains(Agent.RELOAD) || why.contains(Triggers.PROBE);
            if (why.contains(Triggers.REQUEST)) {
                reconciler.memory().clear();
            }
            if (asked || (why.contains(Triggers.TICK) && !lacking.isEmpty())) {
                probe();
            }
            PassResult result = pass(look(why));
            if (lacks(result) && probe()) {
                result = pass(Look.CHANGES);
            }
            after.accept(result);
            Duration took = Duration.ofNanos(System.nanoTime() - start);
            tell(result, why, took);
            if (triggers != null) {
                triggers.follow(result.actual());
                triggers.resync(result.input().store().resync());
                if (result.results().stream().anyMatch(AgentPass::isNew)) {
                    triggers.measureNew();
                }
            }
            if (result.unwritten() == null) {
                return reconciler.nextTime();
            }
        } catch (NodeException e) {
            LOG.error("the pass could not be made: {}", e.getMessage());
        } catch (RuntimeException e) {
            LOG.error("the pass failed by a fault of Veneer", e);
        }
        return Optional.of(Instant.now().plus(AFTER_FAILURE));
    }

    /** What changes when files or the mount table tell of a change, they tell; whatever else wakes a pass may mean more. */
    private static Look look(String why) {
        return NEWS.containsAll(List.of(why.split("\\+"))) ? Look.CHANGES : Look.EVERYTHING;
    }

    private PassResult pass(Look how) throws NodeException {
        return reconciler.pass(
                how,
                node.tools(secrets),
                node.reporter(),
                // Its progress is its log.
                new ProgressListener(new LivelyProgress(null, alive)),
                stop,
                Requests.NONE);
    }

    /** Tries drivers and LXC, which writes and runs programs and is therefore no part of a steady pass. */
    private boolean probe() {
        boolean changed = node.reprobe();
        if (changed) {
            LOG.info("what drivers or LXC can do here has changed");
            reconciler.memory().clear();
        }
        return changed;
    }

    /** Whether objects lack a driver or LXC that did not lack it in the pass before. */
    private boolean lacks(PassResult result) {
        Set<ObjectRef> now = new HashSet<>();
        for (Finding finding : result.left().findings()) {
            if (finding.reason() == Reason.DriverUnavailable || finding.reason() == Reason.LxcUnavailable) {
                now.add(finding.object());
            }
        }
        boolean more = !lacking.containsAll(now);
        lacking = now;
        return more;
    }

    private static boolean isNew(ActionResult result) {
        return result.failure() == null
                && (result.action() instanceof Action.CreateSliver
                        || result.action() instanceof Action.NewInstance
                        || result.action() instanceof Rewrite);
    }

    private void tell(PassResult result, String why, Duration took) {
        List<ActionResult> results = result.results();
        int failed = 0;
        for (ActionResult each : results) {
            boolean wrong = each.outcome() == ActionResult.Outcome.FAILED;
            failed += wrong ? 1 : 0;
            metrics.action(each.action().getClass().getSimpleName(), each.took(), wrong);
        }
        countVerifications(results, metrics);
        metrics.pass(why, took, results.size(), failed);
        NodeFacts facts = result.actual().node();
        metrics.store(facts.freeBytes(), facts.totalBytes());
        metrics.held(result.desired().source().hold() != null);
        metrics.objects("Sliver", node.reporter().readyReasons());
        if (!results.isEmpty()) {
            LOG.atInfo()
                    .addKeyValue("trigger", why)
                    .addKeyValue("actions", results.size())
                    .addKeyValue("failed", failed)
                    .addKeyValue("millis", took.toMillis())
                    .log("pass");
        } else {
            LOG.atDebug()
                    .addKeyValue("trigger", why)
                    .addKeyValue("micros", took.toNanos() / 1000)
                    .log("pass");
        }
        tellNews(result);
    }

    /** Counts new revisions that did not look as they must. */
    static void countVerifications(List<ActionResult> results, Metrics metrics) {
        for (ActionResult each : results) {
            NodeException failure = each.failure();
            if (failure != null
                    && failure.reason() == Reason.VerifyFailed
                    && each.outcome() == ActionResult.Outcome.FAILED) {
                metrics.verifyFailed(each.action().getClass().getSimpleName());
            }
        }
    }

    /** What is wrong is told once, when it is new, and not in every pass. */
    private void tellNews(PassResult result) {
        Set<String> now = new HashSet<>();
        for (Problem problem : result.desired().source().problems()) {
            now.add(PassOutcome.line(problem));
        }
        if (result.unwritten() != null) {
            now.add(PassOutcome.unwritten(result.unwritten()));
        }
        for (Finding finding : result.left().findings()) {
            if (finding.reason() != Reason.Progressing) {
                now.add(PlanText.line(finding));
            }
        }
        for (String line : now) {
            if (!told.contains(line)) {
                LOG.warn("{}", line);
            }
        }
        told = now;
    }
}
