package dev.veneer.node.kubernetes;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Things to be looked at by a few threads: each once however often it was added meanwhile, never by two at once, and again
 * later when it failed. Starts of work are bounded by a rate. Thread-safe.
 */
final class WorkQueue<K> implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WorkQueue.class);
    private static final Duration FIRST_RETRY = Duration.ofMillis(250);
    private static final Duration LONGEST_RETRY = Duration.ofMinutes(2);

    /** Looks at one thing. */
    interface Work<K> {
        /** Returns when to look again, or null for when it is added again; throws to be tried again later. */
        @Nullable
        Duration look(K key) throws ClusterException, InterruptedException;
    }

    private final Work<K> work;
    private final ScheduledThreadPoolExecutor threads;
    private final RateLimit rate;
    private final Set<K> waiting = new HashSet<>();
    private final Set<K> running = new HashSet<>();
    private final Set<K> again = new HashSet<>();
    private final Map<K, Integer> failures = new HashMap<>();
    private final Map<K, Future<?>> later = new HashMap<>();

    WorkQueue(String name, int size, RateLimit rate, Work<K> work) {
        this.work = work;
        this.rate = rate;
        this.threads = new ScheduledThreadPoolExecutor(size, task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        });
        // What is added while it ends is of no use any more.
        threads.setRejectedExecutionHandler(new ThreadPoolExecutor.DiscardPolicy());
        threads.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        threads.setRemoveOnCancelPolicy(true);
    }

    /** Has something looked at soon. */
    void add(K key) {
        synchronized (this) {
            if (running.contains(key)) {
                again.add(key);
                return;
            }
            if (!waiting.add(key)) {
                return;
            }
        }
        start(key);
    }

    private void start(K key) {
        Future<?> unused = schedule(() -> run(key), Duration.ofNanos(rate.take()));
    }

    private Future<?> schedule(Runnable task, Duration delay) {
        return threads.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
    }

    private void run(K key) {
        Future<?> asked;
        synchronized (this) {
            waiting.remove(key);
            running.add(key);
            asked = later.remove(key);
        }
        if (asked != null) {
            // This look says anew when the next one is: otherwise each one in between would begin a sequence of its
            // own.
            asked.cancel(false);
        }
        Duration next = null;
        try {
            next = work.look(key);
            synchronized (this) {
                failures.remove(key);
            }
        } catch (ClusterException e) {
            next = backoff(key);
            next = next.compareTo(e.retryAfter()) < 0 ? e.retryAfter() : next;
            LOG.debug("{}: {}; tried again in {}", key, e.getMessage(), next);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            next = backoff(key);
            LOG.error("{} failed by a fault of Veneer, tried again in {}", key, next, e);
        } finally {
            boolean repeat;
            synchronized (this) {
                running.remove(key);
                repeat = again.remove(key) && waiting.add(key);
                if (!repeat && next != null) {
                    later.put(key, schedule(() -> add(key), next));
                }
            }
            if (repeat) {
                start(key);
            }
        }
    }

    private synchronized Duration backoff(K key) {
        int count = failures.merge(key, 1, Integer::sum);
        Duration delay = FIRST_RETRY.multipliedBy(1L << Math.min(count - 1, 10));
        return delay.compareTo(LONGEST_RETRY) > 0 ? LONGEST_RETRY : delay;
    }

    /** Whether nothing waits or runs. */
    synchronized boolean isIdle() {
        return waiting.isEmpty() && running.isEmpty();
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
