package dev.veneer.node.execute;

import dev.veneer.api.Reason;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.Fd;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.linux.Statx;
import dev.veneer.node.model.MountEntry;
import dev.veneer.node.model.RootfsMount;
import dev.veneer.node.observe.MountTable;
import java.util.List;

/**
 * Attaches a root file system again that is gone here, but lives on in the mount namespace of a process: the same
 * mount's copy is put back, not a second one made. Without what the process has mounted upon it.
 */
final class Reattach {
    private static final long COVERED_FLAGS =
            Abi.MOUNT_ATTR_RDONLY | Abi.MOUNT_ATTR_NOSUID | Abi.MOUNT_ATTR_NODEV | Abi.MOUNT_ATTR_NOEXEC;
    private static final int ATTACH = Abi.MOVE_MOUNT_F_EMPTY_PATH | Abi.MOVE_MOUNT_T_EMPTY_PATH;

    /** The process may have put links anywhere in its tree. */
    private static final long IN_ITS_TREE = Abi.RESOLVE_NO_SYMLINKS | Abi.RESOLVE_NO_MAGICLINKS | Abi.RESOLVE_IN_ROOT;

    private final LinuxCalls calls;

    Reattach(LinuxCalls calls) {
        this.calls = calls;
    }

    /**
     * Puts the mount back at its target.
     *
     * @param mount which; whether it is mapped to an id range does not matter
     * @param pid a process that holds it
     * @throws NodeException {@code InUse} when that process does not hold it, {@code ForeignObject} when something is
     *     mounted at the target
     */
    void attach(RootfsMount mount, int pid) throws LinuxException, NodeException {
        try (Fd target = OverlayContext.openTarget(calls, mount.target());
                Fd theirs = namespace("/proc/" + pid + "/ns/mnt");
                Fd ours = namespace("/proc/self/ns/mnt");
                Fd held = held(mount, pid)) {
            if (stat(target.number()).isMountRoot()) {
                throw new NodeException(
                        Reason.ForeignObject, Follow.WAIT, mount.target() + " has something mounted on it already");
            }
            int open = held.number();
            try (Fd tree =
                    OwnThread.run("re-attach " + mount.target(), () -> copy(open, theirs.number(), ours.number()))) {
                makeUsable(tree.number(), mount);
                calls.moveMount(tree.number(), PathBytes.EMPTY, target.number(), PathBytes.EMPTY, ATTACH);
            }
        }
    }

    private Fd namespace(String path) throws LinuxException {
        return new Fd(calls, calls.openat2(Abi.AT_FDCWD, PathBytes.of(path), Abi.O_RDONLY, 0, 0));
    }

    /** The root of the mount, as the process sees it. */
    private Fd held(RootfsMount mount, int pid) throws LinuxException, NodeException {
        Recognition recognition = new Recognition(List.of(mount), MountTable.read(calls));
        byte[] process = PathBytes.of("/proc/" + pid + "/root");
        long directory = Abi.O_PATH | Abi.O_DIRECTORY;
        try (Fd root = new Fd(calls, calls.openat2(Abi.AT_FDCWD, process, directory, 0, 0))) {
            for (MountEntry entry : MountTable.read(calls, pid).entries()) {
                if (!recognition.isWhole(entry)) {
                    continue;
                }
                Fd found = open(root.number(), entry);
                if (stat(found.number()).mountId == entry.id()) {
                    return found;
                }
                found.close();
            }
        }
        throw new NodeException(
                Reason.InUse,
                Follow.WAIT,
                "process " + pid + " holds no visible mount of " + mount.sliver()
                        + " to attach again; waiting until its store is let go");
    }

    private Fd open(int root, MountEntry entry) throws LinuxException {
        long directory = Abi.O_PATH | Abi.O_DIRECTORY;
        return new Fd(calls, calls.openat2(root, PathBytes.of(entry.target()), directory, 0, IN_ITS_TREE));
    }

    private Statx stat(int fd) throws LinuxException {
        Statx stat = new Statx();
        calls.statx(fd, PathBytes.EMPTY, Abi.AT_EMPTY_PATH, Abi.STATX_BASIC_STATS | Abi.STATX_MNT_ID, stat);
        return stat;
    }

    /** A mount can be copied only from within its namespace. */
    private Fd copy(int mount, int theirs, int ours) throws LinuxException {
        calls.unshare(Abi.CLONE_FS);
        calls.setns(theirs, Abi.CLONE_NEWNS);
        Fd tree = new Fd(calls, calls.openTree(mount, PathBytes.EMPTY, Abi.OPEN_TREE_CLONE | Abi.AT_EMPTY_PATH));
        boolean back = false;
        try {
            calls.setns(ours, Abi.CLONE_NEWNS);
            back = true;
            return tree;
        } finally {
            if (!back) {
                tree.close();
            }
        }
    }

    /** A guest that is going down makes its root read-only; the copy is not to be. */
    private void makeUsable(int tree, RootfsMount mount) throws LinuxException, NodeException {
        try {
            calls.mountSetattr(tree, PathBytes.EMPTY, Abi.AT_EMPTY_PATH, 0, COVERED_FLAGS, 0, -1);
        } catch (LinuxException e) {
            // Flags that came from a more powerful namespace are locked; whether it can be written is what counts.
            if (!e.is(Errno.EPERM)) {
                throw e;
            }
        }
        if (calls.fstatfs(tree).readOnly()) {
            throw new NodeException(
                    Reason.InUse,
                    Follow.WAIT,
                    "the mount of " + mount.sliver() + " that a process still holds is read-only; waiting until it is "
                            + "let go");
        }
    }
}
