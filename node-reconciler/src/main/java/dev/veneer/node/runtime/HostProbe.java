package dev.veneer.node.runtime;

import dev.veneer.node.linux.LinuxException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds out what this host offers for containers. */
final class HostProbe {
    private static final int OLDEST = 4;
    private static final Pattern VERSION = Pattern.compile("(\\d{1,4})\\.\\d+(\\.\\d+)?");
    private static final Pattern OPEN_FILES = Pattern.compile("Max open files +\\d+ +(\\d{1,18}) ");
    private static final List<String> TOOLS = List.of("lxc-start", "lxc-stop", "lxc-info", "lxc-attach", "lxc-console");

    private final HostAccess access;
    private final HostFiles files;
    private final Processes processes;
    private final Programs programs;
    private final List<String> directories;

    /**
     * @param directories where LXC's tools are looked for, in this order
     */
    HostProbe(HostAccess access, HostFiles files, Processes processes, Programs programs, List<String> directories) {
        this.access = access;
        this.files = files;
        this.processes = processes;
        this.programs = programs;
        this.directories = directories;
    }

    RuntimeAvailability availability() {
        try {
            RuntimeAvailability closed = access.missing();
            if (closed != null) {
                return closed;
            }
            List<String> missing =
                    TOOLS.stream().filter(tool -> find(tool).isEmpty()).toList();
            if (!missing.isEmpty()) {
                return RuntimeAvailability.missing(
                        "",
                        "LXC is not installed" + files.onNode() + " (" + missing.get(0) + " is missing)",
                        "apt-get install lxc" + files.onNode());
            }
            Programs.Result result =
                    programs.run(List.of(find("lxc-start"), "--version"), LxcCommands.PATH, Duration.ofSeconds(20));
            String version = result.output().strip();
            Matcher matcher = VERSION.matcher(version);
            if (result.exit() != 0 || !matcher.find()) {
                return RuntimeAvailability.missing(
                        "",
                        "lxc-start --version failed: " + ConfigPolicy.quote(version),
                        "apt-get install --reinstall lxc");
            }
            if (Integer.parseInt(matcher.group(1)) < OLDEST) {
                return RuntimeAvailability.missing(
                        version, "LXC " + version + " is too old", "install LXC 5, as Debian 12 has it");
            }
            return judge(matcher.group(), facts());
        } catch (IOException e) {
            return RuntimeAvailability.missing("", e.getMessage() + "", access.remedy());
        }
    }

    private RuntimeAvailability judge(String version, HostFacts facts) throws LinuxException {
        if (facts.legacyControllers().isEmpty() && facts.unifiedControllers().isEmpty()) {
            return RuntimeAvailability.missing(
                    version,
                    "no control groups are mounted below /sys/fs/cgroup",
                    "boot with systemd, or mount -t cgroup2 none /sys/fs/cgroup");
        }
        String namespaces = processes.read("/proc/sys/user/max_user_namespaces");
        if (namespaces == null || namespaces.strip().equals("0")) {
            return RuntimeAvailability.missing(
                    version, "user namespaces are switched off", "sysctl -w user.max_user_namespaces=65536");
        }
        List<String> notes = new ArrayList<>();
        for (String controller : List.of("memory", "cpu", "pids")) {
            if (facts.cgroupPrefix(controller).isEmpty()) {
                notes.add("no control group controller " + controller);
            }
        }
        switch (facts.appArmor()) {
            case ABSENT -> notes.add("no AppArmor");
            case KERNEL_ONLY -> notes.add("not confined by AppArmor (apt-get install apparmor)");
            case USABLE -> {}
        }
        if (!facts.seccomp()) {
            notes.add("no seccomp");
        }
        return new RuntimeAvailability(true, version, "", "", String.join(", ", notes));
    }

    HostFacts facts() throws LinuxException {
        Set<String> legacy = new HashSet<>();
        String table = processes.read("/proc/cgroups");
        for (String line : (table == null ? "" : table).split("\n", -1)) {
            String[] fields = line.split("\\s+", -1);
            boolean listed =
                    fields.length >= 4 && !line.startsWith("#") && !fields[1].equals("0") && fields[3].equals("1");
            // A hierarchy that is mounted elsewhere, or nowhere, is none that LXC would use.
            if (listed && files.exists("/sys/fs/cgroup/" + fields[0])) {
                legacy.add(fields[0]);
            }
        }
        Set<String> unified = new HashSet<>();
        for (String path : List.of("/sys/fs/cgroup/cgroup.controllers", "/sys/fs/cgroup/unified/cgroup.controllers")) {
            String controllers = files.read(path);
            if (controllers != null && !controllers.isBlank()) {
                unified.addAll(List.of(controllers.strip().split(" ", -1)));
            }
        }
        return new HostFacts(
                legacy, unified, files.exists("/proc/sys/kernel/seccomp/actions_avail"), appArmor(), openFiles());
    }

    private HostFacts.AppArmor appArmor() throws LinuxException {
        String enabled = files.read("/sys/module/apparmor/parameters/enabled");
        if (enabled == null || !enabled.startsWith("Y")) {
            return HostFacts.AppArmor.ABSENT;
        }
        return files.exists("/usr/sbin/apparmor_parser") ? HostFacts.AppArmor.USABLE : HostFacts.AppArmor.KERNEL_ONLY;
    }

    private long openFiles() throws LinuxException {
        String limits = processes.read("/proc/self/limits");
        Matcher matcher = OPEN_FILES.matcher(limits == null ? "" : limits);
        return matcher.find() ? Long.parseLong(matcher.group(1)) : 0;
    }

    /** The absolute path of one of LXC's tools, empty when it is not installed. */
    String find(String tool) {
        for (String directory : directories) {
            String path = directory + "/" + tool;
            try {
                if (files.exists(path)) {
                    return path;
                }
            } catch (LinuxException e) {
                // It cannot be looked at, so it cannot be run either.
                return "";
            }
        }
        return "";
    }

    /** Whether the host has a bridge of this name, in the network namespace that we run in. */
    boolean hasBridge(String name) throws LinuxException {
        return files.exists("/sys/class/net/" + name + "/bridge");
    }
}
