package dev.veneer.node.runtime;

import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.Directory;
import dev.veneer.node.linux.DirectoryReader;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.Fd;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The control groups of containers, and what LXC does not do with them. Takes away those that a container left behind: LXC's
 * monitor removes them, but one that was killed, or whose guest failed to start, leaves them, and LXC then would give the next
 * start other groups with a number at the end. Lets processes go on that a group holds without LXC's knowledge.
 */
final class ControlGroups {
    private static final String MOUNTS = "/sys/fs/cgroup";
    private static final int DEEPEST = 64;

    private final LinuxCalls calls;
    private final String mounts;

    ControlGroups(LinuxCalls calls, HostFiles files) {
        this.calls = calls;
        // No links are on the way there that could lead out of the host's root.
        this.mounts = files.root().equals("/") ? MOUNTS : files.root() + MOUNTS;
    }

    /**
     * Removes the groups of a container that does not run. The kernel refuses to remove a group with a process in it, so
     * nothing that lives can be hit; such a group simply stays.
     */
    void removeOf(String container) throws LinuxException {
        try (Directory top = Directory.open(calls, mounts)) {
            remove(top, container);
            for (String hierarchy : directories(top)) {
                // Each hierarchy of version 1 is a mount of its own, so it is opened by its path.
                try (Directory groups = Directory.open(calls, mounts + "/" + hierarchy)) {
                    remove(groups, container);
                } catch (LinuxException e) {
                    if (!e.is(Errno.ENOENT, Errno.ENOTDIR, Errno.ELOOP)) {
                        throw e;
                    }
                }
            }
        } catch (LinuxException e) {
            if (!e.is(Errno.ENOENT)) {
                throw e;
            }
        }
    }

    /** Lets a container's processes go on that its groups hold, whether LXC knows that they do or not. */
    void thaw(String container) throws LinuxException {
        String group = "/lxc.payload." + container + "/";
        write(mounts + "/freezer" + group + "freezer.state", "THAWED");
        write(mounts + group + "cgroup.freeze", "0");
        write(mounts + "/unified" + group + "cgroup.freeze", "0");
    }

    private void write(String file, String value) throws LinuxException {
        try (Fd fd = new Fd(calls, calls.openat2(Abi.AT_FDCWD, PathBytes.of(file), Abi.O_WRONLY, 0, 0))) {
            calls.write(fd.number(), ByteBuffer.wrap(PathBytes.of(value)));
        } catch (LinuxException e) {
            // Of another version, or the container has ended.
            if (!e.is(Errno.ENOENT, Errno.ENOTDIR, Errno.ENODEV)) {
                throw e;
            }
        }
    }

    private void remove(Directory groups, String container) throws LinuxException {
        for (String kind : List.of("lxc.payload.", "lxc.monitor.")) {
            if (groups.lookUp(PathBytes.of(kind + container)) != null) {
                removeTree(groups, kind + container, 0);
            }
        }
    }

    private void removeTree(Directory parent, String name, int depth) throws LinuxException {
        try {
            try (Directory group = parent.openDirectory(PathBytes.of(name))) {
                for (String child : depth < DEEPEST ? directories(group) : List.<String>of()) {
                    removeTree(group, child, depth + 1);
                }
            }
            calls.unlinkat(parent.number(), PathBytes.of(name), Abi.AT_REMOVEDIR);
        } catch (LinuxException e) {
            if (!e.is(Errno.EBUSY, Errno.ENOENT, Errno.ENOTEMPTY)) {
                throw e;
            }
        }
    }

    private List<String> directories(Directory directory) throws LinuxException {
        List<String> names = new ArrayList<>();
        DirectoryReader reader = new DirectoryReader(calls);
        reader.start(directory.number());
        while (reader.next()) {
            if (reader.type() == Abi.S_IFDIR) {
                names.add(new String(reader.name(), StandardCharsets.UTF_8));
            }
        }
        return names;
    }
}
