package dev.veneer.node.runtime;

import dev.veneer.api.Reason;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.model.ContainerSpec;
import dev.veneer.node.model.ContainerState;
import dev.veneer.node.model.IdRange;
import dev.veneer.node.model.RestartBackoff;
import dev.veneer.node.model.SliverId;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;

/**
 * Runs slivers with LXC's own tools. A container's monitor is a daemon in a session and in control groups of its own,
 * so nothing of a container hangs on this process.
 */
public final class LxcRuntime implements ContainerRuntime {
    private static final Duration KILL_WAIT = Duration.ofSeconds(10);
    private static final int MESSAGE_BYTES = 1 << 14;

    private final Processes processes;
    private final ContainerName names;
    private final ContainerFiles files;
    private final ContainerObserver observer;
    private final HostAccess access;
    private final HostProbe host;
    private final LxcCommands lxc;
    private final ControlGroups groups;
    private final Freezer freezer;
    private final Personalizer personalizer;
    private final RootHolders roots;
    private final HostSources sources;
    private final Clock clock;

    /**
     * A runtime for a node store. Nothing is touched until a method is called.
     *
     * @param storePath absolute path of the store; its containers live in {@code lxc} below it
     * @param host where LXC is
     */
    public LxcRuntime(LinuxCalls calls, String storePath, Host host) {
        this(calls, storePath, host, host.programs(), Clock.systemUTC(), List.of("/usr/bin", "/usr/local/bin"));
    }

    LxcRuntime(
            LinuxCalls calls, String storePath, Host place, Programs programs, Clock clock, List<String> directories) {
        this.processes = new Processes(calls);
        this.names = new ContainerName(storePath);
        this.files = new ContainerFiles(calls, storePath);
        HostFiles hostFiles = new HostFiles(calls, place);
        this.access = new HostAccess(calls, place, processes, storePath);
        this.host = new HostProbe(access, hostFiles, processes, programs, directories);
        this.lxc = new LxcCommands(programs, host, files.lxcPath());
        this.observer = new ContainerObserver(files, processes, lxc);
        this.groups = new ControlGroups(calls, hostFiles);
        this.freezer = new Freezer(files, observer, lxc, processes, groups);
        this.personalizer = new Personalizer(calls, new SecureRandom());
        this.roots = new RootHolders(calls, place);
        this.sources = new HostSources(calls, hostFiles);
        this.clock = clock;
    }

    @Override
    public RuntimeAvailability availability() {
        return host.availability();
    }

    @Override
    public List<String> check(ContainerSpec spec) {
        return ConfigPolicy.problems(spec);
    }

    @Override
    public ContainerState state(SliverId sliver) throws NodeException {
        try {
            return observer.state(names.of(sliver));
        } catch (IOException e) {
            throw unreadable(sliver, e);
        }
    }

    @Override
    public List<SliverId> known() throws NodeException {
        List<SliverId> slivers = new ArrayList<>();
        try {
            for (String name : files.names()) {
                SliverId sliver = names.sliver(name);
                if (sliver != null) {
                    slivers.add(sliver);
                }
            }
            return slivers;
        } catch (LinuxException e) {
            throw new NodeException(
                    Reason.StoreFaulty, Follow.WAIT, "cannot read " + files.lxcPath() + ": " + e.getMessage(), e);
        }
    }

    @Override
    public void start(ContainerSpec spec) throws NodeException {
        SliverId sliver = spec.sliver();
        String name = names.of(sliver);
        try {
            HostFacts facts = requireStartable(spec);
            files.make(name);
            ContainerRecord record = observer.record(name);
            ProcessRef init = observer.ask(name);
            String config = ContainerConfig.text(spec, facts, files.directoryOf(name), networkAddress(name));
            if (init != null) {
                takeOver(spec, name, record, init, config);
                return;
            }
            requireUnoccupied(spec);
            requireSeen(spec);
            if (spec.personalize() && !record.personalizedFor().equals(spec.instance())) {
                record = personalize(spec, name, record);
            }
            groups.removeOf(name);
            files.rotateLogs(name);
            files.write(name, ContainerFiles.SECCOMP, PathBytes.of(ContainerConfig.seccomp(spec)));
            files.write(name, ContainerFiles.CONFIG, PathBytes.of(config));
            record = record.starting(processes.bootId(), starts(record), spec.fingerprint());
            observer.write(name, record);
            launch(spec, name, record);
        } catch (IOException e) {
            throw new NodeException(
                    Reason.ContainerFailed,
                    Follow.RETRY,
                    "the container of " + sliver + " could not be started: " + e.getMessage(),
                    e);
        }
    }

    private HostFacts requireStartable(ContainerSpec spec) throws NodeException, LinuxException {
        RuntimeAvailability availability = availability();
        if (!availability.available()) {
            throw new NodeException(
                    Reason.LxcUnavailable,
                    Follow.WAIT,
                    "containers cannot run here: " + availability.reason() + "; remedy: " + availability.remedy());
        }
        List<String> problems = check(spec);
        if (problems.isEmpty()) {
            problems = sources.problems(spec);
        }
        if (!problems.isEmpty()) {
            throw new NodeException(
                    Reason.NotAllowed,
                    Follow.STALLED,
                    "the container of " + spec.sliver() + " is not started: " + String.join("; ", problems));
        }
        HostFacts facts = host.facts();
        List<String> missing = ContainerConfig.missingControllers(spec, facts);
        if (!missing.isEmpty()) {
            throw new NodeException(
                    Reason.LxcUnavailable,
                    Follow.WAIT,
                    "the limits of " + spec.sliver() + " need the control group controllers "
                            + String.join(", ", missing)
                            + ", which this host does not offer: mount them, or drop the limits");
        }
        String bridge = spec.lxc().bridge();
        if (bridge != null && !host.hasBridge(bridge)) {
            throw new NodeException(
                    Reason.ContainerFailed,
                    Follow.WAIT,
                    "this host has no bridge " + bridge + " for " + spec.sliver() + ": ip link add " + bridge
                            + " type bridge && ip link set " + bridge + " up");
        }
        return facts;
    }

    /** A container that LXC does not find may still live: a second one on its rootfs would destroy the sliver. */
    private void requireUnoccupied(ContainerSpec spec) throws LinuxException, NodeException {
        int pid = roots.of(spec.rootfs());
        if (pid != 0) {
            throw new NodeException(
                    Reason.InUse,
                    Follow.WAIT,
                    "the container of " + spec.sliver() + " is not started: " + spec.rootfs()
                            + " is already the root directory of process " + pid
                            + ", in a container that LXC does not know in this store; end it first");
        }
    }

    /** One that lies outside of the store may be mounted in the agent's pod alone. */
    private void requireSeen(ContainerSpec spec) throws LinuxException, NodeException {
        if (!access.isSeen(spec.rootfs())) {
            throw new NodeException(
                    Reason.ContainerFailed,
                    Follow.WAIT,
                    "the container of " + spec.sliver() + " is not started: the node does not see " + spec.rootfs()
                            + " as the agent's pod does; mount its directory into the pod as a hostPath with"
                            + " mountPropagation: Bidirectional");
        }
    }

    private ContainerRecord personalize(ContainerSpec spec, String name, ContainerRecord record)
            throws LinuxException, NodeException {
        try {
            personalizer.personalize(
                    spec.rootfs(), spec.idRange(), spec.sliver().name());
        } catch (LinuxException e) {
            throw new NodeException(
                    Reason.ContainerFailed,
                    Follow.RETRY,
                    "the personal files of " + spec.sliver() + " could not be written into its rootfs: "
                            + e.getMessage() + " (personalize: false leaves them out)",
                    e);
        }
        ContainerRecord personal = record.personalized(spec.instance());
        observer.write(name, personal);
        return personal;
    }

    /** Earlier starts that the backoff still counts, with the one that is about to be made. */
    private List<Instant> starts(ContainerRecord record) throws LinuxException {
        boolean again = record.phase() != ContainerRecord.Phase.STOPPED
                && record.bootId().equals(processes.bootId());
        return RestartBackoff.remember(again ? record.starts() : List.of(), clock.instant());
    }

    /** Records a container that runs already; whether it runs as it is declared now, its configuration tells. */
    private void takeOver(ContainerSpec spec, String name, ContainerRecord record, ProcessRef init, String config)
            throws LinuxException {
        byte[] file = files.tail(name, ContainerFiles.CONFIG, config.length() * 4 + 1);
        String fingerprint = record.fingerprint();
        if (file != null && Arrays.equals(file, PathBytes.of(config))) {
            fingerprint = spec.fingerprint();
        }
        List<Instant> starts = record.starts().isEmpty() ? List.of(clock.instant()) : record.starts();
        ContainerRecord running = record.starting(processes.bootId(), starts, fingerprint);
        observer.write(name, running.started(observer.monitor(name), init));
    }

    private void launch(ContainerSpec spec, String name, ContainerRecord record) throws IOException, NodeException {
        ContainerFiles.LogPart log = files.read(name, ContainerLog.LXC.fileName(), LogPosition.START, 0);
        Programs.Result result = lxc.start(name);
        ProcessRef init = result.exit() == 0 ? observer.ask(name) : null;
        if (init == null) {
            endsAfterKill(observer.monitor(name));
            groups.removeOf(name);
            String why = failure(name, result, log == null ? LogPosition.START : log.next);
            observer.write(name, record.ended(ContainerRecord.Phase.FAILED, why));
            throw new NodeException(
                    Reason.ContainerFailed,
                    Follow.RETRY,
                    "the container of " + spec.sliver() + " did not start: " + why);
        }
        IdRange range = spec.idRange();
        if (range != null && processes.mappedRoot(init.pid()) != range.first()) {
            processes.kill(init);
            String why = "its init did not get the id range " + range + " and was killed";
            observer.write(name, record.ended(ContainerRecord.Phase.FAILED, why));
            throw new NodeException(Reason.ContainerFailed, Follow.STALLED, spec.sliver() + ": " + why);
        }
        observer.write(name, record.started(observer.monitor(name), init));
    }

    /** The first error that LXC logged for this start, else the last words of the guest. */
    private String failure(String name, Programs.Result result, LogPosition before) throws LinuxException {
        ContainerFiles.LogPart log = files.read(name, ContainerLog.LXC.fileName(), before, MESSAGE_BYTES);
        String why = LxcLog.cause(log == null ? "" : PlainText.of(log.content));
        if (why.isEmpty() && result.exit() != 0) {
            why = "lxc-start ended with status " + result.exit() + " "
                    + ConfigPolicy.quote(
                            PlainText.of(PathBytes.of(result.output().strip())));
        } else if (why.isEmpty()) {
            byte[] console = files.tail(name, ContainerLog.CONSOLE.fileName(), 200);
            why = "its init ended at once"
                    + (console == null || console.length == 0
                            ? ""
                            : "; its last words: "
                                    + ConfigPolicy.quote(PlainText.of(console).strip()));
        }
        return why;
    }

    @Override
    public boolean stop(SliverId sliver, Duration grace) throws NodeException {
        String name = names.of(sliver);
        try {
            ContainerRecord record = observer.record(name);
            ProcessRef init = observer.ask(name);
            ProcessRef monitor = observer.monitor(name);
            if (init != null) {
                lxc.stop(name, Math.max(0, grace.plusMillis(999).toSeconds()));
            } else {
                // Its monitor may have been killed: then init is still the one that was recorded.
                init = record.init();
            }
            if (!endsAfterKill(init) || !endsAfterKill(monitor)) {
                throw new NodeException(
                        Reason.InUse,
                        Follow.WAIT,
                        "the container of " + sliver + " was killed and is not gone yet (process " + init.pid() + ")");
            }
            groups.removeOf(name);
            if (record.phase() != ContainerRecord.Phase.STOPPED) {
                observer.write(name, record.ended(ContainerRecord.Phase.STOPPED, ""));
            }
            return true;
        } catch (IOException e) {
            throw new NodeException(
                    Reason.ContainerFailed,
                    Follow.RETRY,
                    "the container of " + sliver + " could not be stopped: " + e.getMessage(),
                    e);
        }
    }

    /** Gives a process the time to end by itself that it should not need, then kills it. */
    private boolean endsAfterKill(ProcessRef process) throws LinuxException {
        if (processes.awaitEnd(process, KILL_WAIT)) {
            return true;
        }
        processes.kill(process);
        return processes.awaitEnd(process, KILL_WAIT);
    }

    @Override
    public void remove(SliverId sliver) throws NodeException {
        String name = names.of(sliver);
        try {
            if (!files.exists(name)) {
                // Never had one: nothing to remove, and asking LXC costs a process.
                observer.forget(name);
                return;
            }
            if (observer.ask(name) != null) {
                throw new NodeException(
                        Reason.InUse, Follow.WAIT, "the container of " + sliver + " runs: it is stopped first");
            }
            files.remove(name);
            observer.forget(name);
        } catch (IOException e) {
            throw new NodeException(
                    Reason.StoreFaulty,
                    Follow.RETRY,
                    "the container's directory of " + sliver + " could not be removed: " + e.getMessage(),
                    e);
        }
    }

    @Override
    public int exec(SliverId sliver, List<String> command) throws NodeException {
        String name = requireRunning(sliver);
        try {
            return lxc.attach(name, command, System.getenv());
        } catch (IOException e) {
            throw new NodeException(Reason.Failed, Follow.STALLED, "lxc-attach: " + e.getMessage(), e);
        }
    }

    @Override
    public int runInside(SliverId sliver, List<String> command, Duration limit) throws NodeException {
        String name = requireRunning(sliver);
        try {
            return lxc.runInside(name, command, limit);
        } catch (IOException e) {
            throw new NodeException(
                    Reason.Failed,
                    Follow.RETRY,
                    "running " + command.get(0) + " in " + sliver + ": " + e.getMessage(),
                    e);
        }
    }

    @Override
    public void freeze(SliverId sliver) throws NodeException {
        String name = requireRunning(sliver);
        try {
            freezer.freeze(name);
        } catch (IOException e) {
            throw unfrozen("held still", sliver, e);
        }
    }

    @Override
    public void thaw(SliverId sliver) throws NodeException {
        try {
            freezer.thaw(names.of(sliver));
        } catch (IOException e) {
            throw unfrozen("let go on", sliver, e);
        }
    }

    @Override
    public void thawLeftOvers() throws NodeException {
        try {
            freezer.thawMarked();
        } catch (IOException e) {
            throw new NodeException(
                    Reason.ContainerFailed,
                    Follow.RETRY,
                    "containers that were held still for a snapshot cannot be let go on: " + e.getMessage(),
                    e);
        }
    }

    private static NodeException unfrozen(String what, SliverId sliver, IOException e) {
        return new NodeException(
                Reason.ContainerFailed,
                Follow.RETRY,
                "the container of " + sliver + " could not be " + what + ": " + e.getMessage(),
                e);
    }

    @Override
    public int console(SliverId sliver) throws NodeException {
        String name = requireRunning(sliver);
        try {
            return lxc.console(name);
        } catch (IOException e) {
            throw new NodeException(Reason.Failed, Follow.STALLED, "lxc-console: " + e.getMessage(), e);
        }
    }

    private String requireRunning(SliverId sliver) throws NodeException {
        ContainerState state = state(sliver);
        if (!state.running()) {
            throw new NodeException(
                    Reason.Failed,
                    Follow.STALLED,
                    "the container of " + sliver + " does not run (" + state.phase()
                            + (state.message().isEmpty() ? "" : ": " + state.message()) + ")");
        }
        return names.of(sliver);
    }

    @Override
    public LogText logs(SliverId sliver, ContainerLog log, LogPosition after, int maxBytes) throws NodeException {
        try {
            ContainerFiles.LogPart part = files.read(names.of(sliver), log.fileName(), after, maxBytes);
            return part == null ? new LogText("", after) : new LogText(PlainText.of(part.content), part.next);
        } catch (LinuxException e) {
            throw unreadable(sliver, e);
        }
    }

    private NodeException unreadable(SliverId sliver, IOException e) {
        return new NodeException(
                Reason.StoreFaulty, Follow.WAIT, "the container of " + sliver + ": " + e.getMessage(), e);
    }

    /** A hardware address of the locally administered kind that stays the same for this container. */
    private static String networkAddress(String name) {
        CRC32 crc = new CRC32();
        crc.update(PathBytes.of(name));
        long value = crc.getValue();
        return String.format(
                "02:76:%02x:%02x:%02x:%02x", value >> 24 & 0xff, value >> 16 & 0xff, value >> 8 & 0xff, value & 0xff);
    }
}
