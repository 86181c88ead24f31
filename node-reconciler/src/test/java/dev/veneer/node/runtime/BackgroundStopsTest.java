package dev.veneer.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.api.Reason;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.model.ContainerSpec;
import dev.veneer.node.model.ContainerState;
import dev.veneer.node.model.SliverId;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Invariant 7: a container that takes its time to end holds up nothing but its own sliver. */
class BackgroundStopsTest {
    private static final SliverId SLOW = new SliverId("default", "slow");
    private static final SliverId OTHER = new SliverId("default", "other");
    private static final Duration GRACE = Duration.ofSeconds(30);

    private final Slow slow = new Slow();
    private final BackgroundStops stops =
            new BackgroundStops(slow, Clock.fixed(Instant.parse("2026-01-01T00:00:00Z"), ZoneOffset.UTC));

    /** A runtime in memory whose stops end when the test lets them. */
    private static final class Slow implements ContainerRuntime {
        final Map<SliverId, CountDownLatch> gates = new ConcurrentHashMap<>();
        final Map<SliverId, ContainerState.Phase> phases = new ConcurrentHashMap<>();
        final CountDownLatch begun = new CountDownLatch(1);
        volatile boolean fails;

        CountDownLatch gate(SliverId sliver) {
            return gates.computeIfAbsent(sliver, unused -> new CountDownLatch(1));
        }

        @Override
        public boolean stop(SliverId sliver, Duration grace) throws NodeException {
            begun.countDown();
            try {
                gate(sliver).await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            if (fails) {
                throw new NodeException(Reason.InUse, Follow.WAIT, "not gone yet");
            }
            phases.put(sliver, ContainerState.Phase.STOPPED);
            return true;
        }

        @Override
        public ContainerState state(SliverId sliver) {
            return new ContainerState(
                    phases.getOrDefault(sliver, ContainerState.Phase.RUNNING), 4711, List.of(), "print", "");
        }

        @Override
        public void remove(SliverId sliver) {
            phases.remove(sliver);
        }

        @Override
        public RuntimeAvailability availability() {
            throw new UnsupportedOperationException();
        }

        @Override
        public List<String> check(ContainerSpec spec) {
            return List.of();
        }

        @Override
        public List<SliverId> known() {
            return List.copyOf(phases.keySet());
        }

        @Override
        public void start(ContainerSpec spec) {
            throw new UnsupportedOperationException();
        }

        @Override
        public int exec(SliverId sliver, List<String> command) {
            return 0;
        }

        @Override
        public int runInside(SliverId sliver, List<String> command, Duration limit) {
            return 0;
        }

        @Override
        public void freeze(SliverId sliver) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void thaw(SliverId sliver) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void thawLeftOvers() {
            throw new UnsupportedOperationException();
        }

        @Override
        public int console(SliverId sliver) {
            return 0;
        }

        @Override
        public LogText logs(SliverId sliver, ContainerLog log, LogPosition after, int maxBytes) {
            return new LogText("", after);
        }
    }

    @AfterEach
    void letGo() {
        slow.gate(SLOW).countDown();
        slow.gate(OTHER).countDown();
        stops.close();
    }

    @Test
    void aStopOnlyBeginsAndTheStateTells() throws Exception {
        CountDownLatch told = new CountDownLatch(1);
        stops.whenEnded(told::countDown);
        assertFalse(stops.stop(SLOW, GRACE));
        ContainerState state = stops.state(SLOW);
        assertEquals(ContainerState.Phase.STOPPING, state.phase());
        assertTrue(state.running());
        assertTrue(state.message().contains("2026-01-01T00:00:30Z"), state.message());
        assertEquals("print", state.fingerprint());
        assertEquals(ContainerState.Phase.RUNNING, stops.state(OTHER).phase());
        slow.gate(SLOW).countDown();
        told.await();
        assertEquals(ContainerState.Phase.STOPPED, stops.state(SLOW).phase());
    }

    @Test
    void whoWaitsForSeveralIsToldOfTheFirst() throws Exception {
        stops.stop(SLOW, GRACE);
        stops.stop(OTHER, GRACE);
        slow.gate(OTHER).countDown();
        assertTrue(stops.awaitOne(List.of(SLOW, OTHER)));
        assertEquals(ContainerState.Phase.STOPPED, stops.state(OTHER).phase());
        assertEquals(ContainerState.Phase.STOPPING, stops.state(SLOW).phase());
        assertFalse(stops.awaitOne(List.of(OTHER)));
        assertFalse(stops.awaitOne(List.of()));
    }

    @Test
    void whileItIsStoppedItIsNotTouchedOtherwise() throws Exception {
        stops.stop(SLOW, GRACE);
        assertFalse(stops.stop(SLOW, GRACE), "a second call finds the first under way");
        assertEquals(
                Reason.InUse,
                assertThrows(NodeException.class, () -> stops.remove(SLOW)).reason());
        stops.remove(OTHER);
    }

    @Test
    void aFailureIsToldByTheNextCallAndTheOneAfterTriesAgain() throws Exception {
        slow.fails = true;
        slow.gate(SLOW).countDown();
        stops.stop(SLOW, GRACE);
        while (stops.awaitOne(List.of(SLOW))) {
            Thread.onSpinWait();
        }
        assertEquals(ContainerState.Phase.RUNNING, stops.state(SLOW).phase());
        NodeException told = assertThrows(NodeException.class, () -> stops.stop(SLOW, GRACE));
        assertEquals("not gone yet", told.getMessage());
        slow.fails = false;
        assertFalse(stops.stop(SLOW, GRACE));
        while (stops.awaitOne(List.of(SLOW))) {
            Thread.onSpinWait();
        }
        assertEquals(ContainerState.Phase.STOPPED, stops.state(SLOW).phase());
    }

    @Test
    void closingLetsTheStepAtHandEnd() throws Exception {
        stops.stop(SLOW, GRACE);
        slow.begun.await();
        Thread closing = new Thread(stops::close);
        closing.start();
        slow.gate(SLOW).countDown();
        closing.join();
        assertEquals(ContainerState.Phase.STOPPED, slow.state(SLOW).phase());
    }
}
