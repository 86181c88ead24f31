package dev.veneer.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.Fd;
import dev.veneer.node.linux.JnrLinuxCalls;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.testkit.Commands;
import dev.veneer.node.testkit.OtherMountNamespace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The node as an agent in a pod reaches it, by one of its processes, and what is said when something of it is missing. */
class NodeHostIT {
    private static final String NAME = "VENEER_HOST_PROCESS";
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final LinuxCalls calls = new JnrLinuxCalls();
    private Path store;
    private Process sameNamespaces;

    @BeforeEach
    void start() throws IOException {
        store = Files.createTempDirectory("veneer-it-host-");
        Commands.run("mount", "-t", "tmpfs", "host", store.toString());
        Commands.run("mount", "--make-shared", store.toString());
        sameNamespaces = new ProcessBuilder("cat").start();
    }

    @AfterEach
    void end() throws IOException {
        sameNamespaces.destroyForcibly().onExit().join();
        Commands.run("umount", store.toString());
        Files.delete(store);
    }

    private static Host host(long process) {
        return Host.of(NAME, Long.toString(process));
    }

    private RuntimeAvailability availability(Host host) {
        return new LxcRuntime(calls, store.toString(), host).availability();
    }

    private void assertMissing(Host host, String reason, String remedy) {
        RuntimeAvailability found = availability(host);
        assertFalse(found.available(), found.toString());
        assertTrue(found.reason().contains(reason), found.reason());
        assertTrue(found.remedy().contains(remedy), found.remedy());
    }

    @Test
    void lxcOfTheNodeIsFoundAndWorks() {
        RuntimeAvailability found = availability(host(sameNamespaces.pid()));
        assertTrue(found.available(), found.toString());
        assertEquals(availability(Host.HERE), found);
    }

    @ParameterizedTest
    @ValueSource(strings = {"init", "0", "-1", "1 2", "1; reboot", "99999999999", "self", "1/../2", "\u0661"})
    void whatIsNoNumberOfAProcessIsSaid(String value) {
        Host host = Host.of(NAME, value);
        assertMissing(host, "VENEER_HOST_PROCESS is", "set it to 1");
        IOException e = assertThrows(
                IOException.class, () -> host.programs().run(List.of("/bin/true"), LxcCommands.PATH, LIMIT));
        assertTrue(e.getMessage().contains("is not the number of a process"), e.getMessage());
    }

    @Test
    void nothingSaidIsThisProcessItself() {
        assertEquals(Host.HERE, Host.of(NAME, null));
        assertEquals(Host.HERE, Host.of(NAME, ""));
        assertEquals(Host.HERE, Host.of(NAME, " \n"));
        assertEquals("/", new HostFiles(calls, Host.HERE).root());
    }

    @Test
    void aPodWithoutTheProcessesOfTheNode() throws Exception {
        assertMissing(host(ProcessHandle.current().pid()), "is the agent itself", "hostPID: true");
        sameNamespaces.destroyForcibly().waitFor();
        assertMissing(host(sameNamespaces.pid()), "there is no process", "hostPID: true");
    }

    @Test
    void aStoreThatIsAnotherOnTheNode() {
        try (OtherMountNamespace other = OtherMountNamespace.start("mount -t tmpfs other " + store)) {
            assertMissing(host(other.pid()), store + " is another directory", "very same mountPath");
        }
    }

    @Test
    void mountsThatTheNodeWouldNotSee() {
        try (OtherMountNamespace other = OtherMountNamespace.start()) {
            assertMissing(host(other.pid()), "is not seen on the node", "mountPropagation: Bidirectional");
        }
        Commands.run("mount", "--make-private", store.toString());
        assertMissing(host(sameNamespaces.pid()), "is not seen on the node", "mountPropagation: Bidirectional");
    }

    @Test
    void aNodeWithoutLxc() {
        Host host = host(sameNamespaces.pid());
        RuntimeAvailability found = new LxcRuntime(
                        calls, store.toString(), host, host.programs(), Clock.systemUTC(), List.of("/nonexistent"))
                .availability();
        assertFalse(found.available());
        assertEquals("LXC is not installed on the node (lxc-start is missing)", found.reason());
        assertEquals("apt-get install lxc on the node", found.remedy());
    }

    @Test
    void programsRunInTheNodesNamespacesAndInNoGroupOfOurs() throws Exception {
        try (OtherMountNamespace other =
                OtherMountNamespace.start("mount -t tmpfs other " + store + "; touch " + store + "/there")) {
            Programs programs = host(other.pid()).programs();
            assertEquals(0, run(programs, "/bin/ls", store + "/there").exit());
            assertNotEquals(
                    0, run(new HostPrograms(), "/bin/ls", store + "/there").exit());
            String groups = run(programs, "/bin/cat", "/proc/self/cgroup").output();
            for (String line : groups.strip().split("\n", -1)) {
                // The top in a cpuset whose new groups have no processors.
                assertTrue(line.endsWith(":/veneer") || line.matches("\\d+:cpuset:/"), groups);
            }
            assertTrue(groups.contains("/veneer"), groups);
        }
    }

    @Test
    void whatAProgramSaysAndEndsWithComesBack() throws Exception {
        Programs programs = host(sameNamespaces.pid()).programs();
        Programs.Result result = run(programs, "/bin/sh", "-c", "echo \"$1|$PATH\"; exit 7", "sh", "a b'\"$x;\\");
        assertEquals(new Programs.Result(7, "a b'\"$x;\\|" + LxcCommands.PATH + "\n"), result);
        long before = System.nanoTime();
        assertThrows(
                IOException.class,
                () -> programs.run(List.of("/bin/sleep", "60"), LxcCommands.PATH, Duration.ofMillis(300)));
        assertTrue(System.nanoTime() - before < LIMIT.toNanos());
    }

    /** As one inside a container may: it was run, and is not to be run again for ever. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "echo 'nsenter: cannot open /proc/1/ns/mnt: No such file or directory'; exit 1",
                "echo 'nsenter: failed' >&2; exit 125",
                "exit 125",
                "echo 'the control group of the pod cannot be left in / of the node' >&2; exit 125",
                "echo 'veneer: entered'; echo 'nsenter: failed' >&2; exit 1",
                "echo 'veneer: entered' >&2; echo 'nsenter: failed' >&2; exit 127",
                "kill -9 $$"
            })
    void whatAProgramSaysIsNotTakenForTheWayToIt(String script) throws Exception {
        Programs.Result there = run(host(sameNamespaces.pid()).programs(), "/bin/sh", "-c", script);
        assertEquals(run(new HostPrograms(), "/bin/sh", "-c", script), there);
    }

    @Test
    void aProgramThatIsNotThereIsNoFailureToEnter() throws Exception {
        Programs.Result result = run(host(sameNamespaces.pid()).programs(), "/nonexistent/lxc-info");
        assertEquals(127, result.exit());
        assertTrue(result.output().contains("/nonexistent/lxc-info"), result.output());
    }

    @Test
    void whatEndsBeforeItsProgramBeginsIsAnError() {
        String closed = "mount -t tmpfs other /sys/fs/cgroup; mkdir /sys/fs/cgroup/cgroup.procs;"
                + " mount -o remount,ro /sys/fs/cgroup";
        try (OtherMountNamespace other = OtherMountNamespace.start(closed)) {
            Programs programs = host(other.pid()).programs();
            IOException e = assertThrows(IOException.class, () -> run(programs, "/bin/echo", "veneer: entered"));
            assertEquals("the control group of the pod cannot be left in /sys/fs/cgroup of the node", e.getMessage());
        }
        try (OtherMountNamespace other = OtherMountNamespace.start("mount --bind /dev/null $(readlink -f /bin/sh)")) {
            Programs programs = host(other.pid()).programs();
            IOException e = assertThrows(IOException.class, () -> run(programs, "/bin/echo", "veneer: entered"));
            assertTrue(e.getMessage().startsWith("nsenter: failed to execute /bin/sh"), e.getMessage());
        }
    }

    /** An empty answer of lxc-info would say that the container does not run. */
    @Test
    void aNodeThatCannotBeEnteredIsNoAnswerOfTheProgram() throws Exception {
        sameNamespaces.destroyForcibly().waitFor();
        Programs programs = host(sameNamespaces.pid()).programs();
        IOException e = assertThrows(IOException.class, () -> run(programs, "/bin/true"));
        assertTrue(e.getMessage().startsWith("nsenter: "), e.getMessage());
    }

    @Test
    void linksLeadToWhereTheyLeadOnTheNode() throws Exception {
        String setUp = "mount -t tmpfs other $0; echo there >$0/file; ln -s $0/file $0/link; ln -s ../../../../../../.."
                + "$0/file $0/above";
        try (OtherMountNamespace other = OtherMountNamespace.start(setUp.replace("$0", store.toString()))) {
            HostFiles files = new HostFiles(calls, host(other.pid()));
            assertEquals("there\n", files.read(store + "/file"));
            assertEquals("there\n", files.read(store + "/link"));
            assertEquals("there\n", files.read(store + "/above"));
            assertEquals(null, files.read(store + "/none"));
            assertFalse(files.exists(store + "/file/none"));
            assertFalse(new HostFiles(calls, Host.HERE).exists(store + "/file"));
            try (Fd root = files.open("/", Abi.O_PATH)) {
                assertTrue(root.number() >= 0);
            }
        }
    }

    /** So that a killed agent's lxc-freeze is found, however far it had come. */
    @Test
    void everyStageOfACommandIsKnown() throws Exception {
        Programs programs = host(sameNamespaces.pid()).programs();
        List<List<String>> stages = programs.stages(List.of("/usr/bin/lxc-freeze", "-n", "x"));
        assertEquals(
                List.of("nsenter", "/bin/sh", "/usr/bin/lxc-freeze"),
                stages.stream().map(each -> each.get(0)).toList());
        String last = stages.get(1).get(stages.get(1).size() - 1);
        assertEquals("x", last);
        assertEquals(stages, programs.stages(List.of("/usr/bin/lxc-freeze", "-n", "x")));
        assertEquals(List.of(List.of("/bin/true")), Host.HERE.programs().stages(List.of("/bin/true")));
    }

    private static Programs.Result run(Programs programs, String... command) throws IOException {
        return programs.run(List.of(command), LxcCommands.PATH, LIMIT);
    }
}
