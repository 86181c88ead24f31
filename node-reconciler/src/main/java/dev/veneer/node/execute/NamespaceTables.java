package dev.veneer.node.execute;

import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.observe.MountTable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The mount tables of all mount namespaces that a process is in, each once. A namespace that only a descriptor or a bind
 * mount keeps alive is not seen.
 */
final class NamespaceTables {
    /**
     * One namespace.
     *
     * @param pid a process in it
     * @param table its mounts, as that process sees them
     */
    record Namespace(int pid, MountTable table) {}

    private NamespaceTables() {}

    static List<Namespace> read(LinuxCalls calls) throws LinuxException {
        List<Namespace> namespaces = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (int pid : new HolderScan(calls).processes()) {
            try {
                byte[] link = calls.readlinkat(Abi.AT_FDCWD, PathBytes.of("/proc/" + pid + "/ns/mnt"));
                if (seen.add(new String(link, StandardCharsets.US_ASCII))) {
                    namespaces.add(new Namespace(pid, MountTable.read(calls, pid)));
                }
            } catch (LinuxException e) {
                // A process that is ending; others of its namespace have numbers of their own.
                if (!HolderScan.isGone(e)) {
                    throw e;
                }
            }
        }
        return namespaces;
    }
}
