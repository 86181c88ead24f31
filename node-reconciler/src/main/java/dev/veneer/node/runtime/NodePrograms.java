package dev.veneer.node.runtime;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs programs of the node for an agent in a pod: in all namespaces of a process of the node, and out of the pod's control
 * groups, since everything in these ends with the pod. The process numbers are the same on both sides.
 */
final class NodePrograms implements Programs {
    /** When the control groups cannot be left. Not a status that LXC's programs end with. */
    private static final int STAYED = 125;

    /**
     * Goes into a group of its own in every hierarchy, one or several, and becomes the program then. A new group of a
     * cpuset takes no process before it has processors, and one that has them is the top.
     */
    private static final String LEAVE =
            """
            for top in /sys/fs/cgroup /sys/fs/cgroup/*; do
              if [ -e "$top/cgroup.procs" ]; then
                [ -d "$top/veneer" ] || PATH=/usr/bin:/bin mkdir "$top/veneer" 2>/dev/null
                { echo 0 >"$top/veneer/cgroup.procs"; } 2>/dev/null || { echo 0 >"$top/cgroup.procs"; } 2>/dev/null || {
                  echo "the control group of the pod cannot be left in $top of the node"
                  exit 125
                }
                [ "$top" != /sys/fs/cgroup ] || break
              fi
            done
            exec "$@"
            """;

    private final HostPrograms here = new HostPrograms();
    private final Host host;

    NodePrograms(Host host) {
        this.host = host;
    }

    @Override
    public Result run(List<String> command, String path, Duration atMost) throws IOException {
        Result result = here.run(entered(command), path, atMost);
        // What the program itself says, or does not say, would else be taken for news of the container.
        if (result.exit() == STAYED || (result.exit() != 0 && result.output().startsWith("nsenter: "))) {
            throw new IOException(result.output().strip());
        }
        return result;
    }

    @Override
    public int attach(List<String> command, String path) throws IOException {
        return here.attach(entered(command), path);
    }

    @Override
    public List<List<String>> stages(List<String> command) throws IOException {
        return List.of(entered(command), leaving(command), command);
    }

    private List<String> entered(List<String> command) throws IOException {
        if (!host.problem().isEmpty()) {
            throw new IOException(host.problem());
        }
        String process = Integer.toString(host.process());
        List<String> all = new ArrayList<>(
                List.of("nsenter", "--target", process, "--mount", "--uts", "--ipc", "--net", "--cgroup", "--"));
        all.addAll(leaving(command));
        return all;
    }

    private static List<String> leaving(List<String> command) {
        List<String> all = new ArrayList<>(List.of("/bin/sh", "-c", LEAVE, "veneer"));
        all.addAll(command);
        return all;
    }
}
