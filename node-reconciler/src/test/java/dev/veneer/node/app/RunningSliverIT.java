package dev.veneer.node.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.testkit.Commands;
import dev.veneer.node.testkit.LoopDevice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Slivers that run as containers, driven by the commands: the mount is never made twice under a living container. */
class RunningSliverIT {
    private NodeOnLoop node;

    private void begin(LoopDevice.Kind kind, String driver) throws IOException {
        node = new NodeOnLoop(kind);
        Files.setPosixFilePermissions(node.disk.mountPoint(), PosixFilePermissions.fromString("rwxr-xr-x"));
        Path tree = Files.createDirectory(node.archives.resolve("guest"));
        for (String directory : List.of("bin", "sbin", "etc", "proc", "sys", "dev", "run", "tmp", "root", "var")) {
            Files.createDirectory(tree.resolve(directory));
        }
        Files.copy(Path.of("/usr/bin/busybox"), tree.resolve("bin/busybox"));
        for (String applet : List.of("sh", "sleep", "cat", "echo", "halt", "hostname")) {
            Files.createSymbolicLink(tree.resolve("bin/" + applet), Path.of("busybox"));
        }
        Path init = tree.resolve("sbin/init");
        Files.writeString(init, "#!/bin/sh\ntrap 'exit 0' RTMIN+3 PWR TERM\nwhile :; do sleep 1 & wait $!; done\n");
        Files.setPosixFilePermissions(init, PosixFilePermissions.fromString("rwxr-xr-x"));
        String url = node.pack(
                "guest", tree, List.of("bin", "sbin", "etc", "proc", "sys", "dev", "run", "tmp", "root", "var"));
        node.write("base.yaml", NodeOnLoop.image("base", url));
        declare(driver, "Started");
        NodeOnLoop.Said said = node.apply();
        assertEquals(0, said.status(), said.text());
    }

    private void declare(String driver, String power) throws IOException {
        node.write(
                "web.yaml",
                NodeOnLoop.sliver("web", "driver: " + driver, "desiredState: " + power, "update: {grace: 3s}"));
    }

    @AfterEach
    void stopAndUnmount() {
        if (node != null) {
            try {
                Files.deleteIfExists(node.files.resolve("web.yaml"));
                Files.deleteIfExists(node.files.resolve("base.yaml"));
                NodeOnLoop.Said said = node.apply("--allow-shrink");
                assertEquals(0, said.status(), said.text());
            } catch (IOException e) {
                throw new AssertionError(e);
            } finally {
                node.close();
            }
        }
    }

    private String status(String pointer) {
        NodeOnLoop.Said said = node.run("get", "sliver", "web", "-o", "json");
        return Objects.parse(said.text()).at(pointer).asText();
    }

    private static Object device(Path path) throws IOException {
        return Files.getAttribute(path, "unix:dev", LinkOption.NOFOLLOW_LINKS);
    }

    @ParameterizedTest
    @CsvSource({"XFS,overlay", "EXT4,copy", "BTRFS,btrfs-snapshot"})
    void aMountThatTheContainerStillHoldsIsAttachedAgainAndNotMadeTwice(LoopDevice.Kind kind, String driver)
            throws IOException {
        begin(kind, driver);
        Path rootfs = node.rootfs("web");
        Object device = device(rootfs);
        Commands.run("umount", rootfs.toString());
        assertEquals(List.of(), node.mountedAt(rootfs));
        NodeOnLoop.Said said = node.apply();
        assertEquals(0, said.status(), said.text());
        assertEquals(1, node.mountedAt(rootfs).size());
        assertEquals(device, device(rootfs), "it is the same super block");
        NodeOnLoop.Said wrote = node.run("get", "sliver", "web");
        assertTrue(wrote.text().contains("True"), wrote.text());
        assertEquals("Running", status("/status/container/state"));
        NodeOnLoop.Said again = node.apply();
        assertTrue(again.text().contains("Nothing to do"), again.text());
    }

    @Test
    void stoppingUnmappingAndRemoving() throws IOException {
        begin(LoopDevice.Kind.XFS, "overlay");
        assertEquals("Running", status("/status/container/state"));
        Path rootfs = node.rootfs("web");
        assertNotEquals(0, Files.getAttribute(rootfs, "unix:uid"), "root inside is somebody else outside");
        declare("overlay", "Deployed");
        NodeOnLoop.Said said = node.apply();
        assertEquals(0, said.status(), said.text());
        assertEquals("Stopped", status("/status/container/state"));
        assertEquals(
                0, Files.getAttribute(rootfs, "unix:uid"), "only deployed, it is mounted with its ids as they are");
        declare("overlay", "Registered");
        assertEquals(0, node.apply().status());
        assertEquals(List.of(), node.mountedAt(rootfs));
        declare("overlay", "Started");
        assertEquals(0, node.apply().status());
        assertEquals("Running", status("/status/container/state"));
        Files.delete(node.files.resolve("web.yaml"));
        said = node.apply();
        assertEquals(0, said.status(), said.text());
        assertFalse(Files.exists(node.store.resolve("slivers/default/web")));
        assertFalse(Files.exists(rootfs));
    }

    @Test
    void aNewInstanceReplacesTheRunningOne() throws IOException {
        begin(LoopDevice.Kind.XFS, "overlay");
        String machine = Files.readString(node.rootfs("web").resolve("etc/machine-id"));
        node.write(
                "web.yaml",
                NodeOnLoop.sliver(
                        "web", "driver: overlay", "desiredState: Started", "update: {grace: 3s}", "instanceSerial: 2"));
        NodeOnLoop.Said said = node.apply();
        assertEquals(0, said.status(), said.text());
        assertEquals("2", status("/status/revision"));
        assertEquals("Running", status("/status/container/state"));
        assertNotEquals(machine, Files.readString(node.rootfs("web").resolve("etc/machine-id")));
        assertTrue(Files.exists(node.revision("web", 1)), "the revision before is kept for a while");
    }
}
