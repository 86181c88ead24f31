package dev.veneer.node.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.Directory;
import dev.veneer.node.linux.JnrLinuxCalls;
import dev.veneer.node.linux.LinuxCalls;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LoopDeviceIT {
    private static final Map<LoopDevice.Kind, Long> MAGIC = Map.of(
            LoopDevice.Kind.XFS, Abi.XFS_SUPER_MAGIC,
            LoopDevice.Kind.EXT4, Abi.EXT4_SUPER_MAGIC,
            LoopDevice.Kind.BTRFS, Abi.BTRFS_SUPER_MAGIC);

    @ParameterizedTest
    @EnumSource
    void isMountedAndLeavesNothing(LoopDevice.Kind kind) throws Exception {
        Leftovers leftovers = Leftovers.ofLoopDevices();
        Path where;
        try (LoopDevice device = LoopDevice.create(kind, "noatime")) {
            where = device.mountPoint();
            LinuxCalls calls = new JnrLinuxCalls();
            try (Directory top = Directory.open(calls, where.toString())) {
                assertEquals(MAGIC.get(kind), calls.fstatfs(top.number()).type());
            }
            Path nested = Files.createDirectory(where.resolve("with space\\and backslash"));
            Commands.run("mount", "--bind", nested.toString(), nested.toString());
            assertThrows(AssertionError.class, leftovers::assertNone);
        }
        leftovers.assertNone();
        assertFalse(Files.exists(where.getParent()));
    }

    @ParameterizedTest
    @EnumSource(names = {"XFS", "EXT4"})
    void aPowerCutLosesWhatWasNotSynced(LoopDevice.Kind kind) throws Exception {
        try (LoopDevice device = LoopDevice.create(kind)) {
            Path kept = Files.writeString(device.mountPoint().resolve("kept"), "x");
            Commands.run("sync", "-f", kept.toString());
            Path lost = Files.writeString(device.mountPoint().resolve("lost"), "x");
            device.powerCut();
            assertTrue(Files.exists(kept));
            assertFalse(Files.exists(lost));
        }
    }

    @Test
    void aCopyOfTheDiskIsAnotherFileSystem() throws Exception {
        try (LoopDevice device = LoopDevice.create(LoopDevice.Kind.BTRFS)) {
            Path kept = Files.writeString(device.mountPoint().resolve("kept"), "x");
            Commands.run("sync", "-f", kept.toString());
            try (LoopDevice copy = device.copyOfNow()) {
                assertTrue(Files.exists(copy.mountPoint().resolve("kept")));
                Files.writeString(copy.mountPoint().resolve("more"), "x");
                assertFalse(Files.exists(device.mountPoint().resolve("more")));
            }
        }
    }

    @Test
    void anotherNamespaceHoldsItsOwnMounts() throws Exception {
        try (LoopDevice device = LoopDevice.create(LoopDevice.Kind.EXT4);
                OtherMountNamespace other = OtherMountNamespace.start()) {
            String table = Files.readString(Path.of("/proc/" + other.pid() + "/mountinfo"));
            assertTrue(table.contains(device.mountPoint().toString()));
            Path mine = Path.of("/proc/self/ns/mnt");
            Path theirs = Path.of("/proc/" + other.pid() + "/ns/mnt");
            assertFalse(Files.readSymbolicLink(mine).equals(Files.readSymbolicLink(theirs)));
        }
    }
}
