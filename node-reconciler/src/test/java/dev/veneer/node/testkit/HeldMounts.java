package dev.veneer.node.testkit;

import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.JnrLinuxCalls;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * System calls with a mount table of their own, so that many agents can be in one process as if each were on a node of its
 * own. Files are real ones. Overlays are made by the kernel too, but held open instead of attached: only attaching,
 * unmounting, and the table of this process are played. That is enough for overlays whose ids are not mapped and that nobody
 * looks into; what would need more fails with {@code ENOSYS}.
 */
public final class HeldMounts implements AutoCloseable {
    private static final String TABLE = "/proc/self/mountinfo";
    private static final byte[] SOURCE = PathBytes.of("source");

    /** How soon somebody who waits for a change of the table hears of it, in milliseconds. */
    private static final int SOON = 200;

    private final LinuxCalls real = new JnrLinuxCalls();
    private final LinuxCalls calls;
    private final Path table;
    private final List<String> machine;

    /** Number of the mount that the table's file lies on, and so whatever is mounted beside it. */
    private final String parent;

    private final Map<Integer, String> labels = new ConcurrentHashMap<>();
    private final Map<Integer, Long> readers = new ConcurrentHashMap<>();
    private final Map<String, Held> mounts = new LinkedHashMap<>();
    private long changes;
    private int ids = 1 << 20;

    /**
     * A mount.
     *
     * @param id its number in the table
     * @param label what it is called there
     * @param fd its root, open
     */
    private record Held(int id, String label, int fd) {}

    /** @param table a file of its own, in a directory that is there */
    public HeldMounts(Path table) throws IOException {
        this.table = table;
        this.machine = Files.readAllLines(Path.of(TABLE), StandardCharsets.ISO_8859_1);
        this.parent = parent(machine, table.toString());
        this.calls = (LinuxCalls) Proxy.newProxyInstance(
                LinuxCalls.class.getClassLoader(),
                new Class<?>[] {LinuxCalls.class},
                (self, method, arguments) -> invoke(method, arguments == null ? new Object[0] : arguments));
        write();
    }

    private static String parent(List<String> lines, String path) {
        String parent = "1";
        int longest = 0;
        for (String line : lines) {
            String[] fields = line.split(" ", -1);
            String target = fields[4];
            if (target.length() >= longest && path.startsWith(target.endsWith("/") ? target : target + "/")) {
                parent = fields[0];
                longest = target.length();
            }
        }
        return parent;
    }

    /** What to hand to an agent. */
    public LinuxCalls calls() {
        return calls;
    }

    /** Where something is mounted. */
    public synchronized Set<String> targets() {
        return Set.copyOf(mounts.keySet());
    }

    private Object invoke(Method method, Object[] of) throws Throwable {
        return switch (method.getName()) {
            case "openat2" -> PathBytes.show((byte[]) of[1]).equals(TABLE) ? openTable() : forward(method, of);
            case "fsconfigString" -> {
                if (Arrays.equals((byte[]) of[1], SOURCE)) {
                    labels.put((Integer) of[0], new String((byte[]) of[2], StandardCharsets.UTF_8));
                }
                yield forward(method, of);
            }
            case "fsmount" -> {
                int made = (Integer) forward(method, of);
                labels.put(made, labels.getOrDefault((Integer) of[0], "none"));
                yield made;
            }
            case "close" -> {
                labels.remove((Integer) of[0]);
                readers.remove((Integer) of[0]);
                yield forward(method, of);
            }
            case "moveMount" -> {
                attach((Integer) of[0], (Integer) of[2]);
                yield null;
            }
            case "umount2" -> {
                unmount(PathBytes.show((byte[]) of[0]));
                yield null;
            }
            case "poll" -> poll((int[]) of[0], (short[]) of[1], (Integer) of[2]);
            case "mount", "openTree", "mountSetattr", "setns", "unshare" ->
                throw new LinuxException(method.getName(), Errno.ENOSYS, "(of mounts that are only held)");
            default -> forward(method, of);
        };
    }

    private Object forward(Method method, Object[] arguments) throws Throwable {
        try {
            return method.invoke(real, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private synchronized int openTable() throws LinuxException {
        int fd = real.openat2(Abi.AT_FDCWD, PathBytes.of(table.toString()), Abi.O_RDONLY, 0, 0);
        readers.put(fd, changes);
        return fd;
    }

    private synchronized void attach(int made, int at) throws LinuxException {
        String target = PathBytes.show(real.readlinkat(Abi.AT_FDCWD, PathBytes.of("/proc/self/fd/" + at)));
        String label = labels.get(made);
        if (label == null || mounts.containsKey(target)) {
            throw new LinuxException("move_mount", Errno.EINVAL, target);
        }
        int fd = real.openat2(made, PathBytes.of("."), Abi.O_PATH | Abi.O_DIRECTORY, 0, 0);
        mounts.put(target, new Held(ids++, label, fd));
        changed();
    }

    private synchronized void unmount(String target) throws LinuxException {
        Held held = mounts.remove(target);
        if (held == null) {
            throw new LinuxException("umount2", Errno.EINVAL, target);
        }
        real.close(held.fd);
        changed();
    }

    private void changed() {
        changes++;
        write();
    }

    private void write() {
        StringBuilder text = new StringBuilder();
        machine.forEach(line -> text.append(line).append('\n'));
        mounts.forEach((target, held) -> text.append(held.id)
                .append(' ')
                .append(parent)
                .append(" 0:")
                .append(held.id)
                .append(" / ")
                .append(target)
                .append(" rw,relatime - overlay ")
                .append(held.label)
                .append(" rw\n"));
        // Whoever reads it sees all of it, as it was or as it is.
        Path next = table.resolveSibling(table.getFileName() + ".next");
        try {
            Files.writeString(next, text, StandardCharsets.ISO_8859_1);
            Files.move(next, table, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A reader of the table hears once of what has changed since it opened it, or since it heard of it last. */
    private int poll(int[] fds, short[] events, int timeout) throws LinuxException {
        boolean reads = false;
        for (int fd : fds) {
            reads |= readers.containsKey(fd);
        }
        if (!reads) {
            return real.poll(fds, events, timeout);
        }
        long end = System.nanoTime() + timeout * 1_000_000L;
        while (true) {
            if (tell(fds, events)) {
                return 1;
            }
            long left = timeout < 0 ? SOON : Math.max(0, (end - System.nanoTime()) / 1_000_000);
            short[] wanted = events.clone();
            int happened = real.poll(fds, wanted, (int) Math.min(left, SOON));
            if (happened > 0 || left == 0) {
                System.arraycopy(wanted, 0, events, 0, wanted.length);
                return happened;
            }
        }
    }

    private synchronized boolean tell(int[] fds, short[] events) {
        for (int i = 0; i < fds.length; i++) {
            Long known = readers.get(fds[i]);
            if (known != null && known != changes) {
                readers.put(fds[i], changes);
                Arrays.fill(events, (short) 0);
                events[i] = Abi.POLLPRI;
                return true;
            }
        }
        return false;
    }

    /** Lets go of all mounts. */
    @Override
    public synchronized void close() {
        mounts.values().forEach(held -> real.close(held.fd));
        mounts.clear();
    }
}
