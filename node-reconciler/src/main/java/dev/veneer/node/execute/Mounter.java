package dev.veneer.node.execute;

import dev.veneer.api.Reason;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.Capabilities;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.Fd;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.linux.Statx;
import dev.veneer.node.model.IdRange;
import dev.veneer.node.model.MountSpec;
import dev.veneer.node.model.RootfsMount;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Mounts and unmounts root file systems. A mount is made beside the tree, looked at, and only then attached: what comes
 * up read-only, as overlayfs does without an error when its work directory is unfit, is never seen by anybody.
 *
 * <p>Mounts are attached to whatever propagation the target's mount has and are not made private themselves: a container
 * started later copies the whole table, and on hosts with shared mounts an unmount reaches every copy in a namespace that
 * still receives events. Copies in namespaces that do not are what {@link InUseProbe} finds.
 *
 * <p>For several threads at once, for different targets.
 */
public final class Mounter {
    private static final long COVERED_FLAGS =
            Abi.MOUNT_ATTR_RDONLY | Abi.MOUNT_ATTR_NOSUID | Abi.MOUNT_ATTR_NODEV | Abi.MOUNT_ATTR_NOEXEC;
    private static final int ATTACH = Abi.MOVE_MOUNT_F_EMPTY_PATH | Abi.MOVE_MOUNT_T_EMPTY_PATH;
    private static final long LAYER = Abi.O_PATH | Abi.O_DIRECTORY | Abi.O_NOFOLLOW;
    private static final long INSIDE = Abi.RESOLVE_NO_SYMLINKS | Abi.RESOLVE_NO_XDEV | Abi.RESOLVE_BENEATH;

    /**
     * How the ids of layers are mapped.
     *
     * @param namespace a user namespace
     * @param attach in the calling thread's mount namespace, instead of being left detached
     */
    private record Mapping(int namespace, boolean attach) {}

    private final LinuxCalls calls;
    private final UserNamespaces namespaces;
    private final OverlayContext overlays;

    /** Whether the kernel was seen to take only attached mounts as layers, as it does before Linux 6.15. */
    private volatile boolean attachLayers;

    public Mounter(LinuxCalls calls, UserNamespaces namespaces) {
        this.calls = calls;
        this.namespaces = namespaces;
        this.overlays = new OverlayContext(calls);
    }

    /**
     * Mounts it at its target, an existing directory on which nothing is mounted.
     *
     * @throws NodeException {@code ForeignObject} when something is mounted at the target; {@code StoreFaulty} when the
     *     store is read-only; {@code Damaged} when the kernel made it read-only for a reason of its own
     */
    public void mount(RootfsMount mount) throws LinuxException, NodeException {
        try (Fd target = OverlayContext.openTarget(calls, mount.target());
                Fd made = makeOrExplain(mount)) {
            refuseMountPoint(target.number(), mount.target());
            refuseReadOnly(made.number(), mount);
            calls.moveMount(made.number(), PathBytes.EMPTY, target.number(), PathBytes.EMPTY, ATTACH);
        }
    }

    /**
     * Mounts it where nobody sees it, to write in it before it is published. The mount ends when its descriptor and all
     * that was opened below it are closed, so also when this process dies: none can be left behind.
     *
     * @return the mount, to open things below; the caller's
     * @throws NodeException as {@link #mount}, but for what concerns the target
     */
    Fd detached(RootfsMount mount) throws LinuxException, NodeException {
        Fd made = makeOrExplain(mount);
        boolean fit = false;
        try {
            refuseReadOnly(made.number(), mount);
            fit = true;
            return made;
        } finally {
            if (!fit) {
                made.close();
            }
        }
    }

    /**
     * Mounts an overlay for reading where nobody sees it, as the overlay that wrote its upper layer showed it: whatever
     * options that one had.
     *
     * @return the mount, to open things below; the caller's
     */
    Fd readOnly(MountSpec.Overlay overlay, String label) throws LinuxException, NodeException {
        return overlay(overlay, PathBytes.of(label), null, OverlayContext.Features.BORROWING, (int) COVERED_FLAGS);
    }

    /**
     * The same beside whoever has the upper layer mounted. What is changed meanwhile is seen or not.
     *
     * <p>Best the upper layer is the topmost lower one here: two overlays should not have one upper layer, and even one
     * that is mounted read-only writes to it (takes away notes that it finds to be out of date). Where that shows something
     * else it is the upper layer, with a work directory of its own, so that the other mount's is not touched.
     *
     * @param work an open, empty directory on the mount that the upper layer is on, for this mount alone; -1 to mount
     *     it as a lower layer, which writes nothing
     * @return the mount, to open things below; the caller's
     */
    Fd beside(MountSpec.Overlay overlay, String label, int work) throws LinuxException {
        List<Fd> open = new ArrayList<>();
        try {
            Fd layers = OverlayContext.openLayer(calls, overlay.layers());
            open.add(layers);
            int upper = inside(layers.number(), overlay.upper(), open);
            List<Integer> lowers = new ArrayList<>();
            if (work < 0) {
                lowers.add(upper);
            }
            for (String lower : overlay.lowers()) {
                open.add(OverlayContext.openLayer(calls, lower));
                lowers.add(open.get(open.size() - 1).number());
            }
            byte[] source = PathBytes.of(label);
            OverlayContext.Features features = OverlayContext.Features.BORROWING;
            try (Fd context = work < 0
                    ? overlays.create(lowers, source, features)
                    : overlays.create(lowers, upper, work, source, features)) {
                return new Fd(calls, calls.fsmount(context.number(), (int) COVERED_FLAGS));
            }
        } finally {
            open.forEach(Fd::close);
        }
    }

    private Fd makeOrExplain(RootfsMount mount) throws LinuxException, NodeException {
        try {
            return make(mount);
        } catch (LinuxException e) {
            if (e.is(Errno.EROFS, Errno.EINVAL) && storeIsReadOnly(mount.spec())) {
                throw readOnlyStore(mount.spec());
            }
            throw e;
        }
    }

    private Fd make(RootfsMount mount) throws LinuxException, NodeException {
        if (mount.spec() instanceof MountSpec.Bind bind) {
            return bind(bind, mount.idRange());
        }
        MountSpec.Overlay overlay = (MountSpec.Overlay) mount.spec();
        byte[] label = PathBytes.of(mount.label());
        IdRange range = mount.idRange();
        if (range == null) {
            return overlay(overlay, label, null);
        }
        int namespace = namespaces.descriptor(range);
        boolean asKnown = attachLayers;
        try {
            return mappedOverlay(mount, overlay, label, namespace, asKnown);
        } catch (LinuxException e) {
            if (asKnown || !e.is(Errno.EINVAL)) {
                throw e;
            }
        }
        Fd made = mappedOverlay(mount, overlay, label, namespace, true);
        attachLayers = true;
        return made;
    }

    private Fd mappedOverlay(RootfsMount mount, MountSpec.Overlay overlay, byte[] label, int namespace, boolean attach)
            throws LinuxException, NodeException {
        IdRange range = Objects.requireNonNull(mount.idRange());
        return OwnThread.run("mount " + mount.target(), () -> {
            if (attach) {
                leaveForMountsOfItsOwn();
            }
            return mappedOverlay(overlay, label, range, new Mapping(namespace, attach));
        });
    }

    /** Nobody else sees what is mounted there, and it is gone with the thread, also when the process is killed. */
    private void leaveForMountsOfItsOwn() throws LinuxException {
        calls.unshare(Abi.CLONE_FS | Abi.CLONE_NEWNS);
        calls.mount(PathBytes.EMPTY, PathBytes.of("/"), PathBytes.EMPTY, Abi.MS_REC | Abi.MS_PRIVATE, PathBytes.EMPTY);
    }

    /**
     * The super block keeps the credentials of its maker for all it does in the layers, and these must be ids that the
     * mapped layers know; changing the file system ids drops capabilities, which are raised again.
     */
    private Fd mappedOverlay(MountSpec.Overlay overlay, byte[] label, IdRange range, Mapping mapping)
            throws LinuxException, NodeException {
        Capabilities all = calls.capget();
        calls.setfsgid(range.first());
        calls.setfsuid(range.first());
        calls.capset(all);
        return overlay(overlay, label, mapping);
    }

    private Fd overlay(MountSpec.Overlay overlay, byte[] label, @Nullable Mapping mapping)
            throws LinuxException, NodeException {
        return overlay(overlay, label, mapping, OverlayContext.Features.NONE, 0);
    }

    private Fd overlay(
            MountSpec.Overlay overlay,
            byte[] label,
            @Nullable Mapping mapping,
            OverlayContext.Features features,
            int attributes)
            throws LinuxException, NodeException {
        List<Fd> open = new ArrayList<>();
        try {
            List<Integer> lowers = new ArrayList<>();
            for (String lower : overlay.lowers()) {
                open.add(layer(lower, mapping));
                lowers.add(open.get(open.size() - 1).number());
            }
            Fd layers = layer(overlay.layers(), mapping);
            open.add(layers);
            int upper = inside(layers.number(), overlay.upper(), open);
            int work = inside(layers.number(), overlay.work(), open);
            try (Fd context = overlays.create(lowers, upper, work, label, features)) {
                return new Fd(calls, calls.fsmount(context.number(), attributes));
            }
        } finally {
            open.forEach(Fd::close);
        }
    }

    /** A directory to use as a layer: as it is, or a mount of it with its ids mapped. */
    private Fd layer(String path, @Nullable Mapping mapping) throws LinuxException {
        if (mapping == null) {
            return OverlayContext.openLayer(calls, path);
        }
        Fd layer = mapped(path, 0, mapping.namespace());
        boolean done = false;
        try {
            if (mapping.attach()) {
                try (Fd place = OverlayContext.openLayer(calls, path)) {
                    calls.moveMount(layer.number(), PathBytes.EMPTY, place.number(), PathBytes.EMPTY, ATTACH);
                }
            }
            done = true;
            return layer;
        } finally {
            if (!done) {
                layer.close();
            }
        }
    }

    private int inside(int directory, String name, List<Fd> open) throws LinuxException {
        Fd fd = new Fd(calls, calls.openat2(directory, PathBytes.of(name), LAYER, 0, INSIDE));
        open.add(fd);
        return fd.number();
    }

    private Fd bind(MountSpec.Bind bind, @Nullable IdRange range) throws LinuxException {
        int namespace = range == null ? -1 : namespaces.descriptor(range);
        return mapped(bind.directory(), COVERED_FLAGS, namespace);
    }

    /** A detached mount of a directory, with these attributes cleared and the ids mapped unless the namespace is -1. */
    private Fd mapped(String path, long clear, int namespace) throws LinuxException {
        Fd tree;
        try (Fd directory = OverlayContext.openLayer(calls, path)) {
            int flags = Abi.OPEN_TREE_CLONE | Abi.AT_EMPTY_PATH;
            tree = new Fd(calls, calls.openTree(directory.number(), PathBytes.EMPTY, flags));
        }
        boolean done = false;
        try {
            long set = namespace < 0 ? 0 : Abi.MOUNT_ATTR_IDMAP;
            calls.mountSetattr(tree.number(), PathBytes.EMPTY, Abi.AT_EMPTY_PATH, set, clear, 0, namespace);
            done = true;
            return tree;
        } finally {
            if (!done) {
                tree.close();
            }
        }
    }

    private void refuseMountPoint(int target, String path) throws LinuxException, NodeException {
        Statx stat = new Statx();
        calls.statx(target, PathBytes.EMPTY, Abi.AT_EMPTY_PATH, Abi.STATX_BASIC_STATS, stat);
        if (stat.isMountRoot()) {
            throw new NodeException(
                    Reason.ForeignObject,
                    Follow.WAIT,
                    path + " has something mounted on it already; unmount it, or give the sliver another rootfs");
        }
    }

    private void refuseReadOnly(int made, RootfsMount mount) throws LinuxException, NodeException {
        if (!calls.fstatfs(made).readOnly()) {
            return;
        }
        if (storeIsReadOnly(mount.spec())) {
            throw new NodeException(
                    Reason.StoreFaulty,
                    Follow.WAIT,
                    "the file system of " + place(mount.spec())
                            + " is read-only; look at the kernel's log, mend it and " + "mount it writable");
        }
        throw new NodeException(
                Reason.Damaged,
                Follow.RETRY,
                "the kernel could mount " + mount.sliver()
                        + " only read-only, usually because of what lies in the work " + "directory in "
                        + place(mount.spec()) + "; it was not mounted");
    }

    private static NodeException readOnlyStore(MountSpec spec) {
        return new NodeException(
                Reason.StoreFaulty,
                Follow.WAIT,
                "the file system of " + place(spec)
                        + " is read-only; look at the kernel's log, mend it and mount it writable");
    }

    private boolean storeIsReadOnly(MountSpec spec) throws LinuxException {
        try (Fd directory = OverlayContext.openLayer(calls, place(spec))) {
            return calls.fstatfs(directory.number()).readOnly();
        }
    }

    private static String place(MountSpec spec) {
        if (spec instanceof MountSpec.Bind bind) {
            return bind.directory();
        }
        return ((MountSpec.Overlay) spec).layers();
    }

    /**
     * Unmounts what is on top at the target; never lazily, since that would leave the store in use and nobody to tell.
     *
     * @return false when nothing was mounted there
     * @throws NodeException {@code InUse} with who holds it
     */
    public boolean unmount(String target) throws LinuxException, NodeException {
        try {
            calls.umount2(PathBytes.of(target), Abi.UMOUNT_NOFOLLOW);
            return true;
        } catch (LinuxException e) {
            if (e.is(Errno.EINVAL, Errno.ENOENT)) {
                return false;
            }
            if (!e.is(Errno.EBUSY)) {
                throw e;
            }
            throw new NodeException(Reason.InUse, Follow.WAIT, busy(target), e);
        }
    }

    private String busy(String target) throws LinuxException {
        List<Holder> holders = new HolderScan(calls).ofMountAt(target);
        String who = holders.isEmpty()
                ? "the kernel does not tell by whom; perhaps a loop device, a swap file or an export"
                : HolderScan.list(holders);
        return target + " cannot be unmounted, it is in use: " + who;
    }
}
