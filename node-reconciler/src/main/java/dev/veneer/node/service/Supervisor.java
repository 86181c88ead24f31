package dev.veneer.node.service;

import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the service manager how the agent does, in the protocol of {@code sd_notify(3)}: datagrams of lines {@code
 * KEY=value} to the Unix socket that {@code $NOTIFY_SOCKET} names. Java has no such sockets, hence the system calls.
 *
 * <p>Without that variable, as in a shell, everything here does nothing. A manager that cannot be reached is told of
 * once in the log and is no reason to fail.
 */
public final class Supervisor {
    private static final Logger LOG = LoggerFactory.getLogger(Supervisor.class);

    /** {@code sun_path} of {@code struct sockaddr_un}. */
    private static final int PATH_MAX = 108;

    private static final long SECOND = 1_000_000_000L;

    private final LinuxCalls calls;
    private final byte @Nullable [] address;
    private final @Nullable Duration watchdog;
    private final AtomicLong lastAlive = new AtomicLong(System.nanoTime() - SECOND);
    private volatile boolean complained;

    private Supervisor(LinuxCalls calls, byte @Nullable [] address, @Nullable Duration watchdog) {
        this.calls = calls;
        this.address = address;
        this.watchdog = watchdog;
    }

    /** The manager that started this process, by the process's environment. */
    public static Supervisor ofProcess(LinuxCalls calls) {
        return of(calls, System.getenv(), ProcessHandle.current().pid());
    }

    static Supervisor of(LinuxCalls calls, Map<String, String> environment, long pid) {
        return new Supervisor(calls, address(environment.get("NOTIFY_SOCKET")), watchdog(environment, pid));
    }

    /** {@code struct sockaddr_un}: the family, then a path with its NUL, or a NUL and an abstract name. */
    private static byte @Nullable [] address(@Nullable String socket) {
        if (socket == null || socket.isEmpty()) {
            return null;
        }
        byte[] name = socket.getBytes(StandardCharsets.UTF_8);
        boolean isAbstract = name[0] == '@';
        if ((name[0] != '/' && !isAbstract) || name.length >= PATH_MAX) {
            LOG.atWarn().addKeyValue("socket", socket).log("NOTIFY_SOCKET is neither a path nor an abstract name");
            return null;
        }
        if (isAbstract) {
            name[0] = 0;
        }
        ByteBuffer address =
                ByteBuffer.allocate(2 + name.length + (isAbstract ? 0 : 1)).order(ByteOrder.nativeOrder());
        return address.putShort((short) Abi.AF_UNIX).put(name).array();
    }

    private static @Nullable Duration watchdog(Map<String, String> environment, long pid) {
        String micros = environment.getOrDefault("WATCHDOG_USEC", "");
        String whom = environment.getOrDefault("WATCHDOG_PID", Long.toString(pid));
        if (!micros.matches("[1-9][0-9]{0,17}") || !whom.equals(Long.toString(pid))) {
            return null;
        }
        return Duration.ofNanos(Math.multiplyExact(Long.parseLong(micros) / 2, 1000L));
    }

    /** How often {@link #alive} has to be called: twice as often as the watchdog bites; empty without a watchdog. */
    public Optional<Duration> watchdogInterval() {
        return Optional.ofNullable(watchdog);
    }

    /** The agent has started: its first pass is done. */
    public void ready(String status) {
        send("READY=1\nSTATUS=" + line(status));
    }

    /** The agent reads everything again; {@link #ready} follows. */
    public void reloading() {
        send("RELOADING=1\nMONOTONIC_USEC=" + System.nanoTime() / 1000);
    }

    /** The agent was told to stop and finishes the step at hand. */
    public void stopping() {
        send("STOPPING=1");
    }

    /** One line for {@code systemctl status}. */
    public void status(String status) {
        send("STATUS=" + line(status));
    }

    /**
     * The loop turns, or a pass gets on: the watchdog waits anew. To be called by what would hang, not by a timer of its
     * own; as often as one likes and by any thread, since the manager is told once a second at most.
     */
    public void alive() {
        long now = System.nanoTime();
        long last = lastAlive.get();
        if (watchdog != null && now - last >= SECOND && lastAlive.compareAndSet(last, now)) {
            send("WATCHDOG=1");
        }
    }

    private static String line(String text) {
        return text.replace('\n', ' ');
    }

    private void send(String message) {
        byte[] to = address;
        if (to == null) {
            return;
        }
        try {
            int fd = calls.socket(Abi.AF_UNIX, Abi.SOCK_DGRAM, 0);
            try {
                calls.connect(fd, to);
                calls.write(fd, ByteBuffer.wrap(message.getBytes(StandardCharsets.UTF_8)));
            } finally {
                calls.close(fd);
            }
        } catch (LinuxException e) {
            if (!complained) {
                complained = true;
                LOG.atWarn().addKeyValue("error", e.getMessage()).log("cannot tell the service manager");
            }
        }
    }
}
