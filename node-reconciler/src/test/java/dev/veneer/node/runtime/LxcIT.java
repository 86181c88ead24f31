package dev.veneer.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.api.Reason;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.model.ContainerSpec;
import dev.veneer.node.model.ContainerState;
import dev.veneer.node.model.ContainerState.Phase;
import dev.veneer.node.model.LxcSettings;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.testkit.Commands;
import dev.veneer.node.testkit.OtherJvm;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Real containers of LXC with a busybox guest, in an id range of their own. */
class LxcIT {
    private static final SliverId WEB = new SliverId("default", "web");

    private Guests guests;
    private LxcRuntime runtime;

    @BeforeEach
    void set() throws IOException {
        guests = new Guests();
        runtime = guests.runtime;
    }

    @AfterEach
    void takeAway() throws Exception {
        guests.close();
    }

    private ContainerSpec deploy(LxcSettings lxc) throws IOException {
        return guests.deploy(WEB, guests.busybox(), Guests.RANGE, lxc);
    }

    /** Only additional configuration. */
    private static LxcSettings lxc(String... config) {
        return new LxcSettings(List.of(config), null, 0, 0, 0, Map.of());
    }

    @Test
    void runsUnprivilegedAndIsSeenWithoutAProcess() throws Exception {
        assertTrue(runtime.availability().available(), runtime.availability().toString());
        assertEquals(ContainerState.NONE, runtime.state(WEB));
        ContainerSpec spec = deploy(LxcSettings.NONE);
        runtime.start(spec);

        ContainerState state = runtime.state(WEB);
        assertEquals(Phase.RUNNING, state.phase());
        assertEquals(spec.fingerprint(), state.fingerprint());
        assertEquals(0, state.restarts());
        String status = Files.readString(Path.of("/proc/" + state.initPid() + "/status"));
        String root = Integer.toString(Guests.RANGE.first());
        assertTrue(status.contains("Uid:\t" + root + "\t" + root + "\t" + root), status);
        assertTrue(status.contains("Seccomp:\t2"), status);
        assertEquals(List.of(WEB), runtime.known());

        guests.programs.commands.clear();
        for (int i = 0; i < 10; i++) {
            assertTrue(runtime.state(WEB).running());
            assertTrue(guests.runtime().state(WEB).running());
        }
        assertEquals(List.of(), guests.programs.commands);

        runtime.start(spec);
        assertEquals(state.initPid(), runtime.state(WEB).initPid(), "a second start changes nothing");
    }

    @Test
    void commandsRunInsideAndTheirStatusComesOut() throws Exception {
        runtime.start(deploy(new LxcSettings(List.of(), null, 0, 0, 0, Map.of("GREETING", "hello = 'you'"))));
        assertEquals(7, runtime.exec(WEB, List.of("sh", "-c", "exit 7")));
        assertEquals(0, runtime.exec(WEB, List.of("sh", "-c", "id -u; hostname; cat /etc/hostname; env")));
        List<String> lines = guests.programs.output.lines().toList();
        assertEquals(List.of("0", "web", "web"), lines.subList(0, 3));
        assertTrue(lines.contains("GREETING=hello = 'you'"), lines.toString());
        assertFalse(guests.programs.output.contains("HOME=" + System.getenv("HOME") + "/"), "nothing of ours leaks");
        assertEquals(127, runtime.exec(WEB, List.of("no-such-program")));
        assertEquals(128 + 9, runtime.exec(WEB, List.of("sh", "-c", "kill -9 $$")));
        assertEquals(0, runtime.exec(WEB, List.of("sh", "-c", "ip -o link | grep -v ' lo:' | wc -l")));
        assertEquals("0", guests.programs.output.strip(), "no network but loopback");
        NodeException none =
                assertThrows(NodeException.class, () -> runtime.exec(new SliverId("default", "other"), List.of("id")));
        assertTrue(none.getMessage().contains("does not run"), none.getMessage());
    }

    @Test
    void consoleIsLoggedBoundedAndMadeHarmless() throws Exception {
        Guests.init(
                guests.upper(WEB),
                "printf '\\033]0;title\\007\\033[31mred\\033[0m\\n'; i=0; while [ $i -lt 9000 ]; do"
                        + " echo 0123456789012345678901234567890123456789; i=$((i+1)); done; echo the-end; sleep 600");
        runtime.start(deploy(LxcSettings.NONE));
        Guests.await("all is written", () -> console().contains("the-end"));
        Path log = guests.store.resolve("lxc/" + new ContainerName(guests.store.toString()).of(WEB) + "/console.log");
        assertTrue(Files.size(log) <= 2 * ContainerConfig.CONSOLE_BYTES, "size " + Files.size(log));
        assertFalse(console().contains("\u001b"));
    }

    @Test
    void logIsFollowedIntoTheNextRun() throws Exception {
        Guests.init(guests.upper(WEB), "echo run-$(wc -l < /runs 2>/dev/null || echo 0); echo >> /runs; sleep 600");
        ContainerSpec spec = deploy(LxcSettings.NONE);
        runtime.start(spec);
        Guests.await("the first run", () -> console().contains("run-0"));
        LogText first = runtime.logs(WEB, ContainerLog.CONSOLE, LogPosition.START, 1 << 16);
        assertEquals(
                "",
                runtime.logs(WEB, ContainerLog.CONSOLE, first.next(), 1 << 16).text());
        runtime.stop(WEB, Duration.ZERO);
        runtime.start(spec);
        Guests.await("the second run", () -> runtime.logs(WEB, ContainerLog.CONSOLE, first.next(), 1 << 16)
                .text()
                .contains("run-1"));
    }

    @Test
    void stopsInGrace() throws Exception {
        runtime.start(deploy(LxcSettings.NONE));
        Guests.await("the guest is up", () -> console().contains("guest-up"));
        int init = runtime.state(WEB).initPid();
        long before = System.nanoTime();
        runtime.stop(WEB, Duration.ofSeconds(15));
        assertTrue(System.nanoTime() - before < Duration.ofSeconds(10).toNanos(), "it halts when asked");
        assertEquals(Phase.STOPPED, runtime.state(WEB).phase());
        assertFalse(Files.exists(Path.of("/proc/" + init)));
        assertTrue(console().contains("halting"), console());
        runtime.stop(WEB, Duration.ofSeconds(1));
        assertEquals(Phase.STOPPED, runtime.state(WEB).phase(), "stopping again changes nothing");
    }

    @Test
    void killsWhoDoesNotHalt() throws Exception {
        Guests.init(guests.upper(WEB), "trap '' PWR; echo guest-up; while :; do sleep 0.1; done");
        runtime.start(deploy(LxcSettings.NONE));
        Guests.await("the guest is up", () -> console().contains("guest-up"));
        int init = runtime.state(WEB).initPid();
        long before = System.nanoTime();
        runtime.stop(WEB, Duration.ofSeconds(1));
        long seconds = Duration.ofNanos(System.nanoTime() - before).toSeconds();
        assertTrue(seconds >= 1 && seconds < 10, seconds + " s");
        assertFalse(Files.exists(Path.of("/proc/" + init)));
        assertEquals(0, runtime.state(WEB).initPid());
    }

    @Test
    void crashIsSeenAndCounted() throws Exception {
        ContainerSpec spec = deploy(LxcSettings.NONE);
        runtime.start(spec);
        Processes processes = new Processes(guests.calls);
        for (int restarts = 0; restarts < 3; restarts++) {
            ContainerState state = runtime.state(WEB);
            assertEquals(restarts, state.restarts());
            processes.kill(processes.find(state.initPid()));
            Guests.await("the crash is seen", () -> runtime.state(WEB).phase() == Phase.CRASHED);
            runtime.start(spec);
        }
        runtime.stop(WEB, Duration.ZERO);
        runtime.start(spec);
        assertEquals(0, runtime.state(WEB).restarts(), "a stop by us forgets the crashes");
    }

    @Test
    void monitorKilledTakesTheContainerWithIt() throws Exception {
        ContainerSpec spec = deploy(LxcSettings.NONE);
        runtime.start(spec);
        Processes processes = new Processes(guests.calls);
        int init = runtime.state(WEB).initPid();
        String parent = Commands.run("ps", "-o", "ppid=", "-p", Integer.toString(init));
        processes.kill(processes.find(Integer.parseInt(parent)));
        Guests.await("the crash is seen", () -> runtime.state(WEB).phase() == Phase.CRASHED);
        runtime.start(spec);
        assertNotEquals(init, runtime.state(WEB).initPid());
    }

    @Test
    void rebootFromInsideIsNoCrash() throws Exception {
        runtime.start(deploy(LxcSettings.NONE));
        int first = runtime.state(WEB).initPid();
        runtime.exec(WEB, List.of("reboot", "-f"));
        Guests.await("it runs anew", () -> {
            ContainerState state = runtime.state(WEB);
            return state.running() && state.initPid() != first;
        });
        guests.programs.commands.clear();
        assertTrue(runtime.state(WEB).running());
        assertEquals(List.of(), guests.programs.commands, "LXC is asked once");
        runtime.stop(WEB, Duration.ofSeconds(5));
        assertEquals(Phase.STOPPED, runtime.state(WEB).phase());
    }

    @Test
    void failedStartTellsWhy() throws Exception {
        Guests.init(guests.upper(WEB), "echo last words; exit 3");
        ContainerSpec spec = deploy(lxc("lxc.init.cmd = /bin/does-not-exist"));
        NodeException missing = assertThrows(NodeException.class, () -> runtime.start(spec));
        assertEquals(Reason.ContainerFailed, missing.reason());
        assertTrue(missing.getMessage().contains("does-not-exist"), missing.getMessage());
        ContainerState state = runtime.state(WEB);
        assertEquals(Phase.CRASHED, state.phase());
        assertTrue(state.message().contains("does-not-exist"), state.message());
    }

    @Test
    void storeThatTheMappedRootCannotSearchIsNamed() throws Exception {
        ContainerSpec spec = deploy(LxcSettings.NONE);
        Commands.run("chmod", "700", guests.store.toString());
        NodeException e = assertThrows(NodeException.class, () -> runtime.start(spec));
        assertTrue(e.getMessage().contains(guests.store.toString()), e.getMessage());
        assertTrue(e.getMessage().contains("x access"), e.getMessage());
    }

    @Test
    void startCutShortIsSortedOut() throws Exception {
        ContainerSpec spec = deploy(LxcSettings.NONE);
        runtime.start(spec);
        int init = runtime.state(WEB).initPid();
        Path record =
                guests.store.resolve("lxc/" + new ContainerName(guests.store.toString()).of(WEB) + "/container.json");
        String started = Files.readString(record);
        Files.writeString(record, started.replace("STARTED", "STARTING"));
        assertEquals(init, guests.runtime().state(WEB).initPid(), "killed between start and record");
        Files.writeString(record, "{");
        assertEquals(init, guests.runtime().state(WEB).initPid(), "record damaged");
        Files.delete(record);
        runtime.start(spec);
        assertEquals(init, runtime.state(WEB).initPid(), "record lost: the running one is taken over");
        Files.writeString(record, started.replace("STARTED", "STARTING"));
        runtime.stop(WEB, Duration.ZERO);
        Files.writeString(record, started.replace("STARTED", "STARTING"));
        assertEquals(Phase.CRASHED, guests.runtime().state(WEB).phase());
        Files.writeString(record, started.replaceAll("bootId\" : \"", "bootId\" : \"other-"));
        assertEquals(Phase.STOPPED, guests.runtime().state(WEB).phase(), "another boot");
    }

    @Test
    void limitsAreInEffect() throws Exception {
        LxcSettings limits = new LxcSettings(List.of(), null, 64 << 20, 250, 40, Map.of());
        runtime.start(deploy(limits));
        HostFacts facts = guests.probe().facts();
        String group = "lxc.payload." + new ContainerName(guests.store.toString()).of(WEB);
        if (facts.legacyControllers().contains("memory")) {
            assertEquals("67108864", cgroup("memory/" + group + "/memory.limit_in_bytes"));
            assertEquals("25000", cgroup("cpu/" + group + "/cpu.cfs_quota_us"));
            assertEquals("40", cgroup("pids/" + group + "/pids.max"));
            assertFalse(cgroup("devices/" + group + "/devices.list").contains("a *:* rwm"));
        } else {
            assertEquals("67108864", cgroup(group + "/memory.max"));
            assertEquals("25000 100000", cgroup(group + "/cpu.max"));
            assertEquals("40", cgroup(group + "/pids.max"));
        }
        assertNotEquals(
                0, runtime.exec(WEB, List.of("sh", "-c", "for i in $(seq 60); do sleep 5 & done; wait")), "pids");
        assertNotEquals(0, runtime.exec(WEB, List.of("sh", "-c", "dd if=/dev/zero of=/dev/null bs=200M count=1")));
    }

    private static String cgroup(String path) throws IOException {
        return Files.readString(Path.of("/sys/fs/cgroup", path)).strip();
    }

    @Test
    void vethLiesOnTheNamedBridge() throws Exception {
        String bridge = "vnr" + ProcessHandle.current().pid();
        LxcSettings network =
                new LxcSettings(List.of("lxc.net.0.ipv4.address = 10.213.0.2/24"), bridge, 0, 0, 0, Map.of());
        ContainerSpec spec = deploy(network);
        NodeException missing = assertThrows(NodeException.class, () -> runtime.start(spec));
        assertTrue(missing.getMessage().contains("no bridge " + bridge), missing.getMessage());
        Commands.run("ip", "link", "add", bridge, "type", "bridge");
        try {
            Commands.run("ip", "addr", "add", "10.213.0.1/24", "dev", bridge);
            Commands.run("ip", "link", "set", bridge, "up");
            runtime.start(spec);
            assertTrue(
                    Commands.run("ip", "-o", "link", "show", "master", bridge).contains("veth"));
            assertEquals(0, runtime.exec(WEB, List.of("ip", "-o", "addr", "show", "dev", "eth0")));
            assertTrue(guests.programs.output.contains("10.213.0.2/24"), guests.programs.output);
            // A bridge passes nothing before the kernel has taken notice, in its own time, that its first port is up.
            Guests.await(
                    "the bridge answers",
                    () -> runtime.exec(WEB, List.of("ping", "-c", "1", "-W", "1", "10.213.0.1")) == 0);
            runtime.stop(WEB, Duration.ZERO);
        } finally {
            Commands.run("ip", "link", "del", bridge);
        }
    }

    @Test
    void additionsOfTheOwnerAreInEffect() throws Exception {
        runtime.start(deploy(lxc(
                "lxc.sysctl.net.ipv4.ip_forward = 1",
                "lxc.prlimit.nofile = 77:99",
                "lxc.proc.oom_score_adj = 321",
                "lxc.mount.entry = tmpfs mnt/scratch tmpfs size=1m,create=dir 0 0",
                "lxc.cap.drop = net_raw")));
        assertEquals(
                0,
                runtime.exec(
                        WEB,
                        List.of(
                                "sh",
                                "-c",
                                "cat /proc/sys/net/ipv4/ip_forward /proc/1/oom_score_adj;"
                                        + " grep scratch /proc/mounts | cut -d' ' -f3; grep files /proc/1/limits")));
        List<String> lines = guests.programs.output.lines().toList();
        assertEquals(List.of("1", "321", "tmpfs"), lines.subList(0, 3));
        assertTrue(lines.get(3).matches("Max open files +77 +99 .*"), lines.get(3));
    }

    @Test
    void personalFilesBelongToTheGuestsRootAndAreMadeOnce() throws Exception {
        Path ssh = guests.upper(WEB).resolve("etc/ssh");
        Files.createDirectories(ssh);
        Files.writeString(ssh.resolve("sshd_config"), "");
        ContainerSpec spec = deploy(LxcSettings.NONE);
        runtime.start(spec);
        String key = "/etc/ssh/ssh_host_ed25519_key";
        String look = "stat -c '%u:%g %a' " + key + " /etc/machine-id; cat /etc/machine-id " + key + ".pub";
        runtime.exec(WEB, List.of("sh", "-c", look));
        String first = guests.programs.output;
        assertTrue(first.startsWith("0:0 600\n0:0 444\n"), first);
        assertEquals(0, Files.getAttribute(guests.upper(WEB).resolve("etc/machine-id"), "unix:uid"), "unshifted");
        runtime.stop(WEB, Duration.ZERO);
        runtime.start(spec);
        runtime.exec(WEB, List.of("sh", "-c", look));
        assertEquals(first, guests.programs.output, "a restart changes nothing");
        runtime.stop(WEB, Duration.ZERO);
        runtime.start(
                new ContainerSpec(WEB, "uid:2", spec.rootfs(), spec.idRange(), spec.lxc(), true, false, List.of()));
        runtime.exec(WEB, List.of("sh", "-c", look));
        assertNotEquals(first, guests.programs.output, "a new instance is somebody else");
    }

    @Test
    void runsOnAnIdmappedBindMountToo() throws Exception {
        Path copy = guests.copyOf(guests.busybox());
        runtime.start(guests.deployBind(WEB, copy, Guests.RANGE));
        assertEquals(0, runtime.exec(WEB, List.of("sh", "-c", "echo x > /file && stat -c %u /file /bin/busybox")));
        assertEquals("0\n0", guests.programs.output.strip());
        assertEquals(0, Files.getAttribute(copy.resolve("file"), "unix:uid"), "unshifted");
    }

    /** As after the store was moved: LXC then finds no container by the new path. */
    @Test
    void noSecondContainerIsStartedOnARootfsThatOneLivesIn() throws Exception {
        for (ContainerSpec spec : List.of(
                deploy(LxcSettings.NONE),
                guests.deployBind(
                        new SliverId("default", "bound"), guests.copyOf(guests.busybox()), Guests.OTHER_RANGE))) {
            runtime.start(spec);
            LxcRuntime moved = guests.runtimeOf(Files.createDirectories(guests.store.resolve("moved")));
            NodeException refused = assertThrows(NodeException.class, () -> moved.start(spec));
            assertEquals(Reason.InUse, refused.reason());
            assertTrue(String.valueOf(refused.getMessage()).contains("already the root directory of process"));
            assertFalse(moved.state(spec.sliver()).running());
            runtime.stop(spec.sliver(), Duration.ofSeconds(1));
        }
    }

    @Test
    void outlivesWhoStartedIt() throws Exception {
        ContainerSpec spec = deploy(LxcSettings.NONE);
        Path group =
                Files.createDirectory(Path.of("/sys/fs/cgroup", cgroupWithProcesses(), "veneer-it-" + spec.hashCode()));
        Process agent = null;
        try {
            List<String> command =
                    new ArrayList<>(List.of("sh", "-c", "echo $$ > " + group + "/cgroup.procs && exec \"$@\"", "sh"));
            command.addAll(OtherJvm.command(StartAndWait.class));
            command.addAll(List.of(guests.store.toString(), spec.rootfs()));
            // Only what it says on purpose: a JVM may warn of something on its standard error.
            agent = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            byte[] word = agent.getInputStream().readNBytes("started\n".length());
            assertEquals("started\n", new String(word, StandardCharsets.UTF_8));
            ContainerState state = runtime.state(WEB);
            assertTrue(state.running());
            List<String> members = Files.readAllLines(group.resolve("cgroup.procs"));
            assertEquals(List.of(Long.toString(agent.pid())), members, "only the starter is in its control group");
            String session = Commands.run("ps", "-o", "sess=", "-p", Long.toString(agent.pid()))
                    .strip();
            assertNotEquals(
                    session,
                    Commands.run("ps", "-o", "sess=", "-p", Integer.toString(state.initPid()))
                            .strip());
            agent.destroyForcibly().waitFor();
            Thread.sleep(300);
            assertEquals(state.initPid(), runtime.state(WEB).initPid());
            assertEquals(0, runtime.exec(WEB, List.of("true")));
        } finally {
            // Also when an assertion failed: a control group with a process in it cannot be removed.
            if (agent != null) {
                agent.destroyForcibly().waitFor();
            }
            Files.delete(group);
        }
    }

    private static String cgroupWithProcesses() {
        return Files.isDirectory(Path.of("/sys/fs/cgroup/pids")) ? "pids" : "";
    }

    @Test
    void longestNamesWork() throws Exception {
        SliverId longest = new SliverId("n".repeat(63), "s".repeat(63));
        runtime.start(guests.deploy(longest, guests.busybox(), Guests.RANGE, LxcSettings.NONE));
        assertTrue(guests.runtime().state(longest).running());
        assertEquals(0, runtime.exec(longest, List.of("hostname")));
        assertEquals(longest.name(), guests.programs.output.strip());
        runtime.stop(longest, Duration.ofSeconds(5));
        assertEquals(Phase.STOPPED, runtime.state(longest).phase());
    }

    @Test
    void refusesWhatBreaksOut() throws Exception {
        ContainerSpec spec = deploy(lxc("lxc.hook.start-host = /bin/true"));
        NodeException e = assertThrows(NodeException.class, () -> runtime.start(spec));
        assertEquals(Reason.NotAllowed, e.reason());
        assertEquals(ContainerState.NONE, runtime.state(WEB));
        assertEquals(List.of(), runtime.known());
    }

    @Test
    void hostUserNamespaceRunsWithTheHostsIds() throws Exception {
        runtime.start(guests.deploy(WEB, guests.busybox(), null, LxcSettings.NONE));
        String status = Files.readString(Path.of("/proc/" + runtime.state(WEB).initPid() + "/status"));
        assertTrue(status.contains("Uid:\t0\t0"), status);
        assertNotEquals(0, runtime.exec(WEB, List.of("sh", "-c", "mknod /x b 8 0 && cat /x")), "devices are closed");
        assertNotEquals(0, runtime.exec(WEB, List.of("sh", "-c", "echo 1 > /proc/sys/kernel/panic")));
        assertNotEquals(
                0,
                runtime.exec(WEB, List.of("mount", "-o", "remount,rw", "/proc/sys")) == 0
                        ? runtime.exec(WEB, List.of("sh", "-c", "echo x > /proc/sysrq-trigger"))
                        : 1);
    }

    @Test
    void removeForgetsWhatDoesNotRun() throws Exception {
        runtime.start(deploy(LxcSettings.NONE));
        assertEquals(
                Reason.InUse,
                assertThrows(NodeException.class, () -> runtime.remove(WEB)).reason());
        runtime.stop(WEB, Duration.ZERO);
        runtime.remove(WEB);
        assertEquals(List.of(), runtime.known());
        assertEquals(ContainerState.NONE, runtime.state(WEB));
        runtime.remove(WEB);
    }

    @Test
    void withoutLxcTheRemedyIsNamed() throws Exception {
        LxcRuntime none = new LxcRuntime(
                guests.calls,
                guests.store.toString(),
                Host.HERE,
                guests.programs,
                java.time.Clock.systemUTC(),
                List.of("/nonexistent"));
        assertFalse(none.availability().available());
        NodeException e = assertThrows(NodeException.class, () -> none.start(deploy(LxcSettings.NONE)));
        assertEquals(Reason.LxcUnavailable, e.reason());
        assertTrue(e.getMessage().contains("apt-get install lxc"), e.getMessage());
    }

    private String console() throws NodeException {
        return runtime.logs(WEB, ContainerLog.CONSOLE, LogPosition.START, 1 << 19)
                .text();
    }
}
