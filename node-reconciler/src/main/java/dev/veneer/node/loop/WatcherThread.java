package dev.veneer.node.loop;

import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.Fd;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A daemon thread that sleeps in {@code poll(2)} until the kernel tells of a change or it is told to end; it never wakes
 * by itself, but for trying again after a failure.
 */
final class WatcherThread implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WatcherThread.class);
    private static final int RETRY_MILLIS = 5_000;

    /** What is watched. */
    interface Watch extends AutoCloseable {
        /** The descriptor to wait for; asked anew each time. */
        int descriptor();

        /** For which events, {@code POLL*}. */
        short events();

        /** Takes what happened; true when it is worth telling. */
        boolean take() throws LinuxException;

        @Override
        void close();
    }

    /** Begins to watch. */
    interface Opening {
        Watch open() throws LinuxException;
    }

    private final LinuxCalls calls;
    private final Opening opening;
    private final Runnable onChange;
    private final Fd stop;
    private final Thread thread;
    private Watch watch;

    /**
     * Begins to watch before it returns, so that no change after is missed.
     *
     * @param onChange called in the watcher's thread at each change; quick, and never thrown out of
     */
    WatcherThread(String name, LinuxCalls calls, Opening opening, Runnable onChange) throws LinuxException {
        this.calls = calls;
        this.opening = opening;
        this.onChange = onChange;
        this.watch = opening.open();
        this.stop = new Fd(calls, calls.eventfd());
        this.thread = new Thread(this::run, name);
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        try {
            boolean working = true;
            while (waitForChange(working)) {
                try {
                    if (!working) {
                        watch.close();
                        watch = opening.open();
                        working = true;
                        onChange.run();
                    } else if (watch.take()) {
                        onChange.run();
                    }
                } catch (LinuxException e) {
                    // Told once a failure, not once a try; what may have been missed is told when it works again.
                    if (working) {
                        LOG.warn(
                                "Watching for changes fails, tried again every {} s: {}",
                                RETRY_MILLIS / 1000,
                                e.getMessage());
                    }
                    working = false;
                }
            }
        } catch (LinuxException e) {
            LOG.error("Watching for changes ended; only the periodic passes are left: {}", e.getMessage());
        } finally {
            watch.close();
        }
    }

    /** Sleeps; false when told to end. */
    private boolean waitForChange(boolean working) throws LinuxException {
        if (!working) {
            short[] events = {Abi.POLLIN};
            return calls.poll(new int[] {stop.number()}, events, RETRY_MILLIS) == 0;
        }
        short[] events = {Abi.POLLIN, watch.events()};
        calls.poll(new int[] {stop.number(), watch.descriptor()}, events, -1);
        return events[0] == 0;
    }

    /** Ends it and waits until it has ended. */
    @Override
    public void close() {
        try {
            ByteBuffer one = ByteBuffer.allocate(Long.BYTES)
                    .order(ByteOrder.nativeOrder())
                    .putLong(0, 1);
            calls.write(stop.number(), one);
            thread.join();
            stop.close();
        } catch (LinuxException e) {
            LOG.warn("A watcher could not be told to end: {}", e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
