package dev.veneer.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.model.ContainerState;
import dev.veneer.node.model.SliverId;
import java.lang.reflect.Proxy;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Invariant 7: commands that run long inside a container hold up nothing but its own sliver. */
class BackgroundRunsTest {
    private static final SliverId WEB = new SliverId("default", "web");
    private static final Duration LIMIT = Duration.ofMinutes(5);
    private static final List<List<String>> COMMANDS = List.of(List.of("ldconfig"), List.of("update-ca"));

    private final Semaphore gate = new Semaphore(0);
    private final Semaphore told = new Semaphore(0);
    private final AtomicInteger running = new AtomicInteger();
    private final AtomicInteger most = new AtomicInteger();
    private final AtomicInteger ran = new AtomicInteger();
    private volatile int init = 4711;
    private final BackgroundStops runtime = new BackgroundStops(inside(), Clock.systemUTC());

    /** A runtime whose commands end when the test lets them. */
    private ContainerRuntime inside() {
        return (ContainerRuntime) Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {ContainerRuntime.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "runInside" -> {
                        most.accumulateAndGet(running.incrementAndGet(), Math::max);
                        gate.acquire();
                        running.decrementAndGet();
                        ran.incrementAndGet();
                        yield 7;
                    }
                    case "state" -> new ContainerState(ContainerState.Phase.RUNNING, init, List.of(), "print", "");
                    case "stop" -> true;
                    default -> throw new UnsupportedOperationException(method.getName());
                });
    }

    @AfterEach
    void letGo() {
        gate.release(1_000);
        runtime.close();
    }

    @Test
    void commandsOnlyBeginAndALaterCallTellsWhatTheyCameTo() throws Exception {
        runtime.whenEnded(told::release);
        assertNull(runtime.runAllInside(WEB, COMMANDS, LIMIT));
        assertTrue(runtime.state(WEB).busy());
        assertNull(runtime.runAllInside(WEB, COMMANDS, LIMIT), "a second call finds the first under way");
        gate.release(2);
        told.acquire();
        assertFalse(runtime.state(WEB).busy());
        assertEquals(List.of(7, 7), runtime.runAllInside(WEB, COMMANDS, LIMIT));
        assertEquals(2, ran.get());
        assertNull(runtime.runAllInside(WEB, COMMANDS, LIMIT), "what was told is run anew when it is asked for again");
    }

    @Test
    void onlyAFewContainersAtOnce() throws Exception {
        runtime.whenEnded(told::release);
        List<SliverId> slivers = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            slivers.add(new SliverId("default", "s" + i));
        }
        for (SliverId sliver : slivers) {
            runtime.runAllInside(sliver, COMMANDS, LIMIT);
            assertTrue(runtime.state(sliver).busy(), "also in the queue");
        }
        gate.release(40);
        told.acquire(20);
        assertEquals(40, ran.get());
        assertTrue(most.get() <= 4, "at once: " + most);
    }

    @Test
    void whoWaitsIsToldOfTheirEnd() throws Exception {
        runtime.runAllInside(WEB, COMMANDS, LIMIT);
        Thread waiting = Thread.currentThread();
        Thread later = new Thread(() -> {
            while (waiting.getState() == Thread.State.RUNNABLE) {
                Thread.onSpinWait();
            }
            gate.release(2);
        });
        later.start();
        assertTrue(runtime.awaitOne(List.of(WEB)));
        later.join();
        assertFalse(runtime.awaitOne(List.of(WEB)));
    }

    /** A command that was ended with its container did not fail, and is to be run again. */
    @Test
    void aContainerThatWasStartedAnewMeanwhileSaysNothingOfThem() throws Exception {
        runtime.whenEnded(told::release);
        runtime.runAllInside(WEB, COMMANDS, LIMIT);
        gate.release();
        while (ran.get() == 0) {
            Thread.onSpinWait();
        }
        init = 4712;
        gate.release();
        told.acquire();
        NodeException failure = assertThrows(NodeException.class, () -> runtime.runAllInside(WEB, COMMANDS, LIMIT));
        assertTrue(String.valueOf(failure.getMessage()).contains("run again"), failure.getMessage());
        assertNull(runtime.runAllInside(WEB, COMMANDS, LIMIT));
    }

    @Test
    void whatRunsInAContainerThatIsStoppedIsForgotten() throws Exception {
        runtime.runAllInside(WEB, COMMANDS, LIMIT);
        runtime.stop(WEB, Duration.ZERO);
        gate.release(2);
        while (runtime.awaitOne(List.of(WEB))) {
            Thread.onSpinWait();
        }
        assertNull(runtime.runAllInside(WEB, COMMANDS, LIMIT), "it is run anew");
    }
}
