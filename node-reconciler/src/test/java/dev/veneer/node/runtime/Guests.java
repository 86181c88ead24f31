package dev.veneer.node.runtime;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.JnrLinuxCalls;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.model.ContainerSpec;
import dev.veneer.node.model.IdRange;
import dev.veneer.node.model.LxcSettings;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.testkit.Commands;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A store with guests in it for tests: bases, overlay mounts of them (idmapped when asked), and a runtime whose programs
 * can be looked at. Closing stops every container and takes everything away.
 */
final class Guests implements AutoCloseable {
    /** A free range for tests, far away from what a node would use. */
    static final IdRange RANGE = new IdRange(1_900_000_000, 65_536);

    /** Another one. */
    static final IdRange OTHER_RANGE = new IdRange(RANGE.first() + 65_536, 65_536);

    final LinuxCalls calls = new JnrLinuxCalls();
    final Path store;
    final RecordingPrograms programs = new RecordingPrograms();
    final LxcRuntime runtime;
    private final Set<SliverId> slivers = new TreeSet<>();
    private final List<Path> mounts = new ArrayList<>();

    Guests() throws IOException {
        store = Files.createTempDirectory("veneer-it-lxc-");
        Files.setPosixFilePermissions(store, PosixFilePermissions.fromString("rwx--x--x"));
        runtime = runtime();
    }

    /** Another instance on the same store, as after a restart of the agent. */
    LxcRuntime runtime() {
        return runtimeOf(store);
    }

    /** The runtime of a store at another path. */
    LxcRuntime runtimeOf(Path path) {
        return new LxcRuntime(
                calls, path.toString(), Host.HERE, programs, Clock.systemUTC(), List.of("/usr/bin", "/usr/local/bin"));
    }

    /** What finds out what this machine offers. */
    HostProbe probe() {
        Processes processes = new Processes(calls);
        return new HostProbe(
                new HostAccess(calls, Host.HERE, processes, store.toString()),
                new HostFiles(calls, Host.HERE),
                processes,
                programs,
                List.of("/usr/bin"));
    }

    /** A base with a static busybox whose init says so, halts on request and otherwise does nothing. */
    Path busybox() throws IOException {
        Path base = store.resolve("bases/busybox");
        if (Files.isDirectory(base)) {
            return base;
        }
        for (String directory :
                List.of("bin", "sbin", "etc/ssh", "proc", "sys", "dev", "tmp", "run", "root", "var/lib/dbus")) {
            Files.createDirectories(base.resolve(directory));
        }
        Files.copy(Path.of("/usr/bin/busybox"), base.resolve("bin/busybox"));
        for (String applet : Commands.run("/usr/bin/busybox", "--list").split("\n", -1)) {
            if (!applet.equals("busybox") && !applet.equals("init")) {
                Files.createSymbolicLink(base.resolve("bin").resolve(applet), Path.of("busybox"));
            }
        }
        init(base, "trap 'echo halting; exit 0' PWR; echo guest-up; while :; do sleep 0.1; done");
        Files.writeString(base.resolve("etc/passwd"), "root:x:0:0:root:/root:/bin/sh\n");
        Files.writeString(base.resolve("etc/group"), "root:x:0:\n");
        return base;
    }

    /** A copy of a base, for a sliver without layers. */
    Path copyOf(Path base) {
        Path copy = store.resolve("copy");
        Commands.run("cp", "-a", base.toString(), copy.toString());
        return copy;
    }

    /** Gives the root file system, or the upper directory of one that is not mounted yet, this init. */
    static void init(Path root, String script) throws IOException {
        Path init = root.resolve("sbin/init");
        Files.createDirectories(init.getParent());
        Files.writeString(init, "#!/bin/sh\n" + script + "\n");
        Files.setPosixFilePermissions(init, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** The upper directory of a sliver's overlay, made before its mount: what its owner changed. */
    Path upper(SliverId sliver) throws IOException {
        Path upper = layers(sliver).resolve("upper");
        Files.createDirectories(upper);
        return upper;
    }

    private Path layers(SliverId sliver) {
        return store.resolve("slivers").resolve(sliver.namespace()).resolve(sliver.name());
    }

    /** Mounts an overlay of the base for a sliver and returns how to run it. */
    ContainerSpec deploy(SliverId sliver, Path base, @Nullable IdRange range, LxcSettings lxc) throws IOException {
        Path upper = upper(sliver);
        Files.createDirectories(upper.resolveSibling("work"));
        Files.setPosixFilePermissions(upper, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path rootfs = mountPoint(sliver);
        overlay(base, layers(sliver), rootfs, sliver, range);
        return mounted(sliver, rootfs, range, lxc);
    }

    /** Mounts a directory as it is for a sliver, as drivers without layers do. */
    ContainerSpec deployBind(SliverId sliver, Path directory, IdRange range) throws IOException {
        Path rootfs = mountPoint(sliver);
        int namespace = userNamespace(range);
        int tree = tree(directory, namespace);
        attach(tree, rootfs);
        calls.close(tree);
        calls.close(namespace);
        return mounted(sliver, rootfs, range, LxcSettings.NONE);
    }

    private Path mountPoint(SliverId sliver) throws IOException {
        Path rootfs = store.resolve("rootfs").resolve(sliver.namespace()).resolve(sliver.name());
        Files.createDirectories(rootfs);
        for (Path at = rootfs; !at.equals(store); at = at.getParent()) {
            Files.setPosixFilePermissions(at, PosixFilePermissions.fromString("rwx--x--x"));
        }
        return rootfs;
    }

    private ContainerSpec mounted(SliverId sliver, Path rootfs, @Nullable IdRange range, LxcSettings lxc) {
        mounts.add(rootfs);
        slivers.add(sliver);
        return new ContainerSpec(sliver, "uid:1", rootfs.toString(), range, lxc, true, false, List.of());
    }

    private void attach(int mount, Path rootfs) throws LinuxException {
        byte[] target = PathBytes.of(rootfs.toString());
        calls.moveMount(mount, PathBytes.EMPTY, Abi.AT_FDCWD, target, Abi.MOVE_MOUNT_F_EMPTY_PATH);
    }

    private void overlay(Path base, Path layers, Path rootfs, SliverId sliver, @Nullable IdRange range)
            throws IOException {
        int namespace = range == null ? -1 : userNamespace(range);
        int lower = tree(base, namespace);
        int both = tree(layers, namespace);
        MappedThread.run(calls, range, () -> {
            int fs = calls.fsopen(PathBytes.of("overlay"));
            set(fs, "source", "veneer:" + sliver + "@1");
            set(fs, "lowerdir+", "/proc/self/fd/" + lower);
            set(fs, "upperdir", "/proc/self/fd/" + both + "/upper");
            set(fs, "workdir", "/proc/self/fd/" + both + "/work");
            set(fs, "index", "off");
            set(fs, "redirect_dir", "nofollow");
            set(fs, "metacopy", "off");
            calls.fsconfigCreate(fs);
            int mount = calls.fsmount(fs, 0);
            attach(mount, rootfs);
            calls.close(mount);
            calls.close(fs);
        });
        calls.close(lower);
        calls.close(both);
        if (namespace >= 0) {
            calls.close(namespace);
        }
    }

    private int tree(Path directory, int namespace) throws LinuxException {
        int fd = calls.openTree(Abi.AT_FDCWD, PathBytes.of(directory.toString()), Abi.OPEN_TREE_CLONE);
        if (namespace >= 0) {
            calls.mountSetattr(fd, PathBytes.EMPTY, Abi.AT_EMPTY_PATH, Abi.MOUNT_ATTR_IDMAP, 0, 0, namespace);
        }
        return fd;
    }

    private void set(int fs, String key, String value) throws LinuxException {
        calls.fsconfigString(fs, PathBytes.of(key), PathBytes.of(value));
    }

    /** A descriptor of a user namespace with this map; the process that made it ends at once. */
    private int userNamespace(IdRange range) throws IOException {
        Process holder = new ProcessBuilder("unshare", "--user", "sh", "-c", "echo; exec sleep 60").start();
        try {
            holder.getInputStream().read();
            String map = "0 " + range.first() + " " + range.count();
            Path proc = Path.of("/proc/" + holder.pid());
            Files.writeString(proc.resolve("gid_map"), map);
            Files.writeString(proc.resolve("uid_map"), map);
            return calls.openat2(Abi.AT_FDCWD, PathBytes.of(proc + "/ns/user"), Abi.O_RDONLY, 0, 0);
        } finally {
            holder.destroyForcibly();
        }
    }

    /** Waits until something is so; fails when it does not become so in 20 seconds. */
    static void await(String what, Condition condition) throws Exception {
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!condition.holds()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("waited in vain until " + what);
            }
            Thread.sleep(20);
        }
    }

    /** Something that becomes so. */
    interface Condition {
        boolean holds() throws Exception;
    }

    @Override
    public void close() throws IOException {
        List<NodeException> failures = new ArrayList<>();
        for (SliverId sliver : slivers) {
            try {
                runtime.stop(sliver, Duration.ZERO);
                runtime.remove(sliver);
            } catch (NodeException e) {
                failures.add(e);
            }
        }
        for (Path mount : mounts) {
            Commands.tryRun("umount", mount.toString());
        }
        // A mount that is still there would let the removal reach into it: then nothing is removed at all.
        if (Files.readString(Path.of("/proc/self/mountinfo")).contains(store.toString())) {
            throw new AssertionError("mounts are left below " + store);
        }
        delete(store);
        // LXC's own locks, by the path of the store.
        delete(Path.of("/run/lxc/lock" + store));
        for (NodeException failure : failures) {
            throw new AssertionError("cleaning up", failure);
        }
    }

    private static void delete(Path tree) throws IOException {
        if (!Files.exists(tree)) {
            return;
        }
        try (Stream<Path> all = Files.walk(tree)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    /** Runs programs for real, but keeps what {@code attach} printed instead of using the test's own streams. */
    static final class RecordingPrograms implements Programs {
        private final HostPrograms host = new HostPrograms();
        final List<String> commands = new CopyOnWriteArrayList<>();
        volatile String output = "";

        @Override
        public Result run(List<String> command, String path, Duration atMost) throws IOException {
            commands.add(Path.of(command.get(0)).getFileName().toString());
            return host.run(command, path, atMost);
        }

        @Override
        public int attach(List<String> command, String path) throws IOException {
            Result result = run(command, path, Duration.ofSeconds(60));
            output = result.output();
            return result.exit();
        }
    }
}
