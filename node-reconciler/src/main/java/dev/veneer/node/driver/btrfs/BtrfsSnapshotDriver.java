package dev.veneer.node.driver.btrfs;

import dev.veneer.node.driver.Availability;
import dev.veneer.node.driver.BaseTree;
import dev.veneer.node.driver.DriverCapabilities;
import dev.veneer.node.driver.ProbeDirectory;
import dev.veneer.node.driver.SnapshotPower;
import dev.veneer.node.driver.StorageDriver;
import dev.veneer.node.driver.Usage;
import dev.veneer.node.driver.WholeTree;
import dev.veneer.node.driver.WritableStore;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.Btrfs;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.linux.Statx;
import dev.veneer.node.model.BaseForm;
import dev.veneer.node.model.MountSpec;
import dev.veneer.node.tree.SafeOpen;
import dev.veneer.node.tree.TreeRemover;

/**
 * A writable snapshot of the base's subvolume for each sliver, made by ioctl. Slivers share the base's blocks until
 * they write them.
 *
 * <p>Every snapshot waits for a commit of the file system, and those that wait at once share one, but only when each
 * lies in a directory of its own: the directory's lock is held meanwhile. {@code create} therefore does nothing else,
 * and many calls at once pay off.
 *
 * <p>A sliver's owner can make subvolumes inside it (systemd does); they are counted, and removed with it.
 */
public final class BtrfsSnapshotDriver implements StorageDriver, SnapshotPower {
    private static final byte[] TREE = PathBytes.of(WholeTree.NAME);
    private static final DriverCapabilities CAPABILITIES = new DriverCapabilities(
            /* sharesBaseBytes= */ true,
            /* sharesPageCache= */ false,
            /* idmapped= */ true,
            /* storesWhiteoutDevice= */ true,
            /* nestedSubvolumes= */ true,
            /* hardLinksOfBaseKept= */ true,
            /* parallelCreates= */ 100);

    private final LinuxCalls calls;
    private final Btrfs btrfs;

    public BtrfsSnapshotDriver(LinuxCalls calls) {
        this.calls = calls;
        this.btrfs = new Btrfs(calls);
    }

    @Override
    public String name() {
        return "btrfs-snapshot";
    }

    @Override
    public DriverCapabilities capabilities() {
        return CAPABILITIES;
    }

    @Override
    public BaseForm form() {
        return BaseForm.SUBVOL;
    }

    @Override
    public Availability probe(String scratchDirectory) {
        try (ProbeDirectory directory = new ProbeDirectory(calls, scratchDirectory, name())) {
            if (!btrfs.isOn(directory.fd())) {
                return Availability.no(
                        scratchDirectory + " is not on btrfs",
                        "put the store on btrfs: mkfs.btrfs DEVICE && mount DEVICE STORE");
            }
            tryOut(directory.fd());
            return Availability.yes("a subvolume was made, written, snapshot and removed in the store");
        } catch (LinuxException | NodeException e) {
            boolean permission = e instanceof LinuxException linux && linux.is(Errno.EPERM, Errno.EACCES);
            return Availability.no(
                    "trying a snapshot in " + scratchDirectory + " failed: " + e.getMessage(),
                    permission
                            ? "run as root in the initial user namespace (CAP_SYS_ADMIN)"
                            : "make the store writable and free some space in it; see the end of dmesg");
        }
    }

    private void tryOut(int directory) throws LinuxException {
        byte[] from = PathBytes.of("from");
        btrfs.createSubvolume(directory, from);
        SafeOpen open = new SafeOpen(calls);
        int source = open.directory(directory, from);
        try {
            btrfs.setReadOnly(source, true);
            btrfs.snapshot(source, directory, TREE);
        } finally {
            calls.close(source);
        }
        int snapshot = open.directory(directory, TREE);
        try {
            calls.mkdirat(snapshot, PathBytes.of("written"), 0700);
            btrfs.subvolume(snapshot);
        } finally {
            calls.close(snapshot);
        }
        btrfs.destroy(directory, TREE);
        btrfs.destroy(directory, from);
    }

    @Override
    public void create(WritableStore store, BaseTree base) throws LinuxException, NodeException {
        SafeOpen open = new SafeOpen(calls);
        int source = open.ownDirectory(base.path());
        try {
            int directory = open.ownDirectory(store.path());
            try {
                btrfs.snapshot(source, directory, TREE);
            } finally {
                calls.close(directory);
            }
        } finally {
            calls.close(source);
        }
    }

    @Override
    public MountSpec mount(WritableStore store, BaseTree base) {
        return new MountSpec.Bind(WholeTree.path(store));
    }

    @Override
    public void inspect(WritableStore store) throws LinuxException, NodeException {
        SafeOpen open = new SafeOpen(calls);
        int directory = open.ownDirectory(store.path());
        try {
            int tree = open.directory(directory, TREE);
            try {
                Statx stat = new Statx();
                calls.statx(tree, PathBytes.EMPTY, Abi.AT_EMPTY_PATH, Abi.STATX_BASIC_STATS, stat);
                if (stat.ino != Btrfs.SUBVOLUME_INODE) {
                    throw WholeTree.damaged(store, "is a directory, not a subvolume", null);
                }
                if (btrfs.isReadOnly(tree)) {
                    throw WholeTree.damaged(
                            store,
                            "is read-only (mend with: btrfs property set " + WholeTree.path(store) + " ro false)",
                            null);
                }
            } finally {
                calls.close(tree);
            }
        } catch (LinuxException e) {
            if (e.is(Errno.ENOENT, Errno.ENOTDIR, Errno.ELOOP)) {
                throw WholeTree.damaged(store, "is not there or no subvolume", e);
            }
            throw e;
        } finally {
            calls.close(directory);
        }
    }

    @Override
    public Usage usage(WritableStore store, BaseTree base) throws LinuxException, NodeException {
        return new BtrfsUsage(calls).of(WholeTree.path(store), base.path());
    }

    /** False when there are subvolumes in it: of those, a snapshot has only empty directories in their places. */
    @Override
    public boolean snapshot(WritableStore from, WritableStore to) throws LinuxException {
        SafeOpen open = new SafeOpen(calls);
        int tree = open.ownDirectory(WholeTree.path(from));
        try {
            int directory = open.ownDirectory(to.path());
            try {
                btrfs.snapshot(tree, directory, TREE);
                // Asked afterwards, so that one that its owner made a moment before is not missed.
                if (btrfs.below(tree, btrfs.subvolume(tree).number()).isEmpty()) {
                    return true;
                }
                btrfs.destroy(directory, TREE);
                return false;
            } finally {
                calls.close(directory);
            }
        } finally {
            calls.close(tree);
        }
    }

    @Override
    public void makeEmpty(WritableStore store) throws LinuxException {
        int directory = new SafeOpen(calls).ownDirectory(store.path());
        try {
            btrfs.createSubvolume(directory, TREE);
        } finally {
            calls.close(directory);
        }
    }

    @Override
    public void remove(WritableStore store) throws LinuxException, NodeException {
        new TreeRemover(calls).empty(store.path());
    }
}
