package dev.veneer.node.loop;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The agent's one thread of decision: it sleeps until something wakes it, makes a pass, and sleeps again. Whatever
 * changes the node, passes and commands alike, is done by this thread, one after the other.
 */
public final class ReconcileLoop {
    /** One pass. */
    public interface Pass {
        /**
         * Makes a pass.
         *
         * @param triggers what woke it, for the log and the metrics
         * @return when the passing of time alone will give it something to do
         */
        Optional<Instant> run(String triggers);
    }

    /** A burst of wakes (an editor saving, mounts going one after the other) is over when it was quiet for so long. */
    private static final Duration QUIET = Duration.ofMillis(25);

    /** A burst that does not end is not waited for longer than this: what was lost is to be back within a second. */
    private static final Duration LONGEST_BURST = Duration.ofMillis(400);

    /** After a pass that was woken again at once, the loop rests so many times as long as that pass took. */
    private static final int REST = 4;

    private final Pass pass;
    private final Clock clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition woken = lock.newCondition();
    private final TreeSet<String> triggers = new TreeSet<>();
    private final Deque<Runnable> commands = new ArrayDeque<>();
    private long wakes;
    private long lastEnd = System.nanoTime();
    private long lastTook;
    private boolean stopped;

    public ReconcileLoop(Pass pass, Clock clock) {
        this.pass = pass;
        this.clock = clock;
    }

    /** Asks for a pass; several asked for meanwhile are one. From any thread. */
    public void wake(String trigger) {
        lock.lock();
        try {
            triggers.add(trigger);
            wakes++;
            woken.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes back what was asked for by one trigger until now: who is about to look at what it tells of sees it anyway.
     * From any thread.
     */
    public void answered(String trigger) {
        lock.lock();
        try {
            triggers.remove(trigger);
        } finally {
            lock.unlock();
        }
    }

    /** Has something done by the loop's thread, between passes. From any thread. */
    public void submit(Runnable command) {
        lock.lock();
        try {
            commands.add(command);
            woken.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Ends the loop after the step at hand. From any thread. */
    public void stop() {
        lock.lock();
        try {
            stopped = true;
            woken.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Whether the loop was told to end; what a long step asks now and then. */
    public boolean isStopped() {
        lock.lock();
        try {
            return stopped;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Runs until told to stop.
     *
     * @param afterFirst run once, when the first pass is over
     * @param beat run each time the loop turns, at least once in {@code longestSleep}
     */
    public void run(Runnable afterFirst, Runnable beat, Duration longestSleep) throws InterruptedException {
        Optional<Instant> next = pass.run("start");
        afterFirst.run();
        while (true) {
            beat.run();
            Runnable command;
            String why;
            lock.lock();
            try {
                if (stopped) {
                    return;
                }
                command = commands.poll();
                if (command == null && triggers.isEmpty() && !isDue(next)) {
                    sleep(next, longestSleep);
                    continue;
                }
                if (command == null) {
                    settle();
                }
                why = triggers.isEmpty() ? "time" : String.join("+", triggers);
                if (command == null) {
                    triggers.clear();
                }
            } finally {
                lock.unlock();
            }
            if (command != null) {
                command.run();
            } else {
                long start = System.nanoTime();
                next = pass.run(why);
                lastEnd = System.nanoTime();
                lastTook = lastEnd - start;
            }
        }
    }

    private boolean isDue(Optional<Instant> next) {
        return next.isPresent() && !next.get().isAfter(clock.instant());
    }

    private void sleep(Optional<Instant> next, Duration longest) throws InterruptedException {
        long nanos = longest.toNanos();
        if (next.isPresent()) {
            Duration until = Duration.between(clock.instant(), next.get());
            nanos = Math.min(nanos, until.compareTo(longest) > 0 ? nanos : until.toNanos());
        }
        while (nanos > 0 && !stopped && commands.isEmpty() && triggers.isEmpty()) {
            nanos = woken.awaitNanos(nanos);
        }
    }

    private void settle() throws InterruptedException {
        // On a node where others mount and unmount all the time, looking at it must not become its main work.
        long earliest = lastEnd + Math.min(LONGEST_BURST.toNanos(), REST * lastTook);
        for (long left = earliest - System.nanoTime(); left > 0 && !stopped && commands.isEmpty(); ) {
            left = woken.awaitNanos(left);
        }
        long end = System.nanoTime() + LONGEST_BURST.toNanos();
        long seen = -1;
        while (seen != wakes && !stopped && System.nanoTime() - end < 0) {
            seen = wakes;
            long left = QUIET.toNanos();
            while (left > 0 && seen == wakes && !stopped) {
                left = woken.awaitNanos(left);
            }
        }
    }
}
