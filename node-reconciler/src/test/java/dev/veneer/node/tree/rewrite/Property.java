package dev.veneer.node.tree.rewrite;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Runs something for many trials, on all processors, and makes the first that fails as small as it can. More than the
 * usual number are run with {@code -Dveneer.rewrite.seeds}, others with {@code -Dveneer.rewrite.first}, one that failed
 * again with {@code -Dveneer.rewrite.only}.
 */
public final class Property {
    private static final long FIRST = Long.getLong("veneer.rewrite.first", 1);
    private static final int SHRINKING = 400;

    private final Body body;

    private Property(Body body) {
        this.body = body;
    }

    /** One trial; for several threads at once. */
    public interface Body {
        void run(Trial trial) throws Exception;
    }

    private record Failure(Trial trial, Throwable cause) {}

    /**
     * Runs it.
     *
     * @param seeds how many, unless told otherwise
     * @throws AssertionError with the smallest trial that was found to fail
     */
    public static void holds(int seeds, Body body) {
        String only = System.getProperty("veneer.rewrite.only", "");
        Property property = new Property(body);
        if (!only.isEmpty()) {
            Failure failure = property.run(Trial.parse(only));
            if (failure != null) {
                throw property.told(failure, failure);
            }
            return;
        }
        Failure found = property.search(FIRST, FIRST + Integer.getInteger("veneer.rewrite.seeds", seeds));
        if (found != null) {
            throw property.told(found, property.shrink(found));
        }
    }

    private @Nullable Failure run(Trial trial) {
        try {
            body.run(trial);
            return null;
        } catch (Exception | AssertionError e) {
            return new Failure(trial, e);
        }
    }

    private @Nullable Failure search(long first, long end) {
        AtomicLong next = new AtomicLong(first);
        AtomicReference<@Nullable Failure> found = new AtomicReference<>();
        int threads = Runtime.getRuntime().availableProcessors();
        ExecutorService workers = Executors.newFixedThreadPool(threads);
        List<Future<?>> running = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            running.add(workers.submit(() -> {
                for (long seed = next.getAndIncrement();
                        seed < end && found.get() == null;
                        seed = next.getAndIncrement()) {
                    Failure failure = run(Trial.of(seed));
                    if (failure != null) {
                        found.compareAndSet(null, failure);
                    }
                }
            }));
        }
        workers.shutdown();
        try {
            for (Future<?> each : running) {
                each.get();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        } catch (ExecutionException e) {
            throw new AssertionError(e.getCause());
        }
        return found.get();
    }

    /** Leaves out what is not needed for it to fail: halves of the operations first, single ones in the end. */
    private Failure shrink(Failure found) {
        Failure smallest = found;
        int left = SHRINKING;
        boolean smaller = true;
        while (smaller && left > 0) {
            smaller = false;
            for (String phase : smallest.trial().phases()) {
                int length = smallest.trial().operations(phase).size();
                for (int chunk = Math.max(1, length / 2); chunk >= 1 && length > 0; chunk /= 2) {
                    for (int from = smallest.trial().operations(phase).size() - chunk;
                            from >= 0 && left > 0;
                            from -= chunk) {
                        int size = smallest.trial().operations(phase).size();
                        if (from + chunk > size) {
                            continue;
                        }
                        left--;
                        Failure failure = run(smallest.trial().without(phase, from, from + chunk));
                        if (failure != null) {
                            smallest = failure;
                            smaller = true;
                        }
                    }
                }
            }
        }
        return smallest;
    }

    private AssertionError told(Failure first, Failure smallest) {
        return new AssertionError(
                "seed " + first.trial().seed() + ", made smaller from "
                        + first.trial().size() + " to "
                        + smallest.trial().size() + " operations; once more: -Dveneer.rewrite.only='"
                        + smallest.trial() + "'\n" + smallest.cause().getMessage(),
                smallest.cause());
    }
}
