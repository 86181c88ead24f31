package dev.veneer.node.runtime;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** LXC's command line tools, one method each. */
final class LxcCommands {
    /**
     * What LXC sees as its search path. {@code newuidmap} (in {@code /usr/bin}) must not be found: where it exists, LXC
     * maps ids through it even as root and then asks for entries in {@code /etc/subuid}. Veneer's ranges come from the
     * NodeStore. AppArmor's parser, which LXC does need, is in {@code /usr/sbin}.
     */
    static final String PATH = "/usr/sbin:/sbin";

    private static final String INSIDE_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private static final Duration QUICK = Duration.ofSeconds(30);
    private static final Duration START = Duration.ofMinutes(2);
    private static final Pattern TERM = Pattern.compile("[A-Za-z0-9._+-]{1,64}");

    private final Programs programs;
    private final HostProbe host;
    private final String lxcPath;

    LxcCommands(Programs programs, HostProbe host, String lxcPath) {
        this.programs = programs;
        this.host = host;
        this.lxcPath = lxcPath;
    }

    /** Starts a container in the background; returns when its init runs or has failed. */
    Programs.Result start(String name) throws IOException {
        String directory = lxcPath + "/" + name;
        List<String> command = command("lxc-start", name);
        command.addAll(List.of("-d", "-f", directory + "/" + ContainerFiles.CONFIG));
        command.addAll(List.of("-p", directory + "/" + ContainerFiles.MONITOR_PID));
        command.addAll(log(name));
        return programs.run(command, PATH, START);
    }

    /** Host's number of the container's init, 0 when the container does not run. */
    int init(String name) throws IOException {
        List<String> command = command("lxc-info", name);
        command.addAll(List.of("-p", "-H"));
        String output = programs.run(command, PATH, QUICK).output().strip();
        return output.matches("[1-9][0-9]{0,9}") ? (int) Math.min(Long.parseLong(output), Integer.MAX_VALUE) : 0;
    }

    /** Asks for a halt and kills after that many seconds; 0 kills at once. */
    Programs.Result stop(String name, long graceSeconds) throws IOException {
        List<String> command = command("lxc-stop", name);
        command.addAll(graceSeconds == 0 ? List.of("-k") : List.of("-t", Long.toString(graceSeconds)));
        command.addAll(log(name));
        return programs.run(command, PATH, QUICK.plusSeconds(graceSeconds));
    }

    int attach(String name, List<String> arguments, Map<String, String> environment) throws IOException {
        List<String> command = command("lxc-attach", name);
        command.add("--clear-env");
        String term = environment.getOrDefault("TERM", "");
        if (TERM.matcher(term).matches()) {
            command.addAll(List.of("-v", "TERM=" + term));
        }
        if (!arguments.isEmpty()) {
            command.add("--");
            command.addAll(arguments);
        }
        return programs.attach(command, PATH);
    }

    /** Runs a command in the container; 124, as of timeout(1), when it takes longer than allowed. */
    int runInside(String name, List<String> arguments, Duration limit) throws IOException {
        List<String> command = command("lxc-attach", name);
        command.addAll(
                List.of("--clear-env", "-v", "PATH=" + INSIDE_PATH, "-v", "DEBIAN_FRONTEND=noninteractive", "--"));
        // timeout ends the command inside, where the end of lxc-attach would not reach it.
        command.addAll(List.of("timeout", "-k", "5", Long.toString(limit.toSeconds())));
        command.addAll(arguments);
        return programs.run(command, PATH, limit.plus(QUICK)).exit();
    }

    /** Holds all processes still; returns when they are. */
    Programs.Result freeze(String name) throws IOException {
        List<String> command = command("lxc-freeze", name);
        command.addAll(log(name));
        return programs.run(command, PATH, QUICK);
    }

    /** How the command line of {@link #freeze} begins, as the kernel tells it, from its start to its end. */
    List<String> freezing(String name) throws IOException {
        List<String> titles = new ArrayList<>();
        for (List<String> stage : programs.stages(command("lxc-freeze", name))) {
            titles.add(String.join("\0", stage) + "\0");
        }
        return titles;
    }

    /** Lets them go on. */
    Programs.Result unfreeze(String name) throws IOException {
        List<String> command = command("lxc-unfreeze", name);
        command.addAll(log(name));
        return programs.run(command, PATH, QUICK);
    }

    int console(String name) throws IOException {
        List<String> command = command("lxc-console", name);
        command.addAll(List.of("-t", "0"));
        return programs.attach(command, PATH);
    }

    private List<String> log(String name) {
        return List.of("-o", lxcPath + "/" + name + "/" + ContainerLog.LXC.fileName(), "-l", "WARN");
    }

    private List<String> command(String tool, String name) throws IOException {
        String path = host.find(tool);
        if (path.isEmpty()) {
            throw new IOException(tool + " is not installed");
        }
        return new ArrayList<>(List.of(path, "-n", name, "-P", lxcPath));
    }
}
