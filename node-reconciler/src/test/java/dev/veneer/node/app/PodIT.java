package dev.veneer.node.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.testkit.Commands;
import dev.veneer.node.testkit.LoopDevice;
import dev.veneer.node.testkit.OtherJvm;
import dev.veneer.node.testkit.Pod;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The agent in a pod, and its containers on the node: they outlive the pod, and the next one has them. */
class PodIT {
    private static final Map<String, String> NODE =
            Map.of("VENEER_HOST_PROCESS", Long.toString(ProcessHandle.current().pid()));
    private static final Pattern INIT = recordOf("init");
    private static final Pattern MONITOR = recordOf("monitor");

    private static Pattern recordOf(String process) {
        return Pattern.compile('"' + process + "\"\\s*:\\s*\\{\\s*\"pid\"\\s*:\\s*([0-9]+)");
    }

    private final List<AutoCloseable> opened = new ArrayList<>();
    private NodeOnLoop node;

    @BeforeEach
    void start() throws Exception {
        node = new NodeOnLoop(LoopDevice.Kind.XFS);
        Commands.run("mount", "--make-rshared", node.disk.mountPoint().toString());
        node.write("base.yaml", NodeOnLoop.image("base", GuestThatCounts.pack(node)));
        declare("Started");
    }

    private void declare(String state) throws IOException {
        node.write(
                "web.yaml",
                NodeOnLoop.sliver("web", "driver: overlay", "desiredState: " + state, "update: {grace: 1s}"));
    }

    @AfterEach
    void end() throws Exception {
        try {
            for (int i = opened.size() - 1; i >= 0; i--) {
                opened.get(i).close();
            }
            Files.deleteIfExists(node.files.resolve("web.yaml"));
            Files.deleteIfExists(node.files.resolve("more.yaml"));
            node.apply();
        } finally {
            node.close();
        }
    }

    private Pod pod() throws IOException {
        Pod pod = Pod.with(node.disk.mountPoint());
        opened.add(pod);
        return pod;
    }

    private ChildVeneer startIn(Pod pod, String... arguments) throws IOException {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(1, List.of("--store", node.store.toString()));
        ChildVeneer child =
                ChildVeneer.start(NODE, pod.around(OtherJvm.command(Main.class)), all.toArray(new String[0]));
        opened.add(child);
        return child;
    }

    private ChildVeneer agentIn(Pod pod) throws IOException {
        return startIn(pod, "agent", "-f", node.files.toString());
    }

    private NodeOnLoop.Said runIn(Pod pod, String... arguments) throws Exception {
        ChildVeneer child = startIn(pod, arguments);
        return new NodeOnLoop.Said(child.end(), child.said());
    }

    private void await(ChildVeneer agent, AgentIT.Condition condition) throws Exception {
        AgentIT.await(agent, Duration.ofSeconds(60), condition);
    }

    /** What is recorded of the container; empty as long as nothing is. */
    private String record() throws IOException {
        Path containers = node.store.resolve("lxc");
        if (!Files.isDirectory(containers)) {
            return "";
        }
        try (Stream<Path> all = Files.list(containers)) {
            Path record = all.map(each -> each.resolve("container.json"))
                    .filter(Files::exists)
                    .findFirst()
                    .orElse(null);
            return record == null ? "" : Files.readString(record);
        }
    }

    private long recorded(Pattern process) throws IOException {
        Matcher matcher = process.matcher(record());
        return matcher.find() ? Long.parseLong(matcher.group(1)) : 0;
    }

    private boolean counts() throws IOException {
        return GuestThatCounts.count(node) > 0;
    }

    private void assertCounting() throws Exception {
        int before = GuestThatCounts.count(node);
        long until = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (GuestThatCounts.count(node) <= before) {
            assertTrue(System.nanoTime() < until, "the guest stands still at " + before);
            Thread.sleep(20);
        }
    }

    @Test
    void aContainerOutlivesItsPodAndTheNextOneHasIt() throws Exception {
        Pod first = pod();
        ChildVeneer agent = agentIn(first);
        await(agent, () -> recorded(INIT) > 0 && counts());
        long init = recorded(INIT);
        long monitor = recorded(MONITOR);
        String record = record();
        assertTrue(init > 0 && monitor > 0, record);
        assertFalse(first.holds(init) || first.holds(monitor), "the container is in the pod's control groups");
        assertEquals(
                Files.readSymbolicLink(Path.of("/proc/self/ns/mnt")),
                Files.readSymbolicLink(Path.of("/proc/" + monitor + "/ns/mnt")),
                "the monitor is in the node's namespace");
        assertEquals(1, node.mountedAt(node.rootfs("web")).size(), "the node sees the mount");

        first.kill();
        agent.end();
        assertTrue(
                ProcessHandle.of(init).isPresent() && ProcessHandle.of(monitor).isPresent());
        assertCounting();

        ChildVeneer next = agentIn(pod());
        // When this is there it has looked at everything.
        node.write("more.yaml", NodeOnLoop.sliver("more", "driver: overlay"));
        await(next, () -> node.mountedAt(node.rootfs("more")).size() == 1);
        assertEquals(record, record());
        assertCounting();

        declare("Deployed");
        await(
                next,
                () -> ProcessHandle.of(init).isEmpty()
                        && ProcessHandle.of(monitor).isEmpty());
    }

    /** As {@code kubectl exec} runs them. */
    @Test
    void commandsInThePodReachTheContainer() throws Exception {
        Pod pod = pod();
        ChildVeneer agent = agentIn(pod);
        await(agent, () -> recorded(INIT) > 0 && counts());
        NodeOnLoop.Said said = runIn(pod, "exec", "web", "--", "/bin/sh", "-c", "echo 'in it'; exit 7");
        assertEquals(7, said.status(), said.text());
        assertTrue(said.text().contains("in it"), said.text());
        said = runIn(pod, "doctor");
        assertTrue(said.text().contains("LXC") && said.text().contains("works"), said.text());
        // Beside it on the node itself everything is the same.
        String store = node.store.toString();
        assertEquals(
                7,
                node.run("exec", "--store", store, "web", "--", "/bin/sh", "-c", "exit 7")
                        .status());
    }

    /** A container that is held still for a copy must not stay so, and who holds it ends with the pod or is found. */
    @Test
    void aPodKilledWhileAContainerIsHeldStill() throws Exception {
        Pod first = pod();
        ChildVeneer agent = agentIn(first);
        await(agent, () -> recorded(INIT) > 0 && counts());
        long init = recorded(INIT);
        String big = "/bin/busybox dd if=/dev/zero of=/big bs=1M count=300 2>/dev/null; true";
        assertEquals(0, runIn(first, "exec", "web", "--", "/bin/sh", "-c", big).status());
        node.write(
                "web.yaml",
                NodeOnLoop.sliver(
                        "web",
                        "driver: overlay",
                        "desiredState: Started",
                        "update: {grace: 1s}",
                        "snapshots: {" + SnapshotIT.once() + "}"));
        await(agent, this::isMarked);
        first.kill();
        agent.end();
        assertTrue(ProcessHandle.of(init).isPresent());
        ChildVeneer next = agentIn(pod());
        await(next, () -> !isMarked());
        assertEquals(init, recorded(INIT));
        assertCounting();
    }

    private boolean isMarked() throws IOException {
        try (Stream<Path> all = Files.list(node.store.resolve("lxc"))) {
            return all.anyMatch(each -> Files.exists(each.resolve("frozen")));
        }
    }

    @Test
    void aPodThatIsNotPrivilegedSaysSo() throws Exception {
        Pod pod = pod();
        List<String> command = new ArrayList<>(
                List.of("setpriv", "--bounding-set", "-sys_ptrace,-sys_admin", "--inh-caps", "-sys_ptrace,-sys_admin"));
        command.addAll(OtherJvm.command(Main.class));
        try (ChildVeneer doctor =
                ChildVeneer.start(NODE, pod.around(command), "doctor", "--store", node.store.toString())) {
            doctor.end();
            assertTrue(doctor.said().contains("may not be entered"), doctor.said());
            assertTrue(doctor.said().contains("securityContext.privileged: true"), doctor.said());
        }
    }

    /** With a wrong setting slivers are mounted all the same, and those that are to run say what is wrong. */
    @Test
    void aSettingThatIsWrongIsTold() throws Exception {
        Pod pod = pod();
        try (ChildVeneer agent = ChildVeneer.start(
                Map.of("VENEER_HOST_PROCESS", "init"),
                pod.around(OtherJvm.command(Main.class)),
                "agent",
                "-f",
                node.files.toString(),
                "--store",
                node.store.toString())) {
            await(agent, () -> node.mountedAt(node.rootfs("web")).size() == 1);
            await(agent, () -> node.run("get", "slivers").text().contains("LxcUnavailable"));
            String text = node.run("describe", "sliver", "web").text();
            assertTrue(text.contains("VENEER_HOST_PROCESS is"), text);
        }
    }
}
