package dev.veneer.node.kubernetes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Each thing is looked at once however often it is added, and again when it failed. */
class WorkQueueTest {
    private static void await(java.util.function.BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() - end < 0, "not within 20 s");
            Thread.sleep(5);
        }
    }

    @Test
    void whatIsAddedManyTimesIsLookedAtOnceAndOnceMoreWhenItWasAddedMeanwhile() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        AtomicInteger looks = new AtomicInteger();
        AtomicInteger atOnce = new AtomicInteger();
        try (WorkQueue<String> queue = new WorkQueue<>("test", 3, new RateLimit(100, 1000), key -> {
            assertEquals(1, atOnce.incrementAndGet());
            begun.countDown();
            go.await();
            looks.incrementAndGet();
            atOnce.decrementAndGet();
            return null;
        })) {
            queue.add("a");
            assertTrue(begun.await(20, TimeUnit.SECONDS));
            for (int i = 0; i < 100; i++) {
                queue.add("a");
            }
            go.countDown();
            await(queue::isIdle);
            assertEquals(2, looks.get());
        }
    }

    @Test
    void whatFailsIsTriedAgainAndKeepsNoOther() throws InterruptedException {
        AtomicInteger tries = new AtomicInteger();
        List<String> done = new CopyOnWriteArrayList<>();
        try (WorkQueue<String> queue = new WorkQueue<>("test", 1, new RateLimit(100, 1000), key -> {
            if (key.equals("bad")) {
                int count = tries.incrementAndGet();
                if (count == 1) {
                    throw new ClusterException("away", new IllegalStateException());
                }
                if (count == 2) {
                    throw new IllegalStateException("a fault, on purpose");
                }
            }
            done.add(key);
            return null;
        })) {
            queue.add("bad");
            queue.add("good");
            await(() -> done.size() == 2);
            assertEquals(List.of("good", "bad"), done);
            assertEquals(3, tries.get());
        }
    }

    @Test
    void whatIsAddedAfterTheEndIsForgotten() {
        WorkQueue<String> queue = new WorkQueue<>("test", 1, new RateLimit(1, 1), key -> null);
        queue.close();
        queue.add("a");
    }

    /** Ten times added in between, it is not looked at ten times as often from then on. */
    @Test
    void theLastLookAloneSaysWhenTheNextOneIs() throws InterruptedException {
        AtomicInteger looks = new AtomicInteger();
        AtomicInteger asked = new AtomicInteger();
        try (WorkQueue<String> queue = new WorkQueue<>("test", 3, new RateLimit(1000, 1000), key -> {
            looks.incrementAndGet();
            // What was asked for before is not to come any more, once one look has said that none is to be.
            return asked.get() < 10 ? Duration.ofMillis(200) : null;
        })) {
            for (int i = 1; i <= 10; i++) {
                int before = i;
                queue.add("a");
                await(() -> looks.get() >= before && queue.isIdle());
                asked.incrementAndGet();
            }
            queue.add("a");
            await(queue::isIdle);
            int then = looks.get();
            Thread.sleep(500);
            assertEquals(then, looks.get());
        }
    }

    @Test
    void theRateIsKept() {
        RateLimit limit = new RateLimit(5, 0.001);
        for (int i = 0; i < 5; i++) {
            assertTrue(limit.tryTake(), "the burst");
        }
        assertTrue(!limit.tryTake());
        RateLimit waiting = new RateLimit(2, 10);
        assertEquals(0, waiting.take());
        assertEquals(0, waiting.take());
        assertTrue(waiting.take() > TimeUnit.MILLISECONDS.toNanos(50));
    }
}
