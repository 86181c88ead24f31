package dev.veneer.node.testkit;

import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/**
 * The twin of the real system calls that counts them, fails the n-th, or cuts everything off at the n-th. It stands in
 * front of any {@link LinuxCalls} as a proxy, so that new methods need nothing here.
 *
 * <pre>{@code
 * FaultyLinuxCalls faulty = new FaultyLinuxCalls(new JnrLinuxCalls()).counting(FaultyLinuxCalls.CHANGING);
 * doIt(faulty.calls());
 * long all = faulty.counted();
 * for (long n = 1; n <= all; n++) {
 *     faulty.reset();
 *     faulty.cutAt(n);
 *     assertThrows(CutOff.class, () -> doIt(faulty.calls()));
 *     recover(new JnrLinuxCalls());
 * }
 * }</pre>
 *
 * <p>Only calls that pass the filter are counted, failed and be the place of a cut; but after a cut all calls are
 * refused, counted or not, in all threads. {@code close} and unlocking alone always pass and never count: they touch no
 * disk, and when a process dies its descriptors are closed as well.
 */
public final class FaultyLinuxCalls {
    private static final Set<String> CHANGING_NAMES = Set.of(
            "write",
            "pwrite",
            "ftruncate",
            "copyFileRange",
            "mkdirat",
            "unlinkat",
            "renameat2",
            "linkat",
            "symlinkat",
            "mknodat",
            "fchownat",
            "fchmodat",
            "fchmod",
            "utimensat",
            "fsetxattr",
            "lsetxattr",
            "fremovexattr",
            "fsync",
            "syncfs",
            "ioctl",
            "moveMount",
            "mountSetattr",
            "fsconfigCreate",
            "fsmount",
            "mount",
            "umount2");

    /** Calls whose result is a new descriptor. */
    private static final Set<String> OPENING_NAMES =
            Set.of("openat2", "openTree", "fsopen", "fsmount", "pidfdOpen", "inotifyInit", "socket", "eventfd");

    /** Calls that change a disk or a mount, or make something durable. */
    public static final Predicate<Call> CHANGING = FaultyLinuxCalls::isChanging;

    /** Every call. */
    public static final Predicate<Call> ALL = call -> true;

    /** One call: its method's name in {@link LinuxCalls} and its arguments, not to be changed. */
    public record Call(String name, List<Object> arguments) {
        /** Takes it over. */
        public Call {
            arguments = List.copyOf(arguments);
        }
    }

    /** What runs before a counted call, outside all locks. */
    public interface Hook {
        /**
         * Runs; what it throws comes out of the call.
         *
         * @param number counted calls so far, this one included
         */
        void before(Call call, long number) throws Exception;
    }

    private final LinuxCalls real;
    private final LinuxCalls proxy;
    private final List<String> names = new ArrayList<>();
    private final Map<Integer, String> open = new ConcurrentHashMap<>();
    private final Set<Integer> closedForIt = ConcurrentHashMap.newKeySet();
    private Predicate<Call> filter = ALL;
    private Hook hook = (call, number) -> {};
    private long counted;
    private long failAt;
    private int errno;
    private long cutAt;
    private boolean failAlways;
    private boolean cut;

    public FaultyLinuxCalls(LinuxCalls real) {
        this.real = real;
        this.proxy = (LinuxCalls) Proxy.newProxyInstance(
                LinuxCalls.class.getClassLoader(), new Class<?>[] {LinuxCalls.class}, (self, method, arguments) -> {
                    return invoke(method, arguments == null ? new Object[0] : arguments);
                });
    }

    /** What to hand to the code under test. */
    public LinuxCalls calls() {
        return proxy;
    }

    /** From now on only these calls count. */
    public synchronized FaultyLinuxCalls counting(Predicate<Call> which) {
        filter = which;
        return this;
    }

    /** From now on only calls of these names count. */
    public FaultyLinuxCalls counting(String... which) {
        Set<String> set = Set.of(which);
        return counting(call -> set.contains(call.name()));
    }

    /** Runs before each counted call: to damage, to kill, to wait. */
    public synchronized FaultyLinuxCalls before(Hook run) {
        hook = run;
        return this;
    }

    /** The {@code number}-th counted call from now (1 is the next) fails once with this errno. */
    public synchronized void failAt(long number, int withErrno) {
        failAt = counted + number;
        errno = withErrno;
        failAlways = false;
    }

    /** Every counted call from the {@code number}-th on fails with this errno, until {@link #reset}. */
    public synchronized void failFrom(long number, int withErrno) {
        failAt(number, withErrno);
        failAlways = true;
    }

    /** The {@code number}-th counted call from now (1 is the next) and every call after it are refused. */
    public synchronized void cutAt(long number) {
        cutAt = counted + number;
    }

    /** Back to an obedient kernel, nothing counted; filter and hook stay. */
    public synchronized void reset() {
        names.clear();
        closedForIt.clear();
        counted = 0;
        failAt = 0;
        cutAt = 0;
        cut = false;
    }

    /** How many calls were counted since the last reset. */
    public synchronized long counted() {
        return counted;
    }

    /** The names of the counted calls since the last reset, in order. */
    public synchronized List<String> names() {
        return List.copyOf(names);
    }

    /** Whether the cut was reached. */
    public synchronized boolean isCut() {
        return cut;
    }

    /** What was opened through this and not closed yet, by descriptor: the call and what it opened. */
    public Map<Integer, String> open() {
        return Map.copyOf(open);
    }

    /** Closes what is still open, as the kernel does for a process that was killed. */
    public void closeAll() throws LinuxException {
        for (int fd : open().keySet()) {
            // A thread of what was cut may be about to close it too; by then its number may be somebody else's.
            if (open.remove(fd) != null) {
                closedForIt.add(fd);
                unlock(fd);
                real.close(fd);
            }
        }
    }

    /** A program that another thread is just starting holds the descriptor as well, and would keep a lock by it. */
    private void unlock(int fd) {
        try {
            real.flock(fd, Abi.LOCK_UN);
        } catch (LinuxException e) {
            return; // not every descriptor can have a lock
        }
    }

    private Object invoke(Method method, Object[] arguments) throws Throwable {
        String name = method.getName();
        if (method.getDeclaringClass() != LinuxCalls.class || isLettingGo(name, arguments)) {
            return forward(method, arguments);
        }
        Call call = new Call(name, List.of(arguments));
        long number = register(call);
        if (number > 0) {
            hook.before(call, number);
        }
        return forward(method, arguments);
    }

    private static boolean isLettingGo(String name, Object[] arguments) {
        return name.equals("close") || (name.equals("flock") && (Integer) arguments[1] == Abi.LOCK_UN);
    }

    /** Counts and decides; the call's number, 0 when it does not count. */
    private synchronized long register(Call call) throws LinuxException {
        if (cut) {
            throw new CutOff(call.name(), counted);
        }
        if (!filter.test(call)) {
            return 0;
        }
        counted++;
        names.add(call.name());
        if (counted == cutAt) {
            cut = true;
            throw new CutOff(call.name(), counted);
        }
        if (counted == failAt || (failAlways && failAt > 0 && counted > failAt)) {
            throw new LinuxException(call.name(), errno, "(made to fail, call " + counted + ")");
        }
        return counted;
    }

    private boolean isToClose(int fd) {
        return open.remove(fd) != null || !closedForIt.contains(fd);
    }

    private Object forward(Method method, Object[] arguments) throws Throwable {
        try {
            if (method.getName().equals("close") && !isToClose((Integer) arguments[0])) {
                return null;
            }
            Object result = method.invoke(real, arguments);
            if (OPENING_NAMES.contains(method.getName())) {
                open.put((Integer) result, method.getName() + shown(arguments));
            }
            return result;
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private static String shown(Object[] arguments) {
        return arguments.length > 1 && arguments[1] instanceof byte[] path ? " " + PathBytes.show(path) : "";
    }

    private static boolean isChanging(Call call) {
        if (call.name().equals("openat2")) {
            return ((Long) call.arguments().get(2) & (Abi.O_CREAT | Abi.O_TRUNC)) != 0;
        }
        return CHANGING_NAMES.contains(call.name());
    }
}
