package dev.veneer.node.runtime;

import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.Directory;
import dev.veneer.node.linux.DirectoryReader;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.linux.Statx;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds containers that no record tells of: processes in another mount namespace (neither ours nor the node's) whose root directory is a sliver's. They
 * are what is left when LXC has lost sight of a container, because its monitor was killed and its record is gone, or
 * because the store was moved while it ran. A second container beside one of them would destroy the sliver.
 */
final class RootHolders {
    private static final byte[] ROOT = PathBytes.of("root");
    private static final byte[] NAMESPACE = PathBytes.of("ns/mnt");

    private final LinuxCalls calls;
    private final Host host;

    RootHolders(LinuxCalls calls, Host host) {
        this.calls = calls;
        this.host = host;
    }

    /** The number of a process that lives in this rootfs, 0 for none. */
    int of(String rootfs) throws LinuxException {
        Statx wanted = new Statx();
        try {
            calls.statx(Abi.AT_FDCWD, PathBytes.of(rootfs), 0, Abi.STATX_BASIC_STATS, wanted);
        } catch (LinuxException e) {
            if (e.is(Errno.ENOENT, Errno.ENOTDIR)) {
                return 0;
            }
            throw e;
        }
        List<byte[]> here = new ArrayList<>(List.of(calls.readlinkat(Abi.AT_FDCWD, PathBytes.of("/proc/self/ns/mnt"))));
        if (host.process() != 0) {
            here.add(calls.readlinkat(Abi.AT_FDCWD, PathBytes.of("/proc/" + host.process() + "/ns/mnt")));
        }
        Statx root = new Statx();
        try (Directory processes = Directory.open(calls, "/proc")) {
            DirectoryReader reader = new DirectoryReader(calls);
            reader.start(processes.number());
            while (reader.next()) {
                byte[] name = reader.name();
                if (name[0] >= '1' && name[0] <= '9' && isRoot(name, wanted, here, root)) {
                    return Integer.parseInt(new String(name, StandardCharsets.US_ASCII));
                }
            }
        }
        return 0;
    }

    private boolean isRoot(byte[] process, Statx wanted, List<byte[]> here, Statx root) throws LinuxException {
        byte @Nullable [] namespace = null;
        try {
            calls.statx(Abi.AT_FDCWD, below(process, ROOT), 0, Abi.STATX_BASIC_STATS, root);
            if (root.ino == wanted.ino && root.dev() == wanted.dev()) {
                namespace = calls.readlinkat(Abi.AT_FDCWD, below(process, NAMESPACE));
            }
        } catch (LinuxException e) {
            // It ended meanwhile, or is a kernel thread.
            if (!e.is(Errno.ENOENT, Errno.ESRCH, Errno.EACCES)) {
                throw e;
            }
        }
        byte @Nullable [] other = namespace;
        return other != null && here.stream().noneMatch(each -> Arrays.equals(each, other));
    }

    private static byte[] below(byte[] process, byte[] name) {
        byte[] proc = PathBytes.of("/proc/");
        byte[] path = Arrays.copyOf(proc, proc.length + process.length + 1 + name.length);
        System.arraycopy(process, 0, path, proc.length, process.length);
        path[proc.length + process.length] = '/';
        System.arraycopy(name, 0, path, proc.length + process.length + 1, name.length);
        return path;
    }
}
