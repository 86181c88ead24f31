package dev.veneer.node.runtime;

import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.Fd;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.linux.Statx;
import dev.veneer.node.model.ContainerSpec;
import java.util.ArrayList;
import java.util.List;

/**
 * Judges the host paths that a container is to have by {@code lxc.mount.entry}, as they are on the disk. LXC follows
 * links in them: whoever can write somewhere between a path that the NodeStore allows and the one that is mounted could
 * put a link there, or a moment later, and have any directory of the host.
 */
final class HostSources {
    private static final int WRITABLE_BY_OTHERS = 022;

    private final LinuxCalls calls;
    private final HostFiles files;

    HostSources(LinuxCalls calls, HostFiles files) {
        this.calls = calls;
        this.files = files;
    }

    /** What is wrong with them, for people. To be called only when {@link ConfigPolicy} has no problems. */
    List<String> problems(ContainerSpec spec) throws LinuxException {
        List<String> problems = new ArrayList<>();
        for (ConfigLine line : ConfigPolicy.accepted(spec)) {
            String source = line.value().split(" ", 2)[0];
            if (line.key().equals("lxc.mount.entry") && source.startsWith("/")) {
                String problem = "";
                for (String allowed : MountEntryPolicy.allowing(source, spec.hostPaths())) {
                    problem = problem(allowed, source.substring(allowed.length()));
                    if (problem.isEmpty()) {
                        break;
                    }
                }
                if (!problem.isEmpty()) {
                    problems.add("lxc.config: " + ConfigPolicy.quote(line.toString()) + ": " + problem);
                }
            }
        }
        return problems;
    }

    /**
     * @param allowed what the NodeStore names, which its owner answers for
     * @param rest the path below it, empty or starting with a slash
     * @return empty when it leads where it says and nobody but root can change that
     */
    private String problem(String allowed, String rest) throws LinuxException {
        if (rest.isEmpty()) {
            return "";
        }
        String path = allowed.isEmpty() ? "/" : allowed;
        Fd at = null;
        try {
            at = files.open(path, Abi.O_PATH);
            Statx stat = new Statx();
            for (String name : rest.substring(1).split("/", -1)) {
                calls.statx(at.number(), PathBytes.EMPTY, Abi.AT_EMPTY_PATH, Abi.STATX_BASIC_STATS, stat);
                if (stat.uid != 0 || (stat.mode & WRITABLE_BY_OTHERS) != 0) {
                    return path + " can be changed by others than root, who could put a link in the way;"
                            + " name the whole path in the NodeStore's allow.hostPaths";
                }
                path = path.endsWith("/") ? path + name : path + "/" + name;
                long resolve = Abi.RESOLVE_BENEATH | Abi.RESOLVE_NO_SYMLINKS | Abi.RESOLVE_NO_MAGICLINKS;
                Fd next = new Fd(calls, calls.openat2(at.number(), PathBytes.of(name), Abi.O_PATH, 0, resolve));
                at.close();
                at = next;
            }
            return "";
        } catch (LinuxException e) {
            if (e.is(Errno.ELOOP)) {
                return path + " is a symbolic link";
            }
            if (e.is(Errno.ENOENT, Errno.ENOTDIR)) {
                return ""; // LXC says so, unless the mount is optional
            }
            throw e;
        } finally {
            if (at != null) {
                at.close();
            }
        }
    }
}
