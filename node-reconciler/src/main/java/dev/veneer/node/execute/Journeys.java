package dev.veneer.node.execute;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.plan.Action;
import dev.veneer.node.plan.Phase;
import dev.veneer.node.plan.Rewrite;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Slivers that are rewritten go through all phases of their plan one after the other, a few at once, so that each is down
 * only as long as its own rewriting takes.
 */
final class Journeys {
    /** Carries one action out. */
    interface Steps {
        void perform(Phase phase, List<Action> actions);
    }

    /** Looks beforehand whether a sliver can be rewritten. */
    interface Look {
        /**
         * Looks.
         *
         * @param still whether nothing in the sliver runs
         * @param before the look from before it was stopped for this, or null
         * @return what need not be found out again, or null
         */
        @Nullable
        Foresight at(Rewrite rewrite, boolean still, Looks.@Nullable Look before) throws LinuxException, NodeException;
    }

    private final NodeTools tools;
    private final Run run;
    private final Steps steps;
    private final BooleanSupplier stop;
    private final Look look;

    /** One for each sliver that may be down. */
    private final Semaphore slots = new Semaphore(0);

    Journeys(NodeTools tools, Run run, Steps steps, BooleanSupplier stop) {
        this(tools, run, steps, stop, (rewrite, still, before) -> new RewriteWork(tools)
                .prepare(rewrite, still, before));
    }

    /** Looking in a way of their own. */
    Journeys(NodeTools tools, Run run, Steps steps, BooleanSupplier stop, Look look) {
        this.look = look;
        this.tools = tools;
        this.run = run;
        this.steps = steps;
        this.stop = stop;
    }

    /** Takes the actions of slivers that are rewritten out of a plan; in its order, by sliver. */
    static List<List<Action>> takeFrom(Map<Phase, List<Action>> phases) {
        Set<ObjectRef> travelling = new HashSet<>();
        for (Action action : phases.getOrDefault(Phase.REWRITE, List.of())) {
            travelling.add(action.object());
        }
        if (travelling.isEmpty()) {
            return List.of();
        }
        Map<ObjectRef, List<Action>> journeys = new LinkedHashMap<>();
        for (Iterator<List<Action>> each = phases.values().iterator(); each.hasNext(); ) {
            List<Action> actions = each.next();
            for (Action action : actions) {
                if (travelling.contains(action.object())) {
                    journeys.computeIfAbsent(action.object(), unused -> new ArrayList<>())
                            .add(action);
                }
            }
            actions.removeIf(action -> travelling.contains(action.object()));
            if (actions.isEmpty()) {
                each.remove();
            }
        }
        journeys.values().forEach(journey -> journey.sort(Comparator.comparing(Action::phase)));
        return List.copyOf(journeys.values());
    }

    /**
     * Carries them out, those first whose slivers are down already. No more slivers are down at once than may be
     * rewritten at once: what cannot begin yet is left for a later plan. Containers that are being stopped count.
     */
    void run(List<List<Action>> journeys) {
        int most = tools.settings().maxParallelRewrites();
        slots.release(Math.max(0, most - tools.runtime().stopping()));
        List<List<Action>> down = new ArrayList<>();
        List<List<Action>> up = new ArrayList<>();
        for (List<Action> journey : journeys) {
            (isUp(journey) ? up : down).add(journey);
        }
        try (Watch watch = new Watch(run, stop, Watch.PERIOD)) {
            Workers.forEach(down, Math.max(1, slots.availablePermits()), "rewrite", journey -> travel(journey, watch));
            Workers.forEach(up, most, "rewrite", journey -> {
                if (!slots.tryAcquire()) {
                    run.defer(journey.get(0).object());
                    return;
                }
                travel(journey, watch);
                if (!run.isDeferred(journey.get(0).object())) {
                    slots.release();
                }
            });
        }
    }

    private static boolean isUp(List<Action> journey) {
        return journey.stream().anyMatch(Action.StopContainer.class::isInstance);
    }

    private void travel(List<Action> journey, Watch watch) {
        boolean still = !isUp(journey);
        for (Action action : journey) {
            if (action instanceof Rewrite rewrite) {
                travel(journey, rewrite, still, watch);
                return;
            }
        }
        throw new IllegalArgumentException("nothing is rewritten by " + journey);
    }

    private void travel(List<Action> journey, Rewrite rewrite, boolean still, Watch watch) {
        AtomicReference<@Nullable Foresight> foreseen = new AtomicReference<>();
        Looks.Look before = still ? tools.looks().take(rewrite) : null;
        try {
            if (!run.isTried(
                    rewrite,
                    () -> watch.during(rewrite, false, () -> {
                        foreseen.set(look.at(rewrite, still, before));
                        return true;
                    }))) {
                bringUp(journey, has(journey, Phase.UNMOUNT), has(journey, Phase.STOP));
                return;
            }
            go(journey, rewrite, foreseen, watch);
        } finally {
            Foresight left = foreseen.get();
            if (left != null) {
                left.close();
            }
            if (before != null && before.foresight() != left) {
                before.close();
            }
        }
    }

    private void go(List<Action> journey, Rewrite rewrite, AtomicReference<@Nullable Foresight> foreseen, Watch watch) {
        boolean reached = false;
        for (Action action : journey) {
            if (stop.getAsBoolean()) {
                run.interrupted(action);
                continue;
            }
            if (run.isDeferred(action.object())) {
                if (!reached) {
                    // It is being stopped, and a later plan goes on.
                    tools.looks().keep(rewrite, foreseen.getAndSet(null));
                }
                return;
            }
            if (action != rewrite) {
                steps.perform(action.phase(), List.of(action));
                continue;
            }
            reached = true;
            boolean ready = run.blocked(action.object()) == null;
            run.listener().begins(rewrite);
            run.performWithEffect(
                    rewrite,
                    () -> watch.during(rewrite, true, () -> new RewriteWork(tools).perform(rewrite, foreseen.get())));
            if (ready && run.blocked(action.object()) != null) {
                bringUp(journey, false, false);
                return;
            }
        }
    }

    private static boolean has(List<Action> journey, Phase phase) {
        return journey.stream().anyMatch(action -> action.phase() == phase);
    }

    /**
     * A sliver that could not be rewritten lives on as it is; what mounts and starts it looks up which revision is in
     * force.
     *
     * @param mounted whether it still is
     * @param running whether it still is
     */
    private void bringUp(List<Action> journey, boolean mounted, boolean running) {
        run.goOn(journey.get(0).object());
        for (Action action : journey) {
            boolean missing =
                    (action.phase() == Phase.MOUNT && !mounted) || (action.phase() == Phase.START && !running);
            if (missing && !stop.getAsBoolean()) {
                steps.perform(action.phase(), List.of(action));
            }
        }
    }
}
