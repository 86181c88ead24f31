package dev.veneer.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.veneer.node.runtime.SshHostKeys.Kind;
import dev.veneer.node.testkit.Commands;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SshHostKeysTest {
    private static final Set<Kind> QUICK = EnumSet.of(Kind.ED25519, Kind.ECDSA);

    @Test
    void keysHaveTheFormsOfTheirKinds() {
        Map<String, byte[]> files = SshHostKeys.generate(EnumSet.allOf(Kind.class), "root@web", new SecureRandom());
        assertEquals(6, files.size());
        for (String kind : new String[] {"ed25519", "ecdsa", "rsa"}) {
            String secret = text(files.get("ssh_host_" + kind + "_key"));
            assertTrue(secret.startsWith("-----BEGIN OPENSSH PRIVATE KEY-----\n"));
            assertTrue(secret.endsWith("\n-----END OPENSSH PRIVATE KEY-----\n"));
            assertTrue(secret.lines().allMatch(line -> line.length() <= 70));
            String[] shown =
                    text(files.get("ssh_host_" + kind + "_key.pub")).strip().split(" ", -1);
            assertEquals("root@web", shown[2]);
            // The blob starts with the name of its kind, which is repeated in front of it.
            byte[] blob = Base64.getDecoder().decode(shown[1]);
            assertEquals(shown[0], new String(blob, 4, blob[3], StandardCharsets.US_ASCII));
        }
    }

    @Test
    void noTwoSetsShareAKey() {
        Map<String, byte[]> one = SshHostKeys.generate(QUICK, "a", new SecureRandom());
        Map<String, byte[]> other = SshHostKeys.generate(QUICK, "a", new SecureRandom());
        one.forEach((name, content) -> assertFalse(Arrays.equals(content, other.get(name)), name));
    }

    /** Numbers that start with zero bits are where encodings go wrong, so many keys of the quick kinds are made. */
    @Test
    void opensshReadsThemAndFindsTheSamePublicKey(@TempDir Path directory) throws IOException {
        assumeTrue(Files.exists(Path.of("/usr/bin/ssh-keygen")), "ssh-keygen is not installed");
        for (int i = 0; i < 12; i++) {
            Map<String, byte[]> set =
                    SshHostKeys.generate(i == 0 ? EnumSet.allOf(Kind.class) : QUICK, "root@web", new SecureRandom());
            for (Map.Entry<String, byte[]> file : set.entrySet()) {
                if (!file.getKey().endsWith(".pub")) {
                    Path path = directory.resolve(file.getKey() + i);
                    Files.write(path, file.getValue());
                    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
                    String shown = text(set.get(file.getKey() + ".pub")).strip();
                    assertEquals(shown, Commands.run("ssh-keygen", "-y", "-f", path.toString()));
                }
            }
        }
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.US_ASCII);
    }
}
