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
    /** The last line that is said before the program begins. */
    private static final String ENTERED = "veneer: entered";

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
                  echo "the control group of the pod cannot be left in $top of the node" >&2
                  exit 125
                }
                [ "$top" != /sys/fs/cgroup ] || break
              fi
            done
            """;

    /** With the streams that there are. */
    private static final String BECOME = LEAVE + "exec \"$@\"\n";

    /**
     * Says that the node was entered, where the program cannot: it is given the other stream for both of its own. Without
     * that nobody could tell a program that says and ends like {@code nsenter}, as one in a container may, from the real
     * one.
     */
    private static final String SAY_AND_BECOME =
            LEAVE + "echo '" + ENTERED + "' >&2 || exit 125\n" + "exec \"$@\" 2>&1\n";

    private final HostPrograms here = new HostPrograms();
    private final Host host;

    NodePrograms(Host host) {
        this.host = host;
    }

    @Override
    public Result run(List<String> command, String path, Duration atMost) throws IOException {
        HostPrograms.Apart ended = here.runApart(entered(SAY_AND_BECOME, command), path, atMost);
        String said = ended.errors().strip();
        // What the program itself says, or does not say, would else be taken for news of the container.
        if (!said.equals(ENTERED) && !said.endsWith("\n" + ENTERED)) {
            throw new IOException(
                    said.isEmpty()
                            ? "process " + host.process() + " of the node was not entered: status " + ended.exit()
                            : said);
        }
        return new Result(ended.exit(), ended.output());
    }

    @Override
    public int attach(List<String> command, String path) throws IOException {
        return here.attach(entered(BECOME, command), path);
    }

    @Override
    public List<List<String>> stages(List<String> command) throws IOException {
        return List.of(entered(SAY_AND_BECOME, command), leaving(SAY_AND_BECOME, command), command);
    }

    private List<String> entered(String how, List<String> command) throws IOException {
        if (!host.problem().isEmpty()) {
            throw new IOException(host.problem());
        }
        String process = Integer.toString(host.process());
        List<String> all = new ArrayList<>(
                List.of("nsenter", "--target", process, "--mount", "--uts", "--ipc", "--net", "--cgroup", "--"));
        all.addAll(leaving(how, command));
        return all;
    }

    private static List<String> leaving(String how, List<String> command) {
        List<String> all = new ArrayList<>(List.of("/bin/sh", "-c", how, "veneer"));
        all.addAll(command);
        return all;
    }
}
