package dev.veneer.node.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ThreadEndTest {
    @Test
    void itIsWaitedForThoughInterruptedAndTheInterruptStays() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        List<Thread> threads = List.of(waiting(end), waiting(end));
        AtomicReference<String> seen = new AtomicReference<>("");
        Thread waiter = new Thread(() -> {
            ThreadEnd.await(threads);
            seen.set(Thread.currentThread().isInterrupted() + " "
                    + threads.stream().anyMatch(Thread::isAlive));
        });
        waiter.start();
        for (int i = 0; i < 3; i++) {
            waiter.interrupt();
            Thread.sleep(20);
            assertTrue(waiter.isAlive(), "it did not wait");
        }
        end.countDown();
        waiter.join();
        assertEquals("true false", seen.get());
    }

    @Test
    void nothingIsWaitedForThatHasEndedOrNeverBegan() throws Exception {
        Thread ended = new Thread(() -> {});
        ended.start();
        ended.join();
        ThreadEnd.await(List.of());
        ThreadEnd.await(List.of(ended, new Thread(() -> {})));
        ThreadEnd.await(ended);
        assertFalse(Thread.currentThread().isInterrupted());
    }

    private static Thread waiting(CountDownLatch end) {
        Thread thread = new Thread(() -> {
            while (end.getCount() > 0) {
                Thread.onSpinWait();
            }
        });
        thread.setDaemon(true);
        thread.start();
        return thread;
    }
}
