package dev.veneer.node.runtime;

import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.Fd;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Looks at processes and signals them, never confusing one with another that got the same number later. */
final class Processes {
    static final int SIGKILL = 9;
    private static final int LARGEST = 1 << 16;
    private static final int LARGEST_TABLE = 1 << 26;

    private final LinuxCalls calls;

    Processes(LinuxCalls calls) {
        this.calls = calls;
    }

    /** Whether exactly this process still runs; a zombie does not. */
    boolean runs(ProcessRef process) throws LinuxException {
        ProcessRef now = process.pid() <= 0 ? null : find(process.pid());
        return now != null && now.startTime() == process.startTime();
    }

    /** The process that has this number now, or null when there is none or it is a zombie. */
    @Nullable
    ProcessRef find(int pid) throws LinuxException {
        String stat = read("/proc/" + pid + "/stat");
        return stat == null ? null : parse(pid, stat);
    }

    /**
     * Takes apart {@code /proc/PID/stat}. The program's name may hold blanks and brackets, so counting starts after the
     * last closing one.
     */
    static @Nullable ProcessRef parse(int pid, String stat) {
        int bracket = stat.lastIndexOf(')');
        String[] fields = bracket < 0
                ? new String[0]
                : stat.substring(bracket + 1).strip().split(" ", -1);
        if (fields.length < 20 || fields[0].equals("Z") || fields[0].equals("X")) {
            return null;
        }
        try {
            return new ProcessRef(pid, Long.parseLong(fields[19]));
        } catch (NumberFormatException e) {
            return null;
        }
    }

    /** The host id that the process's user namespace maps its root to, -1 when that cannot be told. */
    long mappedRoot(int pid) throws LinuxException {
        String map = read("/proc/" + pid + "/uid_map");
        String[] fields = map == null ? new String[0] : map.strip().split("\\s+", -1);
        return fields.length >= 3 && fields[0].equals("0") && fields[1].matches("[0-9]{1,10}")
                ? Long.parseLong(fields[1])
                : -1;
    }

    /** Identifies this boot of the machine. */
    String bootId() throws LinuxException {
        String id = read("/proc/sys/kernel/random/boot_id");
        return id == null ? "" : id.strip();
    }

    /**
     * Waits for the end of every process of the host's whose command line begins so, and kills those that take longer: all of
     * them within twice that time, however many there are. What runs in a container of its own users is not one: it may call
     * itself what it likes.
     */
    void endAll(String commandLine, Duration atMost) throws LinuxException {
        List<ProcessRef> found = new ArrayList<>();
        for (long pid :
                ProcessHandle.allProcesses().mapToLong(ProcessHandle::pid).toArray()) {
            ProcessRef process = find((int) pid);
            String title = process == null ? null : read("/proc/" + pid + "/cmdline");
            if (process != null && title != null && title.startsWith(commandLine) && mappedRoot((int) pid) == 0) {
                found.add(process);
            }
        }
        long end = System.nanoTime() + atMost.toNanos();
        for (ProcessRef process : found) {
            if (!awaitEnd(process, left(end))) {
                kill(process);
            }
        }
        end = System.nanoTime() + atMost.toNanos();
        for (ProcessRef process : found) {
            awaitEnd(process, left(end));
        }
    }

    private static Duration left(long end) {
        return Duration.ofNanos(Math.max(0, end - System.nanoTime()));
    }

    /** Waits until the process is gone; false when it still runs after that time. */
    boolean awaitEnd(ProcessRef process, Duration atMost) throws LinuxException {
        int fd = open(process);
        if (fd < 0) {
            return true;
        }
        try {
            short[] events = {Abi.POLLIN};
            return calls.poll(new int[] {fd}, events, (int) Math.min(atMost.toMillis(), Integer.MAX_VALUE)) > 0;
        } finally {
            calls.close(fd);
        }
    }

    /** Kills the process if it still is this one. */
    void kill(ProcessRef process) throws LinuxException {
        int fd = open(process);
        if (fd < 0) {
            return;
        }
        try {
            calls.pidfdSendSignal(fd, SIGKILL);
        } catch (LinuxException e) {
            if (!e.is(Errno.ESRCH)) {
                throw e;
            }
        } finally {
            calls.close(fd);
        }
    }

    /** A descriptor of exactly this process, or -1 when it is gone. */
    private int open(ProcessRef process) throws LinuxException {
        if (process.pid() <= 0) {
            return -1;
        }
        int fd;
        try {
            fd = calls.pidfdOpen(process.pid());
        } catch (LinuxException e) {
            if (e.is(Errno.ESRCH)) {
                return -1;
            }
            throw e;
        }
        boolean same = false;
        try {
            // Looked at after the descriptor was taken: from here on the number cannot pass to another process unseen.
            same = runs(process);
            return same ? fd : -1;
        } finally {
            if (!same) {
                calls.close(fd);
            }
        }
    }

    /** A small file of {@code /proc} or {@code /sys}, or null when it (or its process) does not exist. */
    @Nullable
    String read(String path) throws LinuxException {
        return read(path, LARGEST);
    }

    /** The same of a file that may be large, as a mount table is. */
    @Nullable
    String readWhole(String path) throws LinuxException {
        return read(path, LARGEST_TABLE);
    }

    private @Nullable String read(String path, int largest) throws LinuxException {
        int fd;
        try {
            fd = calls.openat2(Abi.AT_FDCWD, PathBytes.of(path), Abi.O_RDONLY, 0, 0);
        } catch (LinuxException e) {
            if (e.is(Errno.ENOENT, Errno.ESRCH, Errno.ENOTDIR)) {
                return null;
            }
            throw e;
        }
        try (Fd file = new Fd(calls, fd)) {
            return read(file, largest);
        }
    }

    /** What a small open file holds, or null when the process that it tells of has ended. */
    @Nullable
    String read(Fd file) throws LinuxException {
        return read(file, LARGEST);
    }

    private @Nullable String read(Fd file, int largest) throws LinuxException {
        try {
            ByteBuffer buffer = ByteBuffer.allocate(4096);
            while (calls.read(file.number(), buffer) > 0) {
                if (!buffer.hasRemaining() && buffer.capacity() < largest) {
                    buffer = ByteBuffer.allocate(buffer.capacity() * 2).put(buffer.flip());
                } else if (!buffer.hasRemaining()) {
                    break;
                }
            }
            return new String(buffer.array(), 0, buffer.position(), StandardCharsets.UTF_8);
        } catch (LinuxException e) {
            if (e.is(Errno.ESRCH)) {
                return null;
            }
            throw e;
        }
    }
}
