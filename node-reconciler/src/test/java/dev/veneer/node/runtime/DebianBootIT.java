package dev.veneer.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.model.ContainerSpec;
import dev.veneer.node.model.ContainerState.Phase;
import dev.veneer.node.model.LxcSettings;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.testkit.Commands;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A whole Debian with systemd, unprivileged: it boots, it is itself, its package manager works, it halts. */
class DebianBootIT {
    private static final SliverId ONE = new SliverId("default", "one");
    private static final SliverId TWO = new SliverId("default", "two");

    /** Made once with the project's own script and kept in the build directory. */
    private static Path archive() throws IOException {
        Path project = Path.of("").toAbsolutePath();
        while (!Files.exists(project.resolve("hack/debian-base.sh"))) {
            project = project.getParent();
        }
        Path archive = project.resolve("node-reconciler/target/it/debian-systemd.tar");
        if (!Files.exists(archive)) {
            Files.createDirectories(archive.getParent());
            String script = project.resolve("hack/debian-base.sh").toString();
            Commands.run("sh", script, archive.toString(), "systemd,systemd-sysv,dbus,openssh-server");
        }
        return archive;
    }

    private static Path debianPackage(Path directory) throws IOException {
        Path tree = directory.resolve("package");
        Files.createDirectories(tree.resolve("DEBIAN"));
        Files.createDirectories(tree.resolve("usr/bin"));
        Files.writeString(
                tree.resolve("DEBIAN/control"),
                """
                Package: veneer-probe
                Version: 1.0
                Architecture: all
                Maintainer: nobody <nobody@localhost>
                Description: shows that packages can be installed
                """);
        Files.writeString(tree.resolve("DEBIAN/postinst"), "#!/bin/sh\nset -e\nchown nobody /usr/bin/veneer-probe\n");
        Files.writeString(tree.resolve("usr/bin/veneer-probe"), "#!/bin/sh\necho installed\n");
        Commands.run("chmod", "-R", "755", tree.toString());
        Path file = directory.resolve("veneer-probe.deb");
        Commands.run("dpkg-deb", "--root-owner-group", "--build", tree.toString(), file.toString());
        return file;
    }

    @Test
    void debianBootsAndInstallsPackages() throws Exception {
        try (Guests guests = new Guests()) {
            LxcRuntime runtime = guests.runtime;
            Path base = Files.createDirectories(guests.store.resolve("bases/debian"));
            Commands.run("tar", "-xf", archive().toString(), "-C", base.toString());
            Files.createDirectories(guests.upper(ONE).resolve("srv"));
            Path file = debianPackage(guests.store.resolve("bases"));
            Files.copy(file, guests.upper(ONE).resolve("srv/veneer-probe.deb"));
            LxcSettings limits = new LxcSettings(List.of(), null, 1L << 30, 0, 2000, Map.of());
            ContainerSpec one = guests.deploy(ONE, base, Guests.RANGE, limits);
            runtime.start(one);
            runtime.start(guests.deploy(TWO, base, Guests.OTHER_RANGE, LxcSettings.NONE));

            for (SliverId sliver : List.of(ONE, TWO)) {
                // Right after the start there is no bus to ask yet.
                Guests.await("systemd answers", () -> runtime.exec(sliver, List.of("systemctl", "list-jobs")) == 0);
                runtime.exec(sliver, List.of("systemctl", "is-system-running", "--wait"));
                String state = guests.programs.output.strip();
                runtime.exec(sliver, List.of("systemctl", "--failed", "--plain", "--no-legend"));
                assertTrue(state.equals("running") || state.equals("degraded"), state + guests.programs.output);
                assertEquals(0, runtime.exec(sliver, List.of("hostname")));
                assertEquals(sliver.name(), guests.programs.output.strip());
            }
            assertNotEquals(output(guests, ONE, "cat /etc/machine-id"), output(guests, TWO, "cat /etc/machine-id"));
            assertNotEquals(
                    output(guests, ONE, "cat /etc/ssh/ssh_host_ed25519_key.pub"),
                    output(guests, TWO, "cat /etc/ssh/ssh_host_ed25519_key.pub"));
            assertEquals("active", output(guests, ONE, "systemctl is-active ssh"));
            assertEquals("127.0.1.1       one", output(guests, ONE, "getent hosts one"));

            assertEquals("", output(guests, ONE, "dpkg -i /srv/veneer-probe.deb > /dev/null"));
            assertEquals("installed", output(guests, ONE, "veneer-probe"));
            assertEquals("nobody", output(guests, ONE, "stat -c %U /usr/bin/veneer-probe"));
            assertEquals("", output(guests, ONE, "apt-get -qq -y purge veneer-probe > /dev/null"));
            assertEquals("", output(guests, ONE, "apt-get -qq -y install /srv/veneer-probe.deb > /dev/null 2>&1"));
            assertEquals("installed", output(guests, ONE, "veneer-probe"));
            assertEquals(65_534, Files.getAttribute(guests.upper(ONE).resolve("usr/bin/veneer-probe"), "unix:uid"));

            long before = System.nanoTime();
            runtime.stop(ONE, Duration.ofSeconds(60));
            assertTrue(System.nanoTime() - before < Duration.ofSeconds(50).toNanos(), "systemd halts when asked");
            assertEquals(Phase.STOPPED, runtime.state(ONE).phase());
            assertTrue(runtime.state(TWO).running());
        }
    }

    /** What a command prints; it has to succeed. */
    private static String output(Guests guests, SliverId sliver, String command) throws Exception {
        int status = guests.runtime.exec(sliver, List.of("sh", "-c", command));
        assertEquals(0, status, command + ": " + guests.programs.output);
        return guests.programs.output.strip();
    }
}
