package dev.veneer.node.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * What a command has around it in a pod of a DaemonSet with {@code hostPID}, {@code hostNetwork}, {@code privileged} and one
 * volume of {@code mountPropagation: Bidirectional}: a root directory with an image of its own, in which there is no LXC, a
 * mount namespace whose mounts in the volume alone are seen outside, other namespaces, and control groups of its own, which
 * end with all that is in them. The node is this JVM. Needs util-linux, and as root directory of this machine a file system
 * that can be a layer of an overlay.
 */
public final class Pod implements AutoCloseable {
    private static final Path GROUPS = Path.of("/sys/fs/cgroup");
    private static final AtomicInteger COUNT = new AtomicInteger();

    /** Arguments: name of the groups, volume, an empty directory, number of directories, these, command. */
    private static final String OUTSIDE =
            """
            for top in /sys/fs/cgroup /sys/fs/cgroup/*; do
              [ -e "$top/cgroup.procs" ] || continue
              mkdir -p "$top/$1"
              for what in cpus mems; do
                [ ! -e "$top/cpuset.$what" ] || cat "$top/cpuset.$what" >"$top/$1/cpuset.$what"
              done
              echo 0 >"$top/$1/cgroup.procs"
              [ "$top" != /sys/fs/cgroup ] || break
            done
            shift
            exec unshare --mount --uts --ipc --cgroup --propagation unchanged sh -ec "$INSIDE" pod "$@"
            """;

    private static final String INSIDE =
            """
            volume=$1 root=$2 count=$3
            shift 3
            mount --make-private "$(findmnt -n -o TARGET -T "$root" | tail -n 1)"
            mount -t tmpfs image "$root"
            cd "$root"
            mkdir usr etc proc sys dev run old changed work
            mount -t overlay -o "lowerdir=/usr,upperdir=$root/changed,workdir=$root/work" usr usr
            rm -f usr/bin/lxc-*
            for link in bin sbin lib lib64; do
              [ ! -L "/$link" ] || cp -P "/$link" .
            done
            mount --bind /etc etc
            mount --rbind /dev dev
            mount --make-rslave dev
            mount -t proc proc proc
            mount -t sysfs sysfs sys
            while [ "$count" -gt 0 ]; do
              mkdir -p ".$1"
              mount --bind "$1" ".$1"
              shift
              count=$((count - 1))
            done
            mkdir -p ".$volume"
            mount --rbind "$volume" ".$volume"
            pivot_root . old
            cd /
            mount --make-rslave old
            umount -l old
            unset INSIDE
            exec "$@"
            """;

    private final String name;
    private final Path volume;
    private final Path directory;

    private Pod(String name, Path volume, Path directory) {
        this.name = name;
        this.volume = volume;
        this.directory = directory;
    }

    /**
     * A pod that nothing runs in yet.
     *
     * @param volume a shared mount, which the pod has at the same path
     */
    public static Pod with(Path volume) throws IOException {
        String name = "veneer-it-pod-" + ProcessHandle.current().pid() + "-" + COUNT.incrementAndGet();
        return new Pod(name, volume, Files.createTempDirectory("veneer-it-image-"));
    }

    /** How a command is run in it. Several may run in one pod, one after the other, or each in an image of its own. */
    public List<String> around(List<String> command) {
        Set<String> directories = new LinkedHashSet<>(List.of("/tmp"));
        for (String file : System.getProperty("java.class.path").split(":", -1)) {
            // One directory below the top is enough, and what lies in /usr is in the image.
            String top = file.replaceAll("^(/[^/]+)/.*", "$1");
            if (!top.equals("/usr") && top.startsWith("/")) {
                directories.add(top);
            }
        }
        List<String> all = new ArrayList<>(List.of("env", "INSIDE=" + INSIDE, "sh", "-ec", OUTSIDE, "pod", name));
        all.addAll(List.of(volume.toString(), directory.toString(), Integer.toString(directories.size())));
        all.addAll(directories);
        all.addAll(command);
        return all;
    }

    /** Whether a process is in one of its control groups. */
    public boolean holds(long process) throws IOException {
        for (Path group : groups()) {
            if (Files.readAllLines(group.resolve("cgroup.procs")).contains(Long.toString(process))) {
                return true;
            }
        }
        return false;
    }

    /** Kills all that is in its control groups, as a kubelet does, and removes them. */
    public void kill() throws IOException, InterruptedException {
        long end = System.nanoTime() + 20_000_000_000L;
        for (Path group : groups()) {
            for (List<String> left = processes(group); !left.isEmpty(); left = processes(group)) {
                if (System.nanoTime() > end) {
                    throw new AssertionError("processes of " + group + " do not end: " + left);
                }
                for (String process : left) {
                    ProcessHandle.of(Long.parseLong(process)).ifPresent(ProcessHandle::destroyForcibly);
                }
                Thread.sleep(20);
            }
        }
        for (Path group : groups()) {
            Files.delete(group);
        }
    }

    private static List<String> processes(Path group) throws IOException {
        return Files.readAllLines(group.resolve("cgroup.procs"));
    }

    private List<Path> groups() throws IOException {
        List<Path> groups = new ArrayList<>();
        try (Stream<Path> tops = Files.list(GROUPS)) {
            Stream.concat(Stream.of(GROUPS), tops)
                    .map(top -> top.resolve(name))
                    .filter(Files::isDirectory)
                    .forEach(groups::add);
        }
        return groups;
    }

    @Override
    public void close() throws IOException {
        try {
            kill();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Files.deleteIfExists(directory);
    }
}
