package dev.veneer.node.execute;

import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.Fd;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.linux.Statx;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The files that a process has mapped into its memory. {@code /proc/PID/maps} tells the devices, {@code
 * /proc/PID/map_files} leads to the very files.
 *
 * <p>Both wait for the lock of the process' memory, which whoever runs the process can have held for ever, by a page that
 * a file system of its own has to bring. So it is asked by a thread that is left alone after a while: such a process'
 * mapped files are not seen. When {@value #MOST_STUCK} have been left so, none are asked any more until one comes back.
 */
final class MappedFiles {
    private static final Duration PATIENCE = Duration.ofMillis(500);
    private static final int MOST_STUCK = 8;
    private static final byte[] MAP_FILES = PathBytes.of("map_files");

    /** {@code AT_STATX_DONT_SYNC}. */
    private static final int DO_NOT_SYNC = 0x4000;

    /** A line is an address range, flags, an offset, a device, an inode and a path. */
    private static final int LONGEST_LINE = 4096 * 4 + 200;

    /** Processes whose answer a thread still waits for. */
    private static final Set<Integer> STUCK = ConcurrentHashMap.newKeySet();

    /** Threads that ask, one process after the other; one that is stuck is not taken again until it is free. */
    private static final Executor ASKING =
            new ThreadPoolExecutor(0, Integer.MAX_VALUE, 1, TimeUnit.SECONDS, new SynchronousQueue<>(), task -> {
                Thread thread = new Thread(task, "mapped-files");
                thread.setDaemon(true);
                return thread;
            });

    private final LinuxCalls calls;

    MappedFiles(LinuxCalls calls) {
        this.calls = calls;
    }

    /**
     * What a process has mapped, each file once.
     *
     * @param devices {@code major:minor} of the file systems that matter, or null for all
     */
    List<OpenFile> of(int pid, @Nullable Set<String> devices) throws LinuxException {
        if (STUCK.size() >= MOST_STUCK || STUCK.contains(pid)) {
            return List.of();
        }
        FutureTask<List<OpenFile>> asking = new FutureTask<>(() -> ask(pid, devices));
        ASKING.execute(() -> {
            try {
                asking.run();
            } finally {
                STUCK.remove(pid);
            }
        });
        try {
            return await(asking);
        } catch (TimeoutException e) {
            STUCK.add(pid);
            if (asking.isDone()) {
                STUCK.remove(pid);
            }
            return List.of();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof LinuxException failure) {
                if (HolderScan.isGone(failure) || failure.is(Errno.EPERM)) {
                    return List.of();
                }
                throw failure;
            }
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw new IllegalStateException("reading the mapped files of process " + pid, e.getCause());
        }
    }

    /** An interrupt is for whoever looks between two steps. */
    private static <T> T await(FutureTask<T> asking) throws ExecutionException, TimeoutException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return asking.get(end - System.nanoTime(), TimeUnit.NANOSECONDS);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private List<OpenFile> ask(int pid, @Nullable Set<String> devices) throws LinuxException {
        long flags = Abi.O_RDONLY | Abi.O_DIRECTORY;
        List<OpenFile> found = new ArrayList<>();
        try (Fd process = new Fd(calls, calls.openat2(Abi.AT_FDCWD, PathBytes.of("/proc/" + pid), flags, 0, 0))) {
            List<byte[]> wanted = ranges(process.number(), devices);
            if (wanted.isEmpty()) {
                return found;
            }
            try (Fd files = new Fd(calls, calls.openat2(process.number(), MAP_FILES, flags, 0, 0))) {
                for (byte[] range : wanted) {
                    Statx stat = new Statx();
                    try {
                        int mask = Abi.STATX_BASIC_STATS | Abi.STATX_MNT_ID;
                        calls.statx(files.number(), range, DO_NOT_SYNC, mask, stat);
                        found.add(new OpenFile(calls, stat, calls.readlinkat(files.number(), range)));
                    } catch (LinuxException e) {
                        if (!HolderScan.isGone(e)) {
                            throw e;
                        }
                    }
                }
            }
        }
        return found;
    }

    /** The names in {@code map_files} of one mapping of each file on these devices. */
    private List<byte[]> ranges(int process, @Nullable Set<String> devices) throws LinuxException {
        List<byte[]> ranges = new ArrayList<>();
        Set<String> known = new HashSet<>();
        ByteBuffer buffer = ByteBuffer.allocate(32 << 10);
        try (Fd maps = new Fd(calls, calls.openat2(process, PathBytes.of("maps"), Abi.O_RDONLY, 0, 0))) {
            while (calls.read(maps.number(), buffer) > 0) {
                buffer.flip();
                int end = lastLine(buffer);
                for (int from = 0; from < end; ) {
                    int to = from;
                    while (buffer.get(to) != '\n') {
                        to++;
                    }
                    line(
                            new String(buffer.array(), from, to - from, StandardCharsets.ISO_8859_1),
                            devices,
                            known,
                            ranges);
                    from = to + 1;
                }
                buffer.position(end);
                buffer.compact();
                if (buffer.remaining() < LONGEST_LINE) {
                    // No line is that long: whatever it is, it is none of maps.
                    buffer.clear();
                }
            }
        }
        return ranges;
    }

    /** Where the last whole line ends. */
    private static int lastLine(ByteBuffer buffer) {
        int end = buffer.limit();
        while (end > 0 && buffer.get(end - 1) != '\n') {
            end--;
        }
        return end;
    }

    /** proc(5): {@code 00400000-00452000 r-xp 00000000 08:02 173521 /usr/bin/dbus-daemon}; inode 0 is no file. */
    static void line(String line, @Nullable Set<String> devices, Set<String> known, List<byte[]> ranges) {
        int dash = line.indexOf('-');
        int address = end(line, 0);
        int offset = end(line, end(line, address));
        int device = end(line, offset);
        int inode = end(line, device);
        int colon = line.indexOf(':', offset);
        // Each of the fields begins after the end of the one before and a space at least.
        if (dash < 0 || dash > address || colon < 0 || colon > device || inode <= device + 1) {
            return;
        }
        String file = line.substring(device, inode).strip();
        if (file.equals("0")) {
            return;
        }
        try {
            int major = Integer.parseInt(line.substring(offset, colon).strip(), 16);
            int minor = Integer.parseInt(line, colon + 1, device, 16);
            String on = major + ":" + minor;
            boolean matters = devices == null || devices.contains(on);
            if (matters && known.add(on + " " + file)) {
                long from = Long.parseUnsignedLong(line, 0, dash, 16);
                long to = Long.parseUnsignedLong(line, dash + 1, address, 16);
                ranges.add(PathBytes.of(Long.toHexString(from) + "-" + Long.toHexString(to)));
            }
        } catch (NumberFormatException e) {
            // Not a line of maps: nothing is known of it.
            return;
        }
    }

    /** Where the field ends that begins at or after the spaces at {@code from}. */
    private static int end(String line, int from) {
        int at = from;
        while (at < line.length() && line.charAt(at) == ' ') {
            at++;
        }
        int end = line.indexOf(' ', at);
        return end < 0 ? line.length() : end;
    }
}
