package dev.veneer.node.execute;

import dev.veneer.api.Reason;
import dev.veneer.node.driver.BaseTree;
import dev.veneer.node.driver.ProbeDirectory;
import dev.veneer.node.driver.StorageDriver;
import dev.veneer.node.driver.WritableStore;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.Fd;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.model.ContainerSpec;
import dev.veneer.node.model.DesiredSliver;
import dev.veneer.node.model.DesiredStore;
import dev.veneer.node.model.MountEntry;
import dev.veneer.node.model.MountSpec;
import dev.veneer.node.model.RootfsMount;
import dev.veneer.node.model.SliverRecord;
import dev.veneer.node.observe.ExpectedMounts;
import dev.veneer.node.observe.MountTable;
import dev.veneer.node.store.Store;
import dev.veneer.node.store.StoredSliver;
import dev.veneer.node.tree.SafeOpen;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Slivers' rootfs: the directory, the mount on it, and who uses it. Only here is anything mounted or unmounted. */
public final class RootfsMounts {
    private final LinuxCalls calls;
    private final Store store;
    private final ExpectedMounts expected;
    private final MountPoints points;
    private final UserNamespaces namespaces;
    private final Mounter mounter;
    private final InUseProbe probe;
    private final Reattach reattach;

    public RootfsMounts(LinuxCalls calls, Store store, ExpectedMounts expected) {
        this.calls = calls;
        this.store = store;
        this.expected = expected;
        this.points = new MountPoints(calls, store.layout());
        this.namespaces = new UserNamespaces(calls);
        this.mounter = new Mounter(calls, namespaces);
        this.probe = new InUseProbe(calls, store.layout().absoluteScratch());
        this.reattach = new Reattach(calls);
    }

    /** What is to be mounted, for those who only read it. */
    ExpectedMounts expected() {
        return expected;
    }

    /** What is to be mounted for a sliver. */
    RootfsMount describe(SliverRecord record, boolean mapped) throws NodeException {
        return expected.of(record, mapped);
    }

    /**
     * Which of these stores something uses, and who.
     *
     * @return the mounts that must not be made, with why
     */
    Map<RootfsMount, NodeException> inUse(List<RootfsMount> mounts) {
        Map<RootfsMount, NodeException> used = new HashMap<>();
        if (mounts.isEmpty()) {
            return used;
        }
        try {
            probe.check(mounts).forEach((mount, holder) -> used.put(mount, inUse(mount, holder)));
        } catch (LinuxException e) {
            if (mounts.size() > 1) {
                // One store that cannot be asked about must not keep the others waiting.
                mounts.forEach(mount -> used.putAll(inUse(List.of(mount))));
            } else {
                mounts.forEach(mount -> used.put(
                        mount, Failures.of(e, "asking the kernel who uses the writable store of " + mount.sliver())));
            }
        }
        return used;
    }

    /**
     * Makes sure, beside a sliver that may run, that nobody has mounted a revision of it at a second place that this
     * process sees: it could neither be written anew nor mounted again once it is unmounted.
     *
     * @throws NodeException {@code InUse} with where it is
     */
    void requireNowhereElse(SliverRecord record, int revision) throws LinuxException, NodeException {
        RootfsMount mount = describe(record, revision);
        MountTable table = MountTable.read(calls);
        Recognition recognition = new Recognition(List.of(mount), table);
        for (MountEntry entry : table.entries()) {
            if (!entry.target().equals(record.rootfs()) && recognition.of(entry) != null) {
                throw inUse(mount, "a mount at " + entry.target());
            }
        }
    }

    private static NodeException inUse(RootfsMount mount, String holder) {
        return new NodeException(
                Reason.InUse,
                Follow.WAIT,
                "the writable store of sliver " + mount.sliver() + " is in use by " + holder
                        + "; it is never mounted twice, so Veneer waits until it is let go");
    }

    /** Mounts a sliver's rootfs, of which {@link #inUse} has just said that nothing uses it. */
    void mount(SliverRecord record, RootfsMount mount, boolean fresh) throws LinuxException, NodeException {
        points.prepare(mount.target(), !fresh);
        if (!fresh) {
            expected.driver(record).inspect(expected.store(record, record.revision()));
        }
        mounter.mount(mount);
    }

    /** To be called when all that was to be mounted is: an agent must not keep a descriptor of each id range for ever. */
    void mountingIsOver() {
        namespaces.close();
    }

    /** Mounts a store that was just made where nobody sees it; closing the descriptor ends it. */
    Fd unseen(WritableStore made, BaseTree base, StorageDriver driver) throws LinuxException, NodeException {
        MountSpec spec = driver.mount(made, base);
        return mounter.detached(new RootfsMount(store.mark(), made.sliver(), made.revision(), spec, made.path(), null));
    }

    /**
     * Mounts a revision that nothing uses for reading, where nobody sees it, so that the kernel shows all that an overlay
     * with other options left in it; closing the descriptor ends it.
     */
    Fd asWritten(WritableStore written, MountSpec.Overlay overlay) throws LinuxException, NodeException {
        RootfsMount mount =
                new RootfsMount(store.mark(), written.sliver(), written.revision(), overlay, written.path(), null);
        return mounter.readOnly(overlay, mount.label());
    }

    /** The directory of the store where scratch files may be made, open. */
    Fd scratch() throws LinuxException {
        return new Fd(calls, new SafeOpen(calls).ownDirectory(store.layout().absoluteScratch()));
    }

    /** A directory that {@link #beside} may work in, in the store; closing it removes it. */
    ProbeDirectory workBeside() throws LinuxException {
        return new ProbeDirectory(calls, store.layout().absoluteScratch(), "beside");
    }

    /**
     * The same of a revision that may be in use: nobody is disturbed, and what is written to it meanwhile is seen or not.
     *
     * @param work {@link #workBeside}, for this alone, closed after the mount, to mount what was written as an upper layer,
     *     which counts as in use meanwhile; null to mount it as a lower one
     */
    Fd beside(WritableStore written, MountSpec.Overlay overlay, @Nullable ProbeDirectory work) throws LinuxException {
        RootfsMount mount =
                new RootfsMount(store.mark(), written.sliver(), written.revision(), overlay, written.path(), null);
        return mounter.beside(overlay, mount.label(), work == null ? -1 : work.fd());
    }

    /** Attaches the mount that a running container still holds. */
    void reattach(SliverRecord record, int pid) throws LinuxException, NodeException {
        points.prepare(record.rootfs(), true);
        reattach.attach(expected.of(record, false), pid);
    }

    /** Takes the mount away; never lazily. */
    void unmount(String target) throws LinuxException, NodeException {
        mounter.unmount(target);
    }

    /** What would be mounted of one revision of a sliver, were it mounted on the sliver's base. */
    RootfsMount describe(SliverRecord record, int revision) throws NodeException {
        StorageDriver driver = expected.driver(record);
        return mountOf(record, revision, driver.mount(expected.store(record, revision), expected.base(record, driver)));
    }

    /** What would be mounted of one revision of a sliver, the current one or a kept one. */
    RootfsMount mountOf(SliverRecord record, int revision, MountSpec spec) {
        return new RootfsMount(store.mark(), record.id(), revision, spec, record.rootfs(), null);
    }

    /** What a sliver's container is to be, by the record that the store has now. */
    ContainerSpec containerSpec(DesiredSliver sliver, DesiredStore settings) throws NodeException {
        StoredSliver stored = store.scanOwnChanges().slivers().get(sliver.id());
        if (stored == null) {
            throw new NodeException(
                    Reason.Failed, Follow.RETRY, "sliver " + sliver.id() + " is not in the store any more");
        }
        return ContainerSpec.of(sliver, stored.record(), settings);
    }

    /** Removes the default mount point of a sliver that is gone; one that somebody chose stays. */
    void removeTarget(String rootfs) throws NodeException {
        points.remove(rootfs);
    }
}
