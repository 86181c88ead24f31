package dev.veneer.node.execute;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.api.Reason;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.Fd;
import dev.veneer.node.linux.JnrLinuxCalls;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.model.IdRange;
import dev.veneer.node.model.MountSpec;
import dev.veneer.node.model.RootfsMount;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.observe.MountTable;
import dev.veneer.node.testkit.Commands;
import dev.veneer.node.testkit.FaultyLinuxCalls;
import dev.veneer.node.testkit.LoopDevice;
import dev.veneer.node.testkit.OtherMountNamespace;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class InUseProbeIT {
    private final LinuxCalls calls = new JnrLinuxCalls();

    private static Path prepare(LoopDevice device) throws Exception {
        Files.createDirectories(device.mountPoint().resolve("base"));
        return Files.createDirectories(device.mountPoint().resolve("scratch"));
    }

    private static RootfsMount sliver(LoopDevice device, String name, boolean bind, @Nullable IdRange range)
            throws Exception {
        Path top = device.mountPoint().resolve("s , " + name);
        for (String part : List.of("rev/upper", "rev/work", "rev/tree", "rootfs")) {
            Files.createDirectories(top.resolve(part));
        }
        String rev = top.resolve("rev").toString();
        MountSpec spec = bind
                ? new MountSpec.Bind(rev + "/tree")
                : new MountSpec.Overlay(
                        List.of(device.mountPoint().resolve("base").toString()), rev, "upper", "work");
        return new RootfsMount(
                "0a1b2c3d",
                new SliverId("ns", name),
                1,
                spec,
                top.resolve("rootfs").toString(),
                range);
    }

    private Mounter mounter() {
        return new Mounter(calls, new UserNamespaces(calls));
    }

    private static void assertEmpty(Path scratch) {
        assertEquals(0, scratch.toFile().list().length, "the probe leaves nothing");
    }

    @ParameterizedTest
    @EnumSource
    void findsTheOnesInUseAmongHundreds(LoopDevice.Kind kind) throws Exception {
        try (LoopDevice device = LoopDevice.create(kind)) {
            Path scratch = prepare(device);
            List<RootfsMount> all = new ArrayList<>();
            for (int i = 0; i < 600; i++) {
                all.add(sliver(device, "n" + i, false, null));
            }
            InUseProbe probe = new InUseProbe(calls, scratch.toString());
            assertEquals(Map.of(), probe.check(all));
            long begin = System.nanoTime();
            assertEquals(Map.of(), probe.check(all));
            System.out.println("600 free stores on " + kind + " in " + (System.nanoTime() - begin) / 1000 + " us");
            // Lazily detached, with a process in it: in no table, but alive.
            RootfsMount lost = all.get(333);
            RootfsMount last = all.get(599);
            mounter().mount(lost);
            mounter().mount(last);
            Process inside = new ProcessBuilder("cat")
                    .directory(new java.io.File(lost.target()))
                    .start();
            try {
                Commands.run("umount", "--lazy", lost.target());
                Map<RootfsMount, String> used = probe.check(all);
                assertEquals(Set.of(lost, last), used.keySet());
                assertTrue(String.valueOf(used.get(lost)).contains("no mount table"), used.get(lost));
                assertTrue(String.valueOf(used.get(last)).contains(last.target()), used.get(last));
            } finally {
                inside.destroyForcibly().waitFor();
            }
            mounter().unmount(last.target());
            assertEquals(Map.of(), probe.check(all));
            assertEmpty(scratch);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void seesMountsThatOnlyAnotherNamespaceHoldsAndAttachesThemAgain(boolean bind) throws Exception {
        try (LoopDevice device = LoopDevice.create(LoopDevice.Kind.XFS)) {
            Path scratch = prepare(device);
            IdRange range = new IdRange(2_000_000, 65_536);
            for (IdRange mapped : new @Nullable IdRange[] {null, range}) {
                RootfsMount mount = sliver(device, "held" + (mapped == null ? "" : "-mapped"), bind, mapped);
                Path target = Path.of(mount.target());
                mounter().mount(mount);
                Object before = Files.getAttribute(target, "unix:dev");
                try (OtherMountNamespace other = OtherMountNamespace.start()) {
                    assertTrue(mounter().unmount(mount.target()));
                    InUseProbe probe = new InUseProbe(calls, scratch.toString());
                    String who = String.valueOf(probe.check(List.of(mount)).get(mount));
                    assertTrue(who.contains("process " + other.pid() + " ("), who);

                    new Reattach(calls).attach(mount, other.pid());
                    MountTable table = MountTable.read(calls);
                    assertTrue(table.isVisible(java.util.Objects.requireNonNull(table.topmost(mount.target()))));
                    assertEquals(before, Files.getAttribute(target, "unix:dev"), "the same file system");
                    try (Fd again = OverlayContext.openLayer(calls, mount.target())) {
                        assertFalse(calls.fstatfs(again.number()).readOnly());
                    }
                    assertEquals(
                            Reason.ForeignObject,
                            assertThrows(NodeException.class, () -> new Reattach(calls).attach(mount, other.pid()))
                                    .reason());
                }
                assertTrue(mounter().unmount(mount.target()));
                assertEquals(Map.of(), new InUseProbe(calls, scratch.toString()).check(List.of(mount)));
            }
        }
    }

    @Test
    void aProcessThatHoldsNothingOfItCannotGiveItBack() throws Exception {
        try (LoopDevice device = LoopDevice.create(LoopDevice.Kind.EXT4);
                OtherMountNamespace other = OtherMountNamespace.start()) {
            prepare(device);
            RootfsMount mount = sliver(device, "a", false, null);
            NodeException no = assertThrows(NodeException.class, () -> new Reattach(calls).attach(mount, other.pid()));
            assertEquals(Reason.InUse, no.reason());
        }
    }

    @ParameterizedTest
    @EnumSource
    void findsWhoIsInABindMountThatIsGone(LoopDevice.Kind kind) throws Exception {
        try (LoopDevice device = LoopDevice.create(kind)) {
            Path scratch = prepare(device);
            RootfsMount mount = sliver(device, "b", true, null);
            RootfsMount other = sliver(device, "c", true, null);
            InUseProbe probe = new InUseProbe(calls, scratch.toString());
            assertEquals(Map.of(), probe.check(List.of(mount, other)));

            Process direct = new ProcessBuilder("cat")
                    .directory(new java.io.File(((MountSpec.Bind) mount.spec()).directory()))
                    .start();
            try {
                Map<RootfsMount, String> used = probe.check(List.of(mount, other));
                assertEquals(Set.of(mount), used.keySet());
                assertTrue(String.valueOf(used.get(mount)).contains("process " + direct.pid() + " (cat) by cwd"));
            } finally {
                direct.destroyForcibly().waitFor();
            }

            mounter().mount(mount);
            Process detached = new ProcessBuilder("cat")
                    .directory(new java.io.File(mount.target()))
                    .start();
            try {
                Commands.run("umount", "--lazy", mount.target());
                assertEquals(
                        Set.of(mount), probe.check(List.of(mount, other)).keySet(), "the other one is held by nobody");
            } finally {
                detached.destroyForcibly().waitFor();
            }
            assertEquals(Map.of(), probe.check(List.of(mount, other)));
            assertEmpty(scratch);
        }
    }

    @Test
    void whatIsLetGoInAMomentIsFree() throws Exception {
        try (LoopDevice device = LoopDevice.create(LoopDevice.Kind.XFS)) {
            InUseProbe probe = new InUseProbe(calls, prepare(device).toString());
            RootfsMount mount = sliver(device, "a", false, null);
            mounter().mount(mount);
            Process ending = new ProcessBuilder("sleep", "0.2")
                    .directory(new java.io.File(mount.target()))
                    .start();
            Commands.run("umount", "--lazy", mount.target());
            assertEquals(Map.of(), probe.check(List.of(mount)));
            assertEquals(0, ending.waitFor());
        }
    }

    @Test
    void oneProcessMayHoldSeveral() throws Exception {
        try (LoopDevice device = LoopDevice.create(LoopDevice.Kind.EXT4)) {
            Path scratch = prepare(device);
            RootfsMount mount = sliver(device, "b", true, null);
            RootfsMount other = sliver(device, "c", true, null);
            mounter().mount(mount);
            mounter().mount(other);
            Process both = new ProcessBuilder("sh", "-c", "exec sleep 1000 3<\"$0\"", other.target())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .directory(new java.io.File(mount.target()))
                    .start();
            try {
                while (!Files.exists(Path.of("/proc/" + both.pid() + "/fd/3"))) {
                    assertTrue(both.isAlive(), () -> "the process ended with " + both.exitValue());
                    Thread.sleep(10);
                }
                Commands.run("umount", "--lazy", mount.target());
                Commands.run("umount", "--lazy", other.target());
                InUseProbe probe = new InUseProbe(calls, scratch.toString());
                assertEquals(
                        Set.of(mount, other), probe.check(List.of(mount, other)).keySet());
            } finally {
                both.destroyForcibly().waitFor();
            }
        }
    }

    /** What was removed while it was open has no path any more: it may be anybody's. */
    @Test
    void whatCannotBeToldHolds() throws Exception {
        try (LoopDevice device = LoopDevice.create(LoopDevice.Kind.EXT4)) {
            Path scratch = prepare(device);
            RootfsMount mount = sliver(device, "b", true, null);
            RootfsMount other = sliver(device, "c", true, null);
            mounter().mount(mount);
            Path file = Files.writeString(Path.of(mount.target()).resolve("open"), "x");
            Process reader = new ProcessBuilder("tail", "-f", file.toString()).start();
            try {
                InUseProbe probe = new InUseProbe(calls, scratch.toString());
                Path open = Path.of("/proc/" + reader.pid() + "/fd");
                boolean there = false;
                while (!there) {
                    try (java.util.stream.Stream<Path> links = Files.list(open)) {
                        there = links.anyMatch(link -> isTo(link, file));
                    }
                }
                Commands.run("umount", "--lazy", mount.target());
                assertEquals(Set.of(mount), probe.check(List.of(mount, other)).keySet(), "a file, by its path");
                Files.delete(
                        Path.of(((MountSpec.Bind) mount.spec()).directory()).resolve("open"));
                Map<RootfsMount, String> used = probe.check(List.of(mount, other));
                assertEquals(Set.of(mount, other), used.keySet());
                assertTrue(String.valueOf(used.get(other)).contains("process " + reader.pid() + " (tail)"));
            } finally {
                reader.destroyForcibly().waitFor();
            }
        }
    }

    private static boolean isTo(Path link, Path file) {
        try {
            return Files.readSymbolicLink(link).equals(file);
        } catch (java.io.IOException e) {
            return false;
        }
    }

    /** A library is all that it has of the sliver: no descriptor, no mount in any table. */
    @ParameterizedTest
    @EnumSource
    void whatIsOnlyMappedInAnotherNamespaceIsHeld(LoopDevice.Kind kind) throws Exception {
        try (LoopDevice device = LoopDevice.create(kind)) {
            Path scratch = prepare(device);
            RootfsMount mount = sliver(device, "b", true, null);
            RootfsMount other = sliver(device, "c", true, null);
            Path library = Files.copy(
                    libraryOfOurs(),
                    Path.of(((MountSpec.Bind) mount.spec()).directory()).resolve("lib.so"));
            mounter().mount(mount);
            Path seen = Path.of(mount.target()).resolve("lib.so");
            Path link = Files.createSymbolicLink(device.mountPoint().resolve("link.so"), seen);
            InUseProbe probe = new InUseProbe(calls, scratch.toString());
            // The loader separates by spaces.
            try (OtherMountNamespace holder = OtherMountNamespace.start("cd /; export LD_PRELOAD='" + link + "'")) {
                Path maps = Path.of("/proc/" + holder.pid() + "/maps");
                while (!Files.readString(maps).contains("lib.so")) {
                    Thread.sleep(10);
                }
                String inside = "--mount=/proc/" + holder.pid() + "/ns/mnt";
                Commands.run("nsenter", inside, "umount", "--lazy", mount.target());
                assertTrue(mounter().unmount(mount.target()));
                Map<RootfsMount, String> used = probe.check(List.of(mount, other));
                assertEquals(Set.of(mount), used.keySet());
                String who = String.valueOf(used.get(mount));
                assertTrue(who.contains("process " + holder.pid() + " (cat) by mapped file /lib.so"), who);
                Files.delete(library);
                assertEquals(
                        Set.of(mount, other), probe.check(List.of(mount, other)).keySet(), "it may be anybody's");
            }
            assertEquals(Map.of(), probe.check(List.of(mount, other)));
        }
    }

    private static Path libraryOfOurs() throws Exception {
        for (String line : Files.readAllLines(Path.of("/proc/self/maps"))) {
            if (line.matches(".* /.*/libm[.-].*")) {
                return Path.of(line.substring(line.indexOf('/')));
            }
        }
        throw new AssertionError("the JVM has no libm");
    }

    /**
     * What a process holds that has another root directory, alone in a mount namespace: its mount table tells paths from
     * there on, and lacks what lies outside.
     */
    @ParameterizedTest
    @ValueSource(strings = {"$2/$3", "$1/disk/$3", "$2/$3/file", "$1/disk/$3/file"})
    void whatIsHeldFromAnotherRootDirectoryIsTheRightOnes(String open) throws Exception {
        Path jail = Files.createTempDirectory("veneer-it-jail-");
        try (LoopDevice device = LoopDevice.create(LoopDevice.Kind.EXT4)) {
            Path scratch = prepare(device);
            RootfsMount mount = sliver(device, "b", true, null);
            RootfsMount other = sliver(device, "c", true, null);
            Path tree = Path.of(((MountSpec.Bind) mount.spec()).directory());
            Files.writeString(tree.resolve("file"), "x");
            Files.copy(Path.of("/usr/bin/busybox"), jail.resolve("busybox"));
            Files.createDirectory(jail.resolve("disk"));
            Process jailed = new ProcessBuilder(
                            "unshare",
                            "--mount",
                            "--propagation",
                            "private",
                            "sh",
                            "-ec",
                            "mount --bind \"$2\" \"$1/disk\"; exec chroot \"$1\" /busybox sleep 1000 3<\"" + open
                                    + "\"",
                            "sh",
                            jail.toString(),
                            device.mountPoint().toString(),
                            device.mountPoint().relativize(tree).toString())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            try {
                Path exe = Path.of("/proc/" + jailed.pid() + "/exe");
                while (!Files.readSymbolicLink(exe).endsWith("busybox")) {
                    assertTrue(jailed.isAlive(), () -> "the process ended with " + jailed.exitValue());
                    Thread.sleep(10);
                }
                Map<RootfsMount, String> used = new InUseProbe(calls, scratch.toString()).check(List.of(mount, other));
                assertTrue(String.valueOf(used.get(mount)).contains("process " + jailed.pid() + " ("), used::toString);
                // Of a file on a mount that lies outside of its root nothing tells where it is.
                boolean told = !open.equals("$2/$3/file");
                assertEquals(told ? Set.of(mount) : Set.of(mount, other), used.keySet());
            } finally {
                jailed.destroyForcibly().waitFor();
            }
        } finally {
            Files.delete(jail.resolve("busybox"));
            Files.delete(jail.resolve("disk"));
            Files.delete(jail);
        }
    }

    /** As on a file system without file handles, where the kernel drops {@code index=on} with a warning only. */
    private LinuxCalls withoutIndex() {
        return (LinuxCalls) Proxy.newProxyInstance(
                LinuxCalls.class.getClassLoader(), new Class<?>[] {LinuxCalls.class}, (self, method, arguments) -> {
                    Object[] passed = arguments == null ? new Object[0] : arguments.clone();
                    if (method.getName().equals("fsconfigString")
                            && Arrays.equals((byte[]) passed[1], PathBytes.of("index"))) {
                        passed[2] = PathBytes.of("off");
                    }
                    try {
                        return method.invoke(calls, passed);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    @Test
    void saysSoWhereTheKernelCannotTell() throws Exception {
        try (LoopDevice device = LoopDevice.create(LoopDevice.Kind.XFS)) {
            Path scratch = prepare(device);
            RootfsMount mount = sliver(device, "a", false, null);
            InUseProbe blind = new InUseProbe(withoutIndex(), scratch.toString());
            assertEquals(
                    Errno.EOPNOTSUPP,
                    assertThrows(LinuxException.class, () -> blind.check(List.of(mount)))
                            .errno());
            assertEmpty(scratch);
        }
    }

    @Test
    void aFailureInTheMiddleLeavesNothing() throws Exception {
        FaultyLinuxCalls faulty = new FaultyLinuxCalls(calls).counting("fsconfigCreate");
        try (LoopDevice device = LoopDevice.create(LoopDevice.Kind.XFS)) {
            Path scratch = prepare(device);
            RootfsMount mount = sliver(device, "a", false, null);
            InUseProbe probe = new InUseProbe(faulty.calls(), scratch.toString());
            for (int n = 1; n <= 3; n++) {
                faulty.reset();
                faulty.failAt(n, Errno.ENOMEM);
                assertEquals(
                        Errno.ENOMEM,
                        assertThrows(LinuxException.class, () -> new InUseProbe(faulty.calls(), scratch.toString())
                                        .check(List.of(mount)))
                                .errno());
                assertEmpty(scratch);
            }
            faulty.reset();
            assertEquals(Map.of(), probe.check(List.of(mount)));
        }
    }
}
