package dev.veneer.node.runtime;

import dev.veneer.node.model.ContainerSpec;
import dev.veneer.node.model.IdRange;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Writes a container's LXC configuration: pure. Nothing is included from the host's own configuration, so what a
 * container gets does not depend on what the distribution ships.
 *
 * <p>Order matters, since of a key that can be there once LXC takes the last: first defaults that the owner may change,
 * then the owner's additions (checked by {@link ConfigPolicy}), then what is Veneer's.
 */
final class ContainerConfig {
    /** Bytes of console output that are kept, on disk and in the monitor's memory each. */
    static final int CONSOLE_BYTES = 1 << 17;

    /** What systemd gives a service, and what guests therefore expect. */
    private static final long MOST_OPEN_FILES = 1 << 19;

    private static final List<String> DEVICES = List.of(
            "c *:* m",
            "b *:* m",
            "c 1:3 rwm",
            "c 1:5 rwm",
            "c 1:7 rwm",
            "c 1:8 rwm",
            "c 1:9 rwm",
            "c 5:0 rwm",
            "c 5:1 rwm",
            "c 5:2 rwm",
            "c 136:* rwm");

    private ContainerConfig() {}

    /**
     * The file's text.
     *
     * @param directory the container's own directory, absolute
     * @param networkAddress the hardware address on the bridge
     */
    static String text(ContainerSpec spec, HostFacts host, String directory, String networkAddress) {
        requireOneLine(spec.rootfs());
        requireOneLine(directory);
        List<String> lines = new ArrayList<>();
        lines.add("# Written by Veneer at every start; changes are lost.");
        defaults(lines, spec, host);
        network(lines, spec, networkAddress);
        List<ConfigLine> additions = ConfigPolicy.accepted(spec);
        Set<String> keys = additions.stream().map(ConfigLine::key).collect(Collectors.toSet());
        lines.removeIf(line -> isReplaced(line, keys));
        additions.forEach(line -> lines.add(line.toString()));
        fixed(lines, spec, host, directory);
        return String.join("\n", lines) + "\n";
    }

    /** Keys that add up (dropped capabilities, device rules) keep our part; LXC takes "keep" or "drop", never both. */
    private static boolean isReplaced(String line, Set<String> keys) {
        String key = line.substring(0, Math.max(0, line.indexOf(" = ")));
        if (key.equals("lxc.cap.drop")) {
            return keys.contains("lxc.cap.keep");
        }
        return !key.contains(".devices.") && keys.contains(key);
    }

    private static void defaults(List<String> lines, ContainerSpec spec, HostFacts host) {
        lines.add("lxc.init.cmd = /sbin/init");
        lines.add("lxc.tty.max = 4");
        lines.add("lxc.pty.max = 1024");
        // Not what the agent has: its service may be spared by the OOM killer and may open very many files.
        lines.add("lxc.proc.oom_score_adj = 0");
        if (host.openFiles() > 0) {
            long most = Math.min(host.openFiles(), MOST_OPEN_FILES);
            lines.add("lxc.prlimit.nofile = " + Math.min(1024, most) + ":" + most);
        }
        lines.add("lxc.mount.auto = proc:mixed sys:" + (spec.idRange() == null ? "ro" : "mixed") + " cgroup:mixed");
        // None of these does what it says in a user namespace; without them guests skip units that could only fail.
        lines.add("lxc.cap.drop = mac_admin mac_override sys_time sys_module sys_rawio");
        if (spec.idRange() == null) {
            lines.add("lxc.cap.drop = sys_boot syslog wake_alarm block_suspend audit_control");
        }
        switch (host.appArmor()) {
            case USABLE -> {
                lines.add("lxc.apparmor.profile = generated");
                lines.add("lxc.apparmor.allow_nesting = 1");
            }
            // LXC would want a profile of its own, which nothing has loaded, and not start the container.
            case KERNEL_ONLY -> lines.add("lxc.apparmor.profile = unconfined");
            case ABSENT -> {}
        }
        String devices = host.unified() ? "lxc.cgroup2.devices" : host.cgroupPrefix("devices");
        if (!devices.isEmpty()) {
            lines.add(devices + ".deny = a");
            DEVICES.forEach(device -> lines.add(devices + ".allow = " + device));
        }
    }

    /** Before the additions: LXC drops what it knows of a network when it reads its type. */
    private static void network(List<String> lines, ContainerSpec spec, String networkAddress) {
        String bridge = spec.lxc().bridge();
        lines.add("lxc.net.0.type = " + (bridge == null ? "empty" : "veth"));
        if (bridge != null) {
            lines.add("lxc.net.0.link = " + bridge);
            lines.add("lxc.net.0.flags = up");
            lines.add("lxc.net.0.name = eth0");
            lines.add("lxc.net.0.hwaddr = " + networkAddress);
        }
    }

    private static void fixed(List<String> lines, ContainerSpec spec, HostFacts host, String directory) {
        lines.add("lxc.rootfs.path = dir:" + spec.rootfs());
        lines.add("lxc.uts.name = " + spec.sliver().name());
        IdRange ids = spec.idRange();
        if (ids != null) {
            lines.add("lxc.idmap = u 0 " + ids.first() + " " + ids.count());
            lines.add("lxc.idmap = g 0 " + ids.first() + " " + ids.count());
        }
        lines.add("lxc.autodev = 1");
        // Device files for ttys directly in /dev: a container in a user namespace cannot move bind mounts.
        lines.add("lxc.tty.dir = ");
        lines.add("lxc.console.logfile = " + directory + "/" + ContainerLog.CONSOLE.fileName());
        lines.add("lxc.console.size = " + CONSOLE_BYTES);
        lines.add("lxc.console.buffer.size = " + CONSOLE_BYTES);
        if (host.seccomp()) {
            lines.add("lxc.seccomp.profile = " + directory + "/" + ContainerFiles.SECCOMP);
        }
        limits(lines, spec, host);
        new TreeMap<>(spec.lxc().environment())
                .forEach((name, value) -> lines.add("lxc.environment = " + name + "=" + value));
    }

    private static void limits(List<String> lines, ContainerSpec spec, HostFacts host) {
        long memory = spec.lxc().memoryBytes();
        if (memory > 0) {
            String prefix = host.cgroupPrefix("memory");
            lines.add(prefix + (prefix.startsWith("lxc.cgroup2") ? ".max = " : ".limit_in_bytes = ") + memory);
        }
        long quota = spec.lxc().milliCpus() * 100;
        if (quota > 0) {
            String prefix = host.cgroupPrefix("cpu");
            if (prefix.startsWith("lxc.cgroup2")) {
                lines.add(prefix + ".max = " + quota + " 100000");
            } else {
                lines.add(prefix + ".cfs_period_us = 100000");
                lines.add(prefix + ".cfs_quota_us = " + quota);
            }
        }
        if (spec.lxc().pids() > 0) {
            lines.add(host.cgroupPrefix("pids") + ".max = " + spec.lxc().pids());
        }
    }

    /** Controllers that the limits need and the host does not have. */
    static List<String> missingControllers(ContainerSpec spec, HostFacts host) {
        List<String> missing = new ArrayList<>();
        if (spec.lxc().memoryBytes() > 0 && host.cgroupPrefix("memory").isEmpty()) {
            missing.add("memory");
        }
        if (spec.lxc().milliCpus() > 0 && host.cgroupPrefix("cpu").isEmpty()) {
            missing.add("cpu");
        }
        if (spec.lxc().pids() > 0 && host.cgroupPrefix("pids").isEmpty()) {
            missing.add("pids");
        }
        return missing;
    }

    /** The list of system calls that are refused in every container, in the form that LXC reads. */
    static String seccomp(ContainerSpec spec) {
        StringBuilder text = new StringBuilder("2\ndenylist\nreject_force_umount\n[all]\n");
        List<String> calls = new ArrayList<>(List.of(
                "kexec_load", "kexec_file_load", "open_by_handle_at", "init_module", "finit_module", "delete_module"));
        if (spec.idRange() == null) {
            calls.addAll(List.of("bpf", "perf_event_open", "userfaultfd", "swapon", "swapoff"));
        }
        calls.forEach(call -> text.append(call).append(" errno 1\n"));
        return text.toString();
    }

    private static void requireOneLine(String path) {
        if (!path.startsWith("/") || !path.equals(path.strip()) || path.chars().anyMatch(c -> c < ' ' || c == 0x7f)) {
            throw new IllegalArgumentException(
                    "not a path that LXC's configuration can hold: " + ConfigPolicy.quote(path));
        }
    }
}
