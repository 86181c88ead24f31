package dev.veneer.node.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.linux.JnrLinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.model.ContainerSpec;
import dev.veneer.node.model.LxcSettings;
import dev.veneer.node.model.SliverId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A host path that the NodeStore allows must not lead out of itself. */
class HostSourcesTest {
    @TempDir
    private Path directory;

    private Path allowed;

    @BeforeEach
    void make() throws IOException {
        allowed = Files.createDirectory(directory.resolve("allowed"));
        Files.createDirectories(allowed.resolve("data/deep"));
        Files.createDirectory(directory.resolve("secret"));
    }

    private List<String> problems(String source) throws LinuxException {
        LxcSettings lxc = new LxcSettings(
                List.of("lxc.mount.entry = " + source + " mnt none bind,create=dir 0 0"), null, 0, 0, 0, Map.of());
        ContainerSpec spec = new ContainerSpec(
                new SliverId("default", "web"),
                "uid.1",
                "/rootfs",
                null,
                lxc,
                true,
                false,
                List.of(allowed + "/", directory.resolve("named").toString()));
        assertEquals(List.of(), ConfigPolicy.problems(spec));
        return new HostSources(new JnrLinuxCalls(), new HostFiles(new JnrLinuxCalls(), Host.HERE)).problems(spec);
    }

    @Test
    void whatRootAloneCanChangeIsAccepted() throws Exception {
        assertEquals(List.of(), problems(allowed.toString()));
        assertEquals(List.of(), problems(allowed + "/data/deep"));
        assertEquals(List.of(), problems(allowed + "/not/there"));
    }

    @Test
    void aLinkBelowAnAllowedPathIsRefused() throws Exception {
        Files.createSymbolicLink(allowed.resolve("out"), directory.resolve("secret"));
        assertTrue(problems(allowed + "/out").get(0).contains("is a symbolic link"));
        Files.createSymbolicLink(allowed.resolve("up"), Path.of(".."));
        assertTrue(problems(allowed + "/up/secret").get(0).contains("is a symbolic link"));
    }

    @Test
    void aPathThatOthersCouldRedirectIsRefused() throws Exception {
        Files.setPosixFilePermissions(allowed.resolve("data"), PosixFilePermissions.fromString("rwxrwxrwx"));
        assertEquals(List.of(), problems(allowed + "/data"), "what is in it is its owners' own");
        assertTrue(problems(allowed + "/data/deep").get(0).contains("can be changed by others than root"));
        Files.setPosixFilePermissions(allowed.resolve("data"), PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setAttribute(allowed.resolve("data"), "unix:uid", 1_000_000);
        assertTrue(problems(allowed + "/data/deep").get(0).contains("can be changed by others than root"));
    }

    @Test
    void theAllowedPathItselfIsTheNodesAffair() throws Exception {
        Files.createSymbolicLink(directory.resolve("named"), allowed);
        assertEquals(List.of(), problems(directory.resolve("named").toString()));
        assertEquals(List.of(), problems(directory.resolve("named/data/deep").toString()));
    }
}
