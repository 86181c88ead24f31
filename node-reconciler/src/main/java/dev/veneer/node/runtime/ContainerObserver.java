package dev.veneer.node.runtime;

import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.model.ContainerState;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Tells what containers do, from their records and {@code /proc}, and keeps the records. */
final class ContainerObserver {
    private static final int LARGEST_RECORD = 1 << 16;

    private final ContainerFiles files;
    private final Processes processes;
    private final LxcCommands lxc;
    /** Inits that LXC named when the recorded one was gone: a guest that rebooted has a new one. */
    private final Map<String, ProcessRef> rebooted = new ConcurrentHashMap<>();

    /** Records as they were read last: hundreds of containers are looked at again and again, and hardly ever change. */
    private final Map<String, Read> read = new ConcurrentHashMap<>();

    private record Read(ContainerFiles.Stamp stamp, @Nullable ContainerRecord record) {}

    private volatile String bootId = "";

    ContainerObserver(ContainerFiles files, Processes processes, LxcCommands lxc) {
        this.files = files;
        this.processes = processes;
        this.lxc = lxc;
    }

    ContainerState state(String name) throws IOException {
        ContainerFiles.Stamp stamp = files.stamp(name, ContainerFiles.RECORD);
        if (stamp == null) {
            read.remove(name);
            return ContainerState.NONE;
        }
        Read last = read.get(name);
        if (last == null || !last.stamp().equals(stamp)) {
            byte[] content = files.tail(name, ContainerFiles.RECORD, LARGEST_RECORD);
            // Replaced between the look and the reading: then the stamp is the older one, and it is read again next
            // time.
            last = new Read(stamp, content == null ? null : ContainerRecord.fromJson(content));
            read.put(name, last);
        }
        ContainerRecord record = last.record();
        if (record == null) {
            ProcessRef init = ask(name);
            String message = "the record " + files.directoryOf(name) + "/" + ContainerFiles.RECORD + " is damaged";
            return init == null
                    ? state(ContainerState.Phase.STOPPED, ContainerRecord.NONE, message)
                    : new ContainerState(ContainerState.Phase.RUNNING, init.pid(), List.of(), "", message);
        }
        if (record.phase() == ContainerRecord.Phase.STOPPED) {
            return record.fingerprint().isEmpty()
                    ? ContainerState.NONE
                    : state(ContainerState.Phase.STOPPED, record, record.message());
        }
        if (!record.bootId().equals(thisBoot())) {
            return state(ContainerState.Phase.STOPPED, record, "the machine was started anew since");
        }
        return switch (record.phase()) {
            case FAILED -> state(ContainerState.Phase.CRASHED, record, record.message());
            case STARTING -> asked(name, record, "its start was cut short");
            default -> started(name, record);
        };
    }

    private ContainerState started(String name, ContainerRecord record) throws IOException {
        if (processes.runs(record.init())) {
            return running(record, record.init());
        }
        ProcessRef newer = rebooted.get(name);
        if (newer != null && processes.runs(newer)) {
            return running(record, newer);
        }
        if (processes.runs(record.monitor())) {
            return asked(name, record, "its init ended");
        }
        return state(ContainerState.Phase.CRASHED, record, "its init ended");
    }

    private ContainerState asked(String name, ContainerRecord record, String otherwise) throws IOException {
        ProcessRef init = ask(name);
        if (init == null) {
            return state(ContainerState.Phase.CRASHED, record, otherwise);
        }
        rebooted.put(name, init);
        return running(record, init);
    }

    /** Asks LXC for the container's init; null when it does not run. */
    @Nullable
    ProcessRef ask(String name) throws IOException {
        int pid = lxc.init(name);
        return pid == 0 ? null : processes.find(pid);
    }

    /** The container's monitor that runs now, or none. */
    ProcessRef monitor(String name) throws LinuxException {
        byte[] content = files.tail(name, ContainerFiles.MONITOR_PID, 32);
        String text = content == null ? "" : new String(content, StandardCharsets.US_ASCII).strip();
        if (!text.matches("[1-9][0-9]{0,8}")) {
            return ProcessRef.NONE;
        }
        int pid = Integer.parseInt(text);
        // The number may be of an earlier boot or run: only a process that calls itself this monitor is taken.
        String title = processes.read("/proc/" + pid + "/cmdline");
        ProcessRef monitor = processes.find(pid);
        boolean ours =
                title != null && title.startsWith("[lxc monitor] " + files.lxcPath() + " " + name) && monitor != null;
        return ours && monitor != null ? monitor : ProcessRef.NONE;
    }

    /** What is recorded; nothing when it is lost or damaged. */
    ContainerRecord record(String name) throws LinuxException {
        byte[] content = files.tail(name, ContainerFiles.RECORD, LARGEST_RECORD);
        ContainerRecord record = content == null ? null : ContainerRecord.fromJson(content);
        return record == null ? ContainerRecord.NONE : record;
    }

    void write(String name, ContainerRecord record) throws LinuxException {
        files.write(name, ContainerFiles.RECORD, record.toJson());
        read.remove(name);
        rebooted.remove(name);
    }

    void forget(String name) {
        read.remove(name);
        rebooted.remove(name);
    }

    private String thisBoot() throws LinuxException {
        // It cannot change while this process lives.
        if (bootId.isEmpty()) {
            bootId = processes.bootId();
        }
        return bootId;
    }

    private static ContainerState running(ContainerRecord record, ProcessRef init) {
        return new ContainerState(ContainerState.Phase.RUNNING, init.pid(), record.starts(), record.fingerprint(), "");
    }

    private static ContainerState state(ContainerState.Phase phase, ContainerRecord record, String message) {
        return new ContainerState(phase, 0, record.starts(), record.fingerprint(), message);
    }
}
