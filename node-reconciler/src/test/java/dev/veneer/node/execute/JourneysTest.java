package dev.veneer.node.execute;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.api.Reason;
import dev.veneer.node.driver.DriverRegistry;
import dev.veneer.node.linux.JnrLinuxCalls;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.model.DesiredStore;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.model.SliverRecord;
import dev.veneer.node.plan.Action;
import dev.veneer.node.plan.Phase;
import dev.veneer.node.plan.Rewrite;
import dev.veneer.node.runtime.ContainerRuntime;
import dev.veneer.node.store.Store;
import dev.veneer.node.testkit.RecordBuilder;
import dev.veneer.node.tree.LongWork;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** No more slivers are down at once than {@code maxParallelRewrites} allows, whether stopping is waited for or not. */
class JourneysTest {
    private static final int MOST = DesiredStore.defaults("n").maxParallelRewrites();

    @TempDir
    Path directory;

    private final LinuxCalls calls = new JnrLinuxCalls();
    private final AtomicInteger stopping = new AtomicInteger();
    private final AtomicInteger down = new AtomicInteger();
    private final AtomicInteger worst = new AtomicInteger();
    private final Set<SliverId> stopped = Collections.synchronizedSet(new HashSet<>());
    private final Set<SliverId> through = Collections.synchronizedSet(new HashSet<>());
    private final Set<SliverId> looked = Collections.synchronizedSet(new HashSet<>());
    private final Looks looks = new Looks(Clock.systemUTC());
    private Store store;
    private boolean waits;

    @BeforeEach
    void open() throws Exception {
        store = Store.open(calls, directory.resolve("store").toString(), "test");
    }

    @AfterEach
    void close() {
        looks.close();
        store.close();
    }

    private NodeTools tools() {
        ContainerRuntime runtime = (ContainerRuntime) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {ContainerRuntime.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("stopping")) {
                        return stopping.get();
                    }
                    throw new UnsupportedOperationException(method.getName());
                });
        return new NodeTools(
                calls,
                store,
                DriverRegistry.all(calls),
                null,
                null,
                runtime,
                null,
                looks,
                null,
                DesiredStore.defaults("n"),
                null,
                Clock.systemUTC());
    }

    private static SliverRecord record(SliverId id) {
        return RecordBuilder.of(id).revision(2).build();
    }

    /** What a plan has to do with slivers of which some run. */
    private Map<Phase, List<Action>> phases(List<SliverId> slivers) {
        Map<Phase, List<Action>> phases = new EnumMap<>(Phase.class);
        for (SliverId id : slivers) {
            List<Action> actions = new ArrayList<>();
            if (!stopped.contains(id)) {
                actions.add(new Action.StopContainer(id, Duration.ofSeconds(1), "test"));
            }
            actions.add(new Rewrite.Compact(record(id), 1, List.of(), false, "test"));
            actions.add(new Action.Mount(id, false, "test"));
            for (Action action : actions) {
                phases.computeIfAbsent(action.phase(), unused -> new ArrayList<>())
                        .add(action);
            }
        }
        return phases;
    }

    private void step(Run run, Action action) {
        if (action instanceof Action.StopContainer stop) {
            worst.accumulateAndGet(down.incrementAndGet(), Math::max);
            if (waits) {
                stopped.add(stop.id());
            } else {
                stopping.incrementAndGet();
                run.defer(action.object());
            }
            run.done(action, run.now(), "");
        } else if (action instanceof Action.Mount mount) {
            // Its rewriting failed, since there is no such store: others are none the worse for it.
            down.decrementAndGet();
            through.add(mount.id());
        }
    }

    private void round(List<SliverId> slivers) {
        List<SliverId> left = new ArrayList<>(slivers);
        left.removeAll(through);
        Run run = new Run(Clock.systemUTC(), ExecutionListener.NONE);
        new Journeys(
                        tools(),
                        run,
                        (phase, actions) -> actions.forEach(action -> step(run, action)),
                        () -> false,
                        (rewrite, still, before) -> {
                            boolean first = looked.add(rewrite.record().id());
                            assertEquals(first, before == null, "a look from before it was stopped: " + before);
                            return null;
                        })
                .run(Journeys.takeFrom(phases(left)));
        for (ActionResult result : run.results()) {
            if (result.action() instanceof Action.StopContainer stop && !waits) {
                // Its grace is over before the next round.
                stopping.decrementAndGet();
                stopped.add(stop.id());
            }
        }
    }

    private static List<SliverId> slivers(int number) {
        List<SliverId> slivers = new ArrayList<>();
        for (int i = 0; i < number; i++) {
            slivers.add(new SliverId("default", "s" + i));
        }
        return slivers;
    }

    @Test
    void whenStoppingIsWaitedFor() {
        waits = true;
        round(slivers(7));
        assertEquals(7, through.size());
        assertTrue(worst.get() <= MOST, "down at once: " + worst);
    }

    @Test
    void whenContainersHaveTheirGraceMeanwhile() {
        int rounds = 0;
        while (through.size() < 7) {
            round(slivers(7));
            assertTrue(++rounds < 20, "no end");
        }
        assertTrue(worst.get() <= MOST, "down at once: " + worst);
        assertTrue(rounds >= 7 / MOST, "rounds: " + rounds);
    }

    /** The sliver would be down for that long. */
    @Test
    void theLookFromBeforeItWasStoppedIsThere() {
        round(slivers(1));
        assertEquals(Set.copyOf(slivers(1)), looked);
        assertTrue(through.isEmpty());
        round(slivers(1));
        assertEquals(1, through.size());
    }

    @Test
    void containersThatAreStoppedForOtherReasonsCount() {
        stopping.set(MOST);
        round(slivers(3));
        assertEquals(0, down.get());
        assertTrue(stopped.isEmpty());
        stopping.set(0);
        round(slivers(3));
        assertEquals(MOST, stopped.size());
    }

    /** Who listens hears of the work while it goes on, and no more when it is over. */
    @Test
    void workIsToldOfWhileItGoesOn() throws Exception {
        BlockingQueue<Working> heard = new LinkedBlockingQueue<>();
        Run run = new Run(Clock.systemUTC(), new ExecutionListener() {
            @Override
            public void working(List<Working> now) {
                heard.addAll(now);
                throw new IllegalStateException("who listens is broken");
            }
        });
        waits = true;
        new Journeys(
                        tools(),
                        run,
                        (phase, actions) -> actions.forEach(action -> step(run, action)),
                        () -> false,
                        (rewrite, still, before) -> {
                            LongWork.current().begin(LongWork.Stage.WRITING, 10, 0);
                            for (int i = 0; i < 3; i++) {
                                LongWork.passed();
                                await(heard);
                            }
                            return null;
                        })
                .run(Journeys.takeFrom(phases(slivers(1))));
        heard.clear();
        Thread.sleep(3 * Watch.PERIOD.toMillis());
        assertTrue(heard.isEmpty(), "it was over");
    }

    private void await(BlockingQueue<Working> heard) {
        try {
            heard.clear();
            Working told = heard.poll(30, TimeUnit.SECONDS);
            assertEquals(new SliverId("default", "s0"), told.sliver());
            assertEquals(10, told.reached().totalFiles());
            assertTrue(told.reached().files() > 0, told.text());
            assertTrue(told.text().startsWith("compacting, looking beforehand: "), told.text());
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A stop while a sliver is only looked at leaves it as it is. */
    @Test
    void aStopInTheMiddleOfALookTakesNothingDown() {
        AtomicBoolean stop = new AtomicBoolean();
        Run run = new Run(Clock.systemUTC(), ExecutionListener.NONE);
        new Journeys(
                        tools(),
                        run,
                        (phase, actions) -> actions.forEach(action -> step(run, action)),
                        stop::get,
                        (rewrite, still, before) -> {
                            stop.set(true);
                            for (int i = 0; i < 1000; i++) {
                                LongWork.passed();
                            }
                            throw new AssertionError("it went on");
                        })
                .run(Journeys.takeFrom(phases(slivers(1))));
        assertEquals(0, worst.get());
        assertEquals(1, run.results().size());
        ActionResult result = run.results().get(0);
        assertEquals(ActionResult.Outcome.SKIPPED, result.outcome());
        assertEquals(Reason.Progressing, result.failure().reason());
    }
}
