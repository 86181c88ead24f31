package dev.veneer.node.execute;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.api.Reason;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.JnrLinuxCalls;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.model.IdRange;
import dev.veneer.node.model.MountEntry;
import dev.veneer.node.model.MountSpec;
import dev.veneer.node.model.RootfsMount;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.observe.MountTable;
import dev.veneer.node.testkit.Commands;
import dev.veneer.node.testkit.FaultyLinuxCalls;
import dev.veneer.node.testkit.Leftovers;
import dev.veneer.node.testkit.LoopDevice;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class MounterIT {
    private static final IdRange RANGE = new IdRange(1_000_000, 65_536);

    private final LinuxCalls calls = new JnrLinuxCalls();

    /** A base with a file of user 5, upper and work, and a rootfs directory, below a directory of any name. */
    private record Ground(Path top) {
        static Ground in(Path top) throws Exception {
            Files.createDirectories(top.resolve("base/etc"));
            Files.writeString(top.resolve("base/etc/hostname"), "base");
            Commands.run("chown", "5:6", top.resolve("base/etc/hostname").toString());
            Files.createDirectories(top.resolve("rev/upper"));
            Files.createDirectories(top.resolve("rev/work"));
            Files.createDirectories(top.resolve("rootfs"));
            return new Ground(top);
        }

        Path rootfs() {
            return top.resolve("rootfs");
        }

        RootfsMount overlay(@Nullable IdRange range) {
            MountSpec spec = new MountSpec.Overlay(
                    List.of(top.resolve("base").toString()), top.resolve("rev").toString(), "upper", "work");
            return new RootfsMount("0a1b2c3d", new SliverId("ns", "s"), 3, spec, rootfs().toString(), range);
        }

        RootfsMount bind(@Nullable IdRange range) {
            MountSpec spec = new MountSpec.Bind(top.resolve("base").toString());
            return new RootfsMount("0a1b2c3d", new SliverId("ns", "s"), 3, spec, rootfs().toString(), range);
        }
    }

    private MountEntry topmost(Path target) throws Exception {
        return Objects.requireNonNull(MountTable.read(calls).topmost(target.toString()), "not mounted");
    }

    private static String owner(Path file) {
        return Commands.run("stat", "-c", "%u:%g", file.toString());
    }

    @ParameterizedTest
    @EnumSource
    void overlayWithEveryFeatureOffAndItsLabel(LoopDevice.Kind kind) throws Exception {
        Leftovers leftovers = Leftovers.ofLoopDevices();
        try (LoopDevice device = LoopDevice.create(kind, "nosuid", "nodev", "noexec");
                UserNamespaces namespaces = new UserNamespaces(calls)) {
            Ground ground = Ground.in(device.mountPoint().resolve("odd , : \\ = \n name"));
            Mounter mounter = new Mounter(calls, namespaces);
            mounter.mount(ground.overlay(null));
            MountEntry entry = topmost(ground.rootfs());
            assertEquals("veneer:ns/s@3:0a1b2c3d", entry.source());
            assertTrue(entry.isWritable());
            assertFalse(entry.hasOption("noexec"), entry.options());
            for (String option : List.of("index=off", "metacopy=off", "redirect_dir=nofollow", "nfs_export=off")) {
                // The kernel shows what differs from its own default.
                String name = option.substring(0, option.indexOf('=') + 1);
                assertTrue(
                        !entry.superOptions().contains(name)
                                || entry.superOptions().contains(option),
                        entry.superOptions());
            }
            assertTrue(entry.superOptions().contains("redirect_dir=nofollow"), entry.superOptions());
            Files.writeString(ground.rootfs().resolve("etc/hostname"), "mine");
            assertEquals("base", Files.readString(ground.top().resolve("base/etc/hostname")));
            assertEquals("mine", Files.readString(ground.top().resolve("rev/upper/etc/hostname")));
            NodeException second = assertThrows(NodeException.class, () -> mounter.mount(ground.overlay(null)));
            assertEquals(Reason.ForeignObject, second.reason());
            assertTrue(mounter.unmount(ground.rootfs().toString()));
            assertFalse(mounter.unmount(ground.rootfs().toString()));
        }
        leftovers.assertNone();
    }

    @ParameterizedTest
    @EnumSource
    void overlayOfAnIdRangeKeepsIdsUnshiftedInTheStore(LoopDevice.Kind kind) throws Exception {
        try (LoopDevice device = LoopDevice.create(kind);
                UserNamespaces namespaces = new UserNamespaces(calls)) {
            Ground ground = Ground.in(device.mountPoint().resolve("s"));
            Mounter mounter = new Mounter(calls, namespaces);
            mounter.mount(ground.overlay(RANGE));
            assertEquals(
                    "veneer:ns/s@3:0a1b2c3d+1000000", topmost(ground.rootfs()).source());
            Path file = ground.rootfs().resolve("etc/hostname");
            assertEquals("1000005:1000006", owner(file));
            Commands.run(
                    "setpriv",
                    "--reuid=1000000",
                    "--regid=1000000",
                    "--clear-groups",
                    "--inh-caps=-all",
                    "touch",
                    ground.rootfs().resolve("new").toString());
            assertEquals("0:0", owner(ground.top().resolve("rev/upper/new")));
            Commands.run("chmod", "600", file.toString());
            assertEquals("5:6", owner(ground.top().resolve("rev/upper/etc/hostname")));
            assertTrue(mounter.unmount(ground.rootfs().toString()));
            assertEquals("0:0", owner(Files.createFile(device.mountPoint().resolve("by-us"))));
        }
    }

    @ParameterizedTest
    @EnumSource
    void bindClearsTheFlagsOfTheStore(LoopDevice.Kind kind) throws Exception {
        try (LoopDevice device = LoopDevice.create(kind, "nosuid", "nodev", "noexec");
                UserNamespaces namespaces = new UserNamespaces(calls)) {
            Ground ground = Ground.in(device.mountPoint().resolve("a : , b"));
            Path tool = Files.copy(Path.of("/bin/true"), ground.top().resolve("base/true"));
            Commands.run("chmod", "755", tool.toString());
            assertFalse(Commands.tryRun(tool.toString()), "noexec");
            Mounter mounter = new Mounter(calls, namespaces);
            mounter.mount(ground.bind(null));
            Commands.run(ground.rootfs().resolve("true").toString());
            MountEntry entry = topmost(ground.rootfs());
            assertFalse(entry.hasOption("nosuid") || entry.hasOption("nodev") || entry.hasOption("noexec"));
            MountTable table = MountTable.read(calls);
            MountTable.Place place = table.place(ground.top().resolve("base").toString());
            assertNotNull(place);
            assertEquals(List.of(entry), table.showing(place));
            mounter.unmount(ground.rootfs().toString());

            mounter.mount(ground.bind(RANGE));
            assertTrue(topmost(ground.rootfs()).hasOption("idmapped"));
            assertEquals("1000005:1000006", owner(ground.rootfs().resolve("etc/hostname")));
            mounter.unmount(ground.rootfs().toString());
        }
    }

    @Test
    void whatComesUpReadOnlyIsNotMounted() throws Exception {
        try (LoopDevice device = LoopDevice.create(LoopDevice.Kind.XFS);
                UserNamespaces namespaces = new UserNamespaces(calls)) {
            Ground ground = Ground.in(device.mountPoint().resolve("s"));
            Files.createDirectories(ground.top().resolve("rev/work/work/a/b/c"));
            Files.writeString(ground.top().resolve("rev/work/work/a/b/c/d"), "junk too deep for the kernel");
            Mounter mounter = new Mounter(calls, namespaces);
            NodeException damaged = assertThrows(NodeException.class, () -> mounter.mount(ground.overlay(null)));
            assertEquals(Reason.Damaged, damaged.reason());
            assertNull(MountTable.read(calls).topmost(ground.rootfs().toString()));

            Commands.run("mount", "-o", "remount,ro", device.mountPoint().toString());
            NodeException faulty = assertThrows(NodeException.class, () -> mounter.mount(ground.overlay(null)));
            assertEquals(Reason.StoreFaulty, faulty.reason());
            assertEquals(Follow.WAIT, faulty.follow());
            NodeException bind = assertThrows(NodeException.class, () -> mounter.mount(ground.bind(null)));
            assertEquals(Reason.StoreFaulty, bind.reason());
            assertNull(MountTable.read(calls).topmost(ground.rootfs().toString()));
        }
    }

    @Test
    void whoHoldsABusyMountIsNamed() throws Exception {
        try (LoopDevice device = LoopDevice.create(LoopDevice.Kind.EXT4);
                UserNamespaces namespaces = new UserNamespaces(calls)) {
            Ground ground = Ground.in(device.mountPoint().resolve("s"));
            Mounter mounter = new Mounter(calls, namespaces);
            mounter.mount(ground.overlay(null));
            Process holder = new ProcessBuilder("cat")
                    .directory(ground.rootfs().toFile())
                    .start();
            try {
                NodeException busy = assertThrows(
                        NodeException.class,
                        () -> mounter.unmount(ground.rootfs().toString()));
                assertEquals(Reason.InUse, busy.reason());
                assertTrue(
                        String.valueOf(busy.getMessage()).contains("process " + holder.pid() + " (cat) by cwd"),
                        busy.getMessage());
            } finally {
                holder.destroyForcibly().waitFor();
            }
            assertTrue(mounter.unmount(ground.rootfs().toString()));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"fd", "fd,lowerdir+"})
    void olderKernelsGetNamesInsteadOfDescriptors(String unknown) throws Exception {
        FaultyLinuxCalls faulty = new FaultyLinuxCalls(calls)
                .counting(call -> call.name().equals("fsconfigFd")
                        || (unknown.contains("lowerdir+")
                                && call.name().equals("fsconfigString")
                                && Arrays.equals((byte[]) call.arguments().get(1), PathBytes.of("lowerdir+"))));
        faulty.failFrom(1, Errno.EINVAL);
        try (LoopDevice device = LoopDevice.create(LoopDevice.Kind.XFS);
                UserNamespaces namespaces = new UserNamespaces(calls)) {
            Ground ground = Ground.in(device.mountPoint().resolve("odd , : \\ name"));
            Mounter mounter = new Mounter(faulty.calls(), namespaces);
            for (IdRange range : new @Nullable IdRange[] {null, RANGE}) {
                mounter.mount(ground.overlay(range));
                assertTrue(topmost(ground.rootfs()).isWritable());
                assertEquals("base", Files.readString(ground.rootfs().resolve("etc/hostname")));
                assertTrue(mounter.unmount(ground.rootfs().toString()));
            }
            assertEquals(unknown.equals("fd") ? 1 : 2, faulty.counted(), "tried once, then known");
        }
    }
}
