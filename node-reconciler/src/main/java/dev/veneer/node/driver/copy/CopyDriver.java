package dev.veneer.node.driver.copy;

import dev.veneer.node.driver.Availability;
import dev.veneer.node.driver.BaseTree;
import dev.veneer.node.driver.DriverCapabilities;
import dev.veneer.node.driver.ProbeDirectory;
import dev.veneer.node.driver.StorageDriver;
import dev.veneer.node.driver.Usage;
import dev.veneer.node.driver.WholeTree;
import dev.veneer.node.driver.WritableStore;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.model.BaseForm;
import dev.veneer.node.model.MountSpec;
import dev.veneer.node.tree.BlockSharing;
import dev.veneer.node.tree.DiskUsage;
import dev.veneer.node.tree.SafeOpen;
import dev.veneer.node.tree.TreeCopier;
import dev.veneer.node.tree.TreeRemover;

/**
 * A whole copy of the base for each sliver. Works on every file system that can hold the base; where files can share
 * blocks (btrfs, XFS) a copy costs inodes rather than bytes, elsewhere the whole size of the base.
 */
public final class CopyDriver implements StorageDriver {
    private static final byte[] TREE = PathBytes.of(WholeTree.NAME);
    private static final DriverCapabilities CAPABILITIES = new DriverCapabilities(
            /* sharesBaseBytes= */ false,
            /* sharesPageCache= */ false,
            /* idmapped= */ true,
            /* storesWhiteoutDevice= */ true,
            /* nestedSubvolumes= */ false,
            /* hardLinksOfBaseKept= */ true,
            /* parallelCreates= */ 2);

    private final LinuxCalls calls;

    public CopyDriver(LinuxCalls calls) {
        this.calls = calls;
    }

    @Override
    public String name() {
        return "copy";
    }

    @Override
    public DriverCapabilities capabilities() {
        return CAPABILITIES;
    }

    @Override
    public BaseForm form() {
        return BaseForm.DIR;
    }

    @Override
    public Availability probe(String scratchDirectory) {
        try (ProbeDirectory directory = new ProbeDirectory(calls, scratchDirectory, name())) {
            return Availability.yes(
                    BlockSharing.works(calls, directory.fd())
                            ? "copies share their blocks with the base: cloning a file worked"
                            : "every copy takes the whole size of its base: this file system cannot share blocks");
        } catch (LinuxException | NodeException e) {
            return Availability.no(
                    "writing in " + scratchDirectory + " failed: " + e.getMessage(),
                    "make the store writable and free some space in it");
        }
    }

    @Override
    public void create(WritableStore store, BaseTree base) throws LinuxException, NodeException {
        calls.mkdirat(Abi.AT_FDCWD, PathBytes.of(WholeTree.path(store)), 0700);
        new TreeCopier(calls).copy(base.path(), WholeTree.path(store));
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
            calls.close(open.directory(directory, TREE));
        } catch (LinuxException e) {
            if (e.is(Errno.ENOENT, Errno.ENOTDIR, Errno.ELOOP)) {
                throw WholeTree.damaged(store, "is not there or no directory", e);
            }
            throw e;
        } finally {
            calls.close(directory);
        }
    }

    @Override
    public Usage usage(WritableStore store, BaseTree base) throws LinuxException, NodeException {
        return Usage.of(new DiskUsage(calls).of(WholeTree.path(store), store.path()));
    }

    @Override
    public void remove(WritableStore store) throws LinuxException, NodeException {
        new TreeRemover(calls).empty(store.path());
    }
}
