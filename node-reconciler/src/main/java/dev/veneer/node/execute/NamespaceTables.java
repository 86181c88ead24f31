package dev.veneer.node.execute;

import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.observe.MountTable;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The mount tables of all mount namespaces that a process is in, each once. A namespace that only a descriptor or a bind
 * mount keeps alive is not seen.
 *
 * <p>A table shows what can be reached from the root directory of the process that it is read of. Where all processes of a
 * namespace have changed theirs, what is mounted outside of it is missing.
 */
final class NamespaceTables {
    /**
     * One namespace.
     *
     * @param pid a process in it; one whose root directory is the namespace's, if there is one
     * @param root the root directory of that process, from the top of its namespace; empty if it is the namespace's
     * @param table its mounts, as that process sees them
     */
    record Namespace(int pid, String root, MountTable table) {}

    private NamespaceTables() {}

    static List<Namespace> read(LinuxCalls calls) throws LinuxException {
        Map<String, Namespace> namespaces = new LinkedHashMap<>();
        for (int pid : new HolderScan(calls).processes()) {
            try {
                String name = link(calls, pid, "ns/mnt", StandardCharsets.US_ASCII);
                Namespace known = namespaces.get(name);
                if (known != null && known.root().isEmpty()) {
                    continue;
                }
                String root = link(calls, pid, "root", StandardCharsets.UTF_8);
                if (root.equals("/")) {
                    namespaces.put(name, new Namespace(pid, "", MountTable.read(calls, pid)));
                } else if (known == null) {
                    namespaces.put(name, new Namespace(pid, root, MountTable.read(calls, pid)));
                }
            } catch (LinuxException e) {
                // A process that is ending; others of its namespace have numbers of their own.
                if (!HolderScan.isGone(e)) {
                    throw e;
                }
            }
        }
        return List.copyOf(namespaces.values());
    }

    private static String link(LinuxCalls calls, int pid, String name, Charset charset) throws LinuxException {
        return new String(calls.readlinkat(Abi.AT_FDCWD, PathBytes.of("/proc/" + pid + "/" + name)), charset);
    }
}
