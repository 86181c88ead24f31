package dev.veneer.node.loop;

import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.Fd;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells when one of the containers' init processes ends: sleeps in {@code poll(2)} on a descriptor for each, so it costs
 * nothing while they run.
 */
public final class ContainerWatcher implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ContainerWatcher.class);

    /** As many as one poll takes; what is beyond is found by the periodic pass. */
    private static final int MOST = 120;

    private final LinuxCalls calls;
    private final Runnable onEnd;
    private final Fd wake;
    private final Thread thread;
    private final Map<Integer, Fd> watched = new LinkedHashMap<>();
    private List<Integer> wanted = List.of();
    private boolean closed;

    /**
     * Begins to watch; nobody yet.
     *
     * @param onEnd called in the watcher's thread when a process has ended; quick
     */
    public ContainerWatcher(LinuxCalls calls, Runnable onEnd) throws LinuxException {
        this.calls = calls;
        this.onEnd = onEnd;
        this.wake = new Fd(calls, calls.eventfd());
        this.thread = new Thread(this::run, "container-watcher");
        thread.setDaemon(true);
        thread.start();
    }

    /** From now on these processes are watched, and no others. */
    public void follow(Collection<Integer> pids) {
        List<Integer> sorted = List.copyOf(new TreeSet<>(pids));
        synchronized (this) {
            if (sorted.equals(wanted)) {
                return;
            }
            wanted = sorted;
        }
        signal();
    }

    private void run() {
        while (true) {
            List<Integer> pids;
            synchronized (this) {
                if (closed) {
                    break;
                }
                pids = wanted;
            }
            if (open(pids)) {
                onEnd.run();
            }
            if (!sleep()) {
                break;
            }
        }
        watched.values().forEach(Fd::close);
    }

    /** Opens what is new and closes what is not wanted; true when one had ended already. */
    private boolean open(List<Integer> pids) {
        boolean ended = false;
        watched.entrySet().removeIf(entry -> {
            if (!pids.contains(entry.getKey())) {
                entry.getValue().close();
                return true;
            }
            return false;
        });
        for (int pid : pids) {
            // One that is being stopped may have no init any more.
            if (pid <= 0 || watched.containsKey(pid) || watched.size() >= MOST) {
                continue;
            }
            try {
                watched.put(pid, new Fd(calls, calls.pidfdOpen(pid)));
            } catch (LinuxException e) {
                if (e.is(Errno.ESRCH)) {
                    ended = true;
                } else {
                    LOG.warn("process {} cannot be watched: {}", pid, e.getMessage());
                }
            }
        }
        return ended;
    }

    /** Waits until one ends or {@link #follow} or {@link #close} wakes; false when polling itself fails. */
    private boolean sleep() {
        List<Integer> pids = new ArrayList<>(watched.keySet());
        int[] descriptors = new int[pids.size() + 1];
        short[] events = new short[descriptors.length];
        Arrays.fill(events, Abi.POLLIN);
        descriptors[0] = wake.number();
        for (int i = 0; i < pids.size(); i++) {
            Fd fd = watched.get(pids.get(i));
            descriptors[i + 1] = fd == null ? -1 : fd.number();
        }
        try {
            calls.poll(descriptors, events, -1);
            if (events[0] != 0) {
                calls.read(wake.number(), ByteBuffer.allocateDirect(Long.BYTES));
            }
        } catch (LinuxException e) {
            LOG.warn("containers are not watched any more: {}", e.getMessage());
            return false;
        }
        boolean ended = false;
        for (int i = 0; i < pids.size(); i++) {
            if (events[i + 1] != 0) {
                Fd fd = watched.remove(pids.get(i));
                if (fd != null) {
                    fd.close();
                }
                ended = true;
            }
        }
        if (ended) {
            synchronized (this) {
                List<Integer> left = new ArrayList<>(wanted);
                left.retainAll(watched.keySet());
                wanted = List.copyOf(left);
            }
            onEnd.run();
        }
        return true;
    }

    private void signal() {
        ByteBuffer one = ByteBuffer.allocateDirect(Long.BYTES).order(ByteOrder.nativeOrder());
        one.putLong(0, 1);
        try {
            calls.write(wake.number(), one);
        } catch (LinuxException e) {
            LOG.warn("the container watcher cannot be woken: {}", e.getMessage());
        }
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
        }
        signal();
        try {
            thread.join(5_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        wake.close();
    }
}
