package dev.veneer.node.loop;

import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.Fd;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;

/**
 * Tells when anything is mounted or unmounted in this mount namespace, also by ourselves. The kernel marks an open
 * {@code mountinfo} with {@code POLLPRI} at each change; nothing is read, so it costs the same with any number of mounts.
 */
public final class MountTableWatcher implements AutoCloseable {
    private final WatcherThread thread;

    /**
     * Begins to watch.
     *
     * @param onChange called in the watcher's thread; quick. Several changes may be told as one
     */
    public MountTableWatcher(LinuxCalls calls, Runnable onChange) throws LinuxException {
        thread = new WatcherThread("mount-watcher", calls, () -> new Table(calls), onChange);
    }

    @Override
    public void close() {
        thread.close();
    }

    private static final class Table implements WatcherThread.Watch {
        private final Fd fd;

        Table(LinuxCalls calls) throws LinuxException {
            fd = new Fd(calls, calls.openat2(Abi.AT_FDCWD, PathBytes.of("/proc/self/mountinfo"), Abi.O_RDONLY, 0, 0));
        }

        @Override
        public int descriptor() {
            return fd.number();
        }

        @Override
        public short events() {
            return Abi.POLLPRI;
        }

        @Override
        public boolean take() {
            return true;
        }

        @Override
        public void close() {
            fd.close();
        }
    }
}
