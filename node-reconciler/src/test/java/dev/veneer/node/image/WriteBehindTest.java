package dev.veneer.node.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import java.lang.reflect.Proxy;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class WriteBehindTest {
    private static final int DIRECTORY = 7;
    private static final long STEP = 48L << 20;

    private final Semaphore begun = new Semaphore(0);
    private final AtomicInteger ended = new AtomicInteger();
    private final CountDownLatch goOn = new CountDownLatch(1);
    private volatile boolean fails;

    /** Calls that know {@code syncfs} alone, which waits until the test lets it go on. */
    private final LinuxCalls calls = (LinuxCalls) Proxy.newProxyInstance(
            WriteBehindTest.class.getClassLoader(), new Class<?>[] {LinuxCalls.class}, (proxy, method, arguments) -> {
                assertEquals("syncfs", method.getName());
                assertEquals(DIRECTORY, arguments[0]);
                begun.release();
                goOn.await();
                ended.incrementAndGet();
                if (fails) {
                    throw new LinuxException("syncfs", Errno.EIO, "made to fail");
                }
                return null;
            });

    private boolean hasBegun() throws InterruptedException {
        return begun.tryAcquire(20, TimeUnit.SECONDS);
    }

    @Test
    void littleIsLeftToTheEnd() {
        goOn.countDown();
        try (WriteBehind behind = new WriteBehind(calls, DIRECTORY)) {
            behind.reached(STEP - 1);
        }
        assertEquals(0, begun.availablePermits());
    }

    @Test
    void eachStepIsWrittenAlsoInAnotherAttempt() throws Exception {
        goOn.countDown();
        try (WriteBehind behind = new WriteBehind(calls, DIRECTORY)) {
            behind.reached(STEP);
            assertTrue(hasBegun());
            behind.reached(2 * STEP - 1);
            behind.reached(2 * STEP);
            assertTrue(hasBegun());
            behind.reached(0);
            behind.reached(STEP);
            assertTrue(hasBegun());
        }
        assertEquals(0, begun.availablePermits());
    }

    @Test
    void itIsOverWhenWhatWasBegunIs() throws Exception {
        WriteBehind behind = new WriteBehind(calls, DIRECTORY);
        behind.reached(STEP);
        assertTrue(hasBegun());
        // Told while the disk is busy: whoever tells does not wait.
        behind.reached(2 * STEP);
        Thread closing = new Thread(behind::close);
        closing.start();
        closing.join(50);
        assertTrue(closing.isAlive(), "the descriptor may be closed while it is used");
        goOn.countDown();
        closing.join();
        assertEquals(1, ended.get());
    }

    @Test
    void anErrorIsForTheEndToTell() throws Exception {
        fails = true;
        goOn.countDown();
        try (WriteBehind behind = new WriteBehind(calls, DIRECTORY)) {
            behind.reached(STEP);
            assertTrue(hasBegun());
            behind.reached(2 * STEP);
        }
        assertEquals(1, ended.get());
    }
}
