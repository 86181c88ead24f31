package dev.veneer.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.linux.JnrLinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.testkit.Commands;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PersonalizerTest {
    @TempDir
    private Path directory;

    private Path root;
    private Path outside;
    private final Personalizer personalizer = new Personalizer(new JnrLinuxCalls(), new SecureRandom());

    @BeforeEach
    void tree() throws IOException {
        root = Files.createDirectories(directory.resolve("root"));
        outside = Files.createDirectories(directory.resolve("outside"));
        Files.createDirectories(root.resolve("etc/ssh"));
        Files.createDirectories(root.resolve("var/lib/dbus"));
        Files.writeString(root.resolve("etc/hostname"), "builder\n");
        Files.writeString(root.resolve("etc/hosts"), "127.0.0.1 localhost\n127.0.1.1 builder.lan builder\n");
        Files.writeString(root.resolve("etc/machine-id"), "0123\n");
        Files.writeString(root.resolve("var/lib/dbus/machine-id"), "0123\n");
        Files.writeString(root.resolve("etc/ssh/sshd_config"), "");
        Files.writeString(root.resolve("etc/ssh/ssh_host_dsa_key"), "inherited");
        Files.writeString(root.resolve("etc/ssh/ssh_host_ed25519_key"), "inherited");
        Files.writeString(root.resolve("etc/ssh/ssh_config"), "mine");
        Files.writeString(outside.resolve("victim"), "untouched");
    }

    private void personalize() throws LinuxException {
        personalizer.personalize(root.toString(), null, "web");
    }

    private String read(String path) throws IOException {
        return Files.readString(root.resolve(path));
    }

    @Test
    void everyInstanceGetsItsOwn() throws IOException {
        personalize();
        assertEquals("web\n", read("etc/hostname"));
        assertEquals("127.0.0.1 localhost\n127.0.1.1\tweb\n", read("etc/hosts"));
        String first = read("etc/machine-id");
        assertTrue(first.matches("[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}\n"), first);
        assertEquals(first, read("var/lib/dbus/machine-id"));
        try (Stream<Path> files = Files.list(root.resolve("etc/ssh"))) {
            Set<String> names = files.map(file -> file.getFileName().toString()).collect(Collectors.toSet());
            assertEquals(
                    Set.of(
                            "ssh_config",
                            "sshd_config",
                            "ssh_host_ed25519_key",
                            "ssh_host_ed25519_key.pub",
                            "ssh_host_ecdsa_key",
                            "ssh_host_ecdsa_key.pub",
                            "ssh_host_rsa_key",
                            "ssh_host_rsa_key.pub"),
                    names);
        }
        assertEquals("mine", read("etc/ssh/ssh_config"));
        assertEquals("rw-------", permissions("etc/ssh/ssh_host_rsa_key"));
        assertEquals("rw-r--r--", permissions("etc/ssh/ssh_host_rsa_key.pub"));
        assertEquals("r--r--r--", permissions("etc/machine-id"));
        personalize();
        assertNotEquals(first, read("etc/machine-id"));
    }

    private String permissions(String path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(root.resolve(path)));
    }

    @Test
    void treesWithoutTheFilesGetTheFewThatMakeSense() throws IOException {
        Path bare = Files.createDirectories(directory.resolve("bare"));
        personalizer.personalize(bare.toString(), null, "web");
        try (Stream<Path> files = Files.list(bare)) {
            assertEquals(List.of(), files.toList());
        }
        Files.createDirectories(bare.resolve("etc/ssh"));
        personalizer.personalize(bare.toString(), null, "web");
        assertTrue(Files.readString(bare.resolve("etc/hosts")).contains("127.0.1.1\tweb"));
        try (Stream<Path> files = Files.list(bare.resolve("etc/ssh"))) {
            assertEquals(List.of(), files.toList(), "no sshd, no keys");
        }
    }

    @Test
    void linksAreReplacedNeverFollowed() throws IOException {
        for (String file : List.of("etc/hostname", "etc/machine-id", "etc/ssh/ssh_host_ed25519_key")) {
            Files.delete(root.resolve(file));
            Files.createSymbolicLink(root.resolve(file), outside.resolve("victim"));
        }
        Files.createSymbolicLink(root.resolve("etc/.tmp-hostname"), outside.resolve("victim"));
        personalize();
        assertEquals("untouched", Files.readString(outside.resolve("victim")));
        assertTrue(Files.isRegularFile(root.resolve("etc/hostname"), LinkOption.NOFOLLOW_LINKS));
        assertTrue(Files.isRegularFile(root.resolve("etc/machine-id"), LinkOption.NOFOLLOW_LINKS));
    }

    @Test
    void hostsThatIsNoPlainSmallFileIsLeftAlone() throws IOException {
        Files.delete(root.resolve("etc/hosts"));
        Files.createSymbolicLink(root.resolve("etc/hosts"), outside.resolve("victim"));
        personalize();
        assertTrue(Files.isSymbolicLink(root.resolve("etc/hosts")));
        Files.delete(root.resolve("etc/hosts"));
        Commands.run("mkfifo", root.resolve("etc/hosts").toString());
        Assertions.assertTimeoutPreemptively(Duration.ofSeconds(20), this::personalize);
        Files.delete(root.resolve("etc/hosts"));
        byte[] large = new byte[1 << 17];
        Files.write(root.resolve("etc/hosts"), large);
        personalize();
        assertEquals(large.length, Files.size(root.resolve("etc/hosts")));
    }

    @Test
    void directoriesThatAreLinksAreRefused() throws IOException {
        Files.createDirectories(outside.resolve("ssh"));
        Files.writeString(outside.resolve("ssh/ssh_host_rsa_key"), "the host's own");
        Files.move(root.resolve("etc/ssh"), root.resolve("etc/ssh.old"));
        Files.createSymbolicLink(root.resolve("etc/ssh"), outside.resolve("ssh"));
        assertThrows(LinuxException.class, this::personalize);
        assertEquals("the host's own", Files.readString(outside.resolve("ssh/ssh_host_rsa_key")));

        Files.move(root.resolve("etc"), root.resolve("etc.old"));
        Files.createSymbolicLink(root.resolve("etc"), outside);
        assertThrows(LinuxException.class, this::personalize);
        assertFalse(Files.exists(outside.resolve("hostname")));
    }

    @Test
    void directoryInTheWayOfAFileIsAnErrorNotADeletion() throws IOException {
        Files.delete(root.resolve("etc/machine-id"));
        Files.createDirectories(root.resolve("etc/machine-id/kept"));
        Files.createDirectories(root.resolve("etc/ssh/ssh_host_x_key/kept"));
        assertThrows(LinuxException.class, this::personalize);
        assertTrue(Files.exists(root.resolve("etc/machine-id/kept")));
        assertTrue(Files.exists(root.resolve("etc/ssh/ssh_host_x_key/kept")));
    }
}
