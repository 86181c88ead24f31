package dev.veneer.node.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.testkit.CutOff;
import dev.veneer.node.testkit.FaultyLinuxCalls;
import dev.veneer.node.testkit.LoopDevice;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Makes one fault after another, in several worlds on one device at a time: passes wait for the disk, for mounts and for
 * programs more than they work.
 */
final class Campaign {
    private static final int PARALLEL = 4;
    private static final int ENOUGH = 25;

    private final FaultWorld.Maker worlds;
    private final Predicate<FaultyLinuxCalls.Call> which;
    private final LoopDevice device;
    private final Queue<String> wrong = new ConcurrentLinkedQueue<>();
    private final AtomicInteger reached = new AtomicInteger();

    private Campaign(LoopDevice device, Predicate<FaultyLinuxCalls.Call> which, FaultWorld.Maker worlds) {
        this.device = device;
        this.which = which;
        this.worlds = worlds;
    }

    /**
     * Counts the calls of a pass without a fault, then makes the faults.
     *
     * @param what for the report
     * @param which calls take part
     * @param schedule from the places of the calls to the faults
     * @return how many faults were made
     */
    static int run(
            String what,
            LoopDevice.Kind kind,
            Predicate<FaultyLinuxCalls.Call> which,
            Function<List<String>, List<Fault>> schedule,
            FaultWorld.Maker worlds)
            throws Exception {
        try (LoopDevice device = LoopDevice.create(kind, 1200)) {
            Campaign campaign = new Campaign(device, which, worlds);
            List<String> calls = campaign.calls();
            List<Fault> faults = schedule.apply(calls);
            campaign.run(new ConcurrentLinkedQueue<>(faults));
            int made = campaign.reached.get();
            System.out.println(
                    what + ": " + made + " of " + faults.size() + " faults made, " + calls.size() + " calls");
            assertEquals(List.of(), List.copyOf(campaign.wrong));
            // Threads of a pass share its work a little differently each time, so that a few calls may not come again.
            assertTrue(made >= faults.size() * 95 / 100, () -> "only " + made + " of " + faults.size() + " made");
            return made;
        }
    }

    private List<String> calls() throws Exception {
        try (FaultWorld world = worlds.make(device, "count")) {
            Queue<String> places = new ConcurrentLinkedQueue<>();
            FaultyLinuxCalls counting = new FaultyLinuxCalls(Site.REAL)
                    .counting(which)
                    .before((call, number) -> places.add(Place.of(call)));
            world.next();
            world.pass(counting);
            return List.copyOf(places);
        }
    }

    private void run(Queue<Fault> faults) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(PARALLEL);
        List<Future<?>> running = new ArrayList<>();
        for (int i = 0; i < PARALLEL; i++) {
            String name = "world" + i;
            running.add(threads.submit(() -> {
                work(name, faults);
                return null;
            }));
        }
        threads.shutdown();
        for (Future<?> each : running) {
            each.get();
        }
    }

    private void work(String name, Queue<Fault> faults) throws Exception {
        for (int i = 0; !faults.isEmpty() && wrong.size() < ENOUGH; i++) {
            try (FaultWorld world = worlds.make(device, name + "-" + i)) {
                boolean fit = true;
                for (Fault fault = faults.poll(); fit && fault != null; fault = fit ? faults.poll() : null) {
                    // What follows from a fault that went wrong is not to be taken for another mistake.
                    fit = survives(world, fault);
                }
            }
        }
    }

    private boolean survives(FaultWorld world, Fault fault) {
        try {
            inject(world, fault);
            return true;
        } catch (Exception | AssertionError e) {
            wrong.add("after " + fault + ": " + e);
            return false;
        }
    }

    private void inject(FaultWorld world, Fault fault) throws Exception {
        world.next();
        FaultyLinuxCalls faulty = fault.calls(which);
        try {
            world.pass(faulty);
        } catch (NodeException e) {
            assertFalse(String.valueOf(e.getMessage()).contains("internal error"), e::toString);
        } catch (CutOff e) {
            assertTrue(fault.isCut(), e::toString);
        } finally {
            reached.addAndGet(faulty.counted() >= fault.number() ? 1 : 0);
        }
        if (fault.isCut()) {
            faulty.closeAll();
        }
        assertEquals(Map.of(), faulty.open(), "descriptors that were not closed");
        world.afterFault();
        world.recover();
    }
}
