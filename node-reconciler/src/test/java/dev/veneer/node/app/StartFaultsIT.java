package dev.veneer.node.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.testkit.Commands;
import dev.veneer.node.testkit.FaultyLinuxCalls;
import dev.veneer.node.testkit.Leftovers;
import dev.veneer.node.testkit.LoopDevice;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Passes that start a sliver and stop and remove another are cut at each call by which the runtime changes something, and
 * each of its calls fails once: no sliver ever runs twice, the next passes bring what is declared, and no process is left.
 */
@Timeout(600)
class StartFaultsIT {
    private Leftovers leftovers;

    @BeforeEach
    void look() {
        leftovers = Leftovers.ofLoopDevices();
    }

    @AfterEach
    void nothingIsLeft() {
        leftovers.assertNone();
    }

    @Test
    void cuts() throws Exception {
        int made = Campaign.run(
                "StartFaultsIT, cuts",
                LoopDevice.Kind.XFS,
                call -> FaultyLinuxCalls.CHANGING.test(call) && isOfRuntime(),
                Fault::cuts,
                Running::new);
        assertTrue(made >= 10, "cuts: " + made);
    }

    @Test
    void errnos() throws Exception {
        int made = Campaign.run(
                "StartFaultsIT, errnos", LoopDevice.Kind.XFS, call -> isOfRuntime(), Fault::errnos, Running::new);
        assertTrue(made >= 30, "faults: " + made);
    }

    private static boolean isOfRuntime() {
        return StackWalker.getInstance()
                .walk(frames -> frames.anyMatch(
                        frame -> frame.getClassName().startsWith("dev.veneer.node.runtime.LxcRuntime")));
    }

    /** In each turn another sliver runs, and the one before goes. */
    private static final class Running implements FaultWorld {
        private final Site site;
        private final String archive;
        private int turn;

        Running(LoopDevice device, String directory) throws Exception {
            site = Site.in(device, directory);
            archive = guest(site.home().resolve("guest"));
            next();
            recover();
        }

        /** A guest of a shell that waits to be told to halt. */
        private static String guest(Path tree) throws Exception {
            for (String each : List.of("bin", "sbin", "etc", "proc", "sys", "dev", "tmp", "run")) {
                Files.createDirectories(tree.resolve(each));
            }
            Files.copy(Path.of("/usr/bin/busybox"), tree.resolve("bin/busybox"));
            Files.createSymbolicLink(tree.resolve("bin/sh"), Path.of("busybox"));
            Files.createSymbolicLink(tree.resolve("bin/sleep"), Path.of("busybox"));
            Path init = tree.resolve("sbin/init");
            Files.writeString(init, "#!/bin/sh\ntrap 'exit 0' PWR\nwhile :; do sleep 0.1; done\n");
            Files.setPosixFilePermissions(init, PosixFilePermissions.fromString("rwxr-xr-x"));
            Commands.run("tar", "-C", tree.toString(), "--owner=0", "--group=0", "-cf", tree + ".tar", ".");
            return tree + ".tar";
        }

        private static String name(int of) {
            return "g" + of;
        }

        @Override
        public void next() throws Exception {
            turn++;
            String spec = "driver: overlay, desiredState: Started, update: {grace: 0s}";
            site.declare(Site.image("guest", archive, ""), Site.sliver(name(turn), "guest", spec));
        }

        @Override
        public void pass(FaultyLinuxCalls faulty) throws Exception {
            site.pass(faulty.calls()).results().forEach(each -> {
                NodeException failure = each.failure();
                String why = failure == null ? "" : String.valueOf(failure.getMessage());
                assertFalse(why.contains("internal error"), () -> each.action() + ": " + why);
            });
        }

        @Override
        public void afterFault() throws Exception {
            assertTrue(site.mounts(name(turn)) <= 1);
            assertTrue(site.mounts(name(turn - 1)) <= 1);
            List<String> monitors = monitors();
            assertEquals(monitors.stream().distinct().toList(), monitors);
        }

        @Override
        public void recover() throws Exception {
            // A start that was cut short counts as a crash, after which is waited a little.
            for (int tries = 0; tries < 60 && !isDone(); tries++) {
                Thread.sleep(tries == 0 ? 0 : 250);
                site.pass(Site.REAL);
            }
            site.convergeInOneRun();
            assertEquals(1, monitors().size(), monitors().toString());
            assertEquals(1, site.mounts(name(turn)));
            site.assertGone(name(turn - 1));
        }

        private boolean isDone() throws Exception {
            try (NodeParts node = NodeParts.open(Site.REAL, site.store().toString(), "test")) {
                return node.observer().observe().slivers().values().stream()
                        .allMatch(sliver -> sliver.record().id().name().equals(name(turn))
                                && sliver.container().running());
            }
        }

        /** The command lines of the monitors of this store's containers. */
        private List<String> monitors() throws Exception {
            List<String> found = new ArrayList<>();
            try (Stream<Path> all = Files.list(Path.of("/proc"))) {
                for (Path each : (Iterable<Path>)
                        all.filter(p -> p.getFileName().toString().matches("[0-9]+"))::iterator) {
                    String line = commandLine(each);
                    if (line.startsWith("[lxc monitor] " + site.store() + "/lxc ")) {
                        found.add(line.replace("\0", ""));
                    }
                }
            }
            return found;
        }

        private static String commandLine(Path process) {
            try {
                return Files.readString(process.resolve("cmdline"), StandardCharsets.ISO_8859_1);
            } catch (java.io.IOException e) {
                // It ended meanwhile.
                return "";
            }
        }

        @Override
        public void close() {
            try {
                site.declare(Site.image("guest", archive, ""));
                site.pass(Site.REAL);
                assertEquals(List.of(), monitors(), "containers that were not stopped");
            } catch (Exception e) {
                throw new AssertionError("while ending the containers", e);
            } finally {
                site.close();
            }
        }
    }
}
