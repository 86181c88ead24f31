package dev.veneer.node.image;

import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.ThreadEnd;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the disk write what an import has brought so far, while more is unpacked, so that the wait for the disk at its end
 * is for the last of it only, and a large image does not fill the memory with what is still to be written.
 *
 * <p>It makes nothing durable that anybody relies on: that is the batch's own wait, whose descriptor is told of every
 * error that was met here.
 */
final class WriteBehind implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WriteBehind.class);

    /** With 110 MiB the end still waits half as long as without any of this; much less disturbs the unpacking more. */
    private static final long STEP = 48L << 20;

    private final LinuxCalls calls;
    private final int directory;
    private final Thread thread;
    private long since;
    private boolean wanted;
    private boolean over;

    /**
     * Begins.
     *
     * @param directory a descriptor on the file system; stays the caller's, until this is closed
     */
    WriteBehind(LinuxCalls calls, int directory) {
        this.calls = calls;
        this.directory = directory;
        this.thread = new Thread(this::run, "veneer-write-behind");
        thread.setDaemon(true);
        thread.start();
    }

    /** To be told how many bytes there are so far; returns at once. */
    void reached(long bytes) {
        if (bytes < since) {
            // Another attempt, which begins anew.
            since = 0;
        }
        if (bytes - since >= STEP) {
            since = bytes;
            synchronized (this) {
                wanted = true;
                notifyAll();
            }
        }
    }

    private void run() {
        try {
            while (isWanted()) {
                calls.syncfs(directory);
            }
        } catch (LinuxException e) {
            LOG.debug("writing early failed, which the end of the import will tell: {}", e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized boolean isWanted() throws InterruptedException {
        while (!wanted && !over) {
            wait();
        }
        wanted = false;
        return !over;
    }

    @Override
    public void close() {
        synchronized (this) {
            over = true;
            notifyAll();
        }
        // The descriptor must not be closed under it.
        ThreadEnd.await(thread);
    }
}
