package dev.veneer.node.driver.overlay;

import dev.veneer.api.Reason;
import dev.veneer.node.driver.Availability;
import dev.veneer.node.driver.BaseTree;
import dev.veneer.node.driver.DriverCapabilities;
import dev.veneer.node.driver.StorageDriver;
import dev.veneer.node.driver.Usage;
import dev.veneer.node.driver.WritableStore;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.DirectoryReader;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.linux.Statx;
import dev.veneer.node.model.BaseForm;
import dev.veneer.node.model.MountSpec;
import dev.veneer.node.tree.DiskUsage;
import dev.veneer.node.tree.SafeOpen;
import dev.veneer.node.tree.TreeRemover;
import dev.veneer.node.tree.XattrPolicy;
import java.util.List;

/**
 * An overlay of the base's directory and an {@code upper} directory, which holds what the sliver's owner wrote. Slivers
 * share the base's blocks and its pages in memory; making one costs a few directories.
 *
 * <p>The view's root directory is {@code upper} itself, so it gets the identity of the base's root. The kernel's
 * {@code work} directory is made anew before each mount: what a mount left deep in it makes the next one silently
 * read-only.
 */
public final class OverlayDriver implements StorageDriver {
    private static final String NAME = "overlay";
    private static final String UPPER = "upper";
    private static final String WORK = "work";
    private static final byte[] UPPER_NAME = PathBytes.of(UPPER);
    private static final byte[] WORK_NAME = PathBytes.of(WORK);
    private static final int PRIVATE = 0700;
    private static final DriverCapabilities CAPABILITIES = new DriverCapabilities(
            /* sharesBaseBytes= */ true,
            /* sharesPageCache= */ true,
            /* idmapped= */ true,
            /* storesWhiteoutDevice= */ false,
            /* nestedSubvolumes= */ false,
            /* hardLinksOfBaseKept= */ false,
            /* parallelCreates= */ 2);

    private final LinuxCalls calls;

    public OverlayDriver(LinuxCalls calls) {
        this.calls = calls;
    }

    @Override
    public String name() {
        return NAME;
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
        return new OverlayProbe(calls).run(scratchDirectory);
    }

    @Override
    public void create(WritableStore store, BaseTree base) throws LinuxException, NodeException {
        byte[] root = PathBytes.of(base.path());
        Statx of = new Statx();
        calls.statx(Abi.AT_FDCWD, root, Abi.AT_SYMLINK_NOFOLLOW, Abi.STATX_BASIC_STATS, of);
        int directory = new SafeOpen(calls).ownDirectory(store.path());
        try {
            calls.mkdirat(directory, WORK_NAME, PRIVATE);
            calls.mkdirat(directory, UPPER_NAME, PRIVATE);
            if (of.uid != 0 || of.gid != 0) {
                calls.fchownat(directory, UPPER_NAME, of.uid, of.gid, Abi.AT_SYMLINK_NOFOLLOW);
            }
            calls.fchmodat(directory, UPPER_NAME, of.mode & 07777);
            byte[] upper = PathBytes.of(store.path() + "/" + UPPER);
            for (var name : XattrPolicy.names(calls.llistxattr(root))) {
                if (XattrPolicy.judge(name) == XattrPolicy.Verdict.KEEP) {
                    calls.lsetxattr(upper, name.array(), calls.lgetxattr(root, name.array()), 0);
                }
            }
            calls.utimensat(
                    directory, UPPER_NAME, 0, Abi.UTIME_OMIT, of.mtimeSec, of.mtimeNsec, Abi.AT_SYMLINK_NOFOLLOW);
        } finally {
            calls.close(directory);
        }
    }

    @Override
    public MountSpec mount(WritableStore store, BaseTree base) {
        return new MountSpec.Overlay(List.of(base.path()), store.path(), UPPER, WORK);
    }

    @Override
    public void inspect(WritableStore store) throws LinuxException, NodeException {
        SafeOpen open = new SafeOpen(calls);
        int directory = open.ownDirectory(store.path());
        try {
            calls.close(open.directory(directory, UPPER_NAME));
            renewWork(open, directory, store.path());
        } catch (LinuxException e) {
            if (e.is(Errno.ENOENT, Errno.ENOTDIR, Errno.ELOOP)) {
                throw new NodeException(
                        Reason.Damaged,
                        Follow.STALLED,
                        "The writable store " + store.path() + " has no directory " + UPPER
                                + ", which holds everything that was written in sliver " + store.sliver()
                                + "; restore it from a backup, or change spec.instanceSerial to begin anew",
                        e);
            }
            throw e;
        } finally {
            calls.close(directory);
        }
    }

    /** Leaves an empty work directory, of which the kernel makes what it needs. */
    private void renewWork(SafeOpen open, int directory, String path) throws LinuxException, NodeException {
        if (isLeftAsUsual(open, directory)) {
            return;
        }
        if (!removedEmpty(directory, WORK_NAME)) {
            new TreeRemover(calls).remove(directory, WORK_NAME, path);
        }
        calls.mkdirat(directory, WORK_NAME, PRIVATE);
    }

    /**
     * Whether nothing is in {@code work} once its only directory of a mount that ended well, again called so and empty, is
     * removed. To make a new one each time would cost two journalled changes for nothing.
     */
    private boolean isLeftAsUsual(SafeOpen open, int directory) throws LinuxException {
        try {
            int work = open.directory(directory, WORK_NAME);
            try {
                if (!removedEmpty(work, WORK_NAME)) {
                    return false;
                }
                return DirectoryReader.isEmpty(calls, work);
            } finally {
                calls.close(work);
            }
        } catch (LinuxException e) {
            if (!e.is(Errno.ENOENT, Errno.ENOTDIR, Errno.ELOOP)) {
                throw e;
            }
            return false;
        }
    }

    private boolean removedEmpty(int directory, byte[] name) throws LinuxException {
        try {
            calls.unlinkat(directory, name, Abi.AT_REMOVEDIR);
            return true;
        } catch (LinuxException e) {
            if (e.is(Errno.ENOENT)) {
                return true;
            }
            if (e.is(Errno.ENOTEMPTY, Errno.EEXIST, Errno.ENOTDIR, Errno.EPERM)) {
                return false;
            }
            throw e;
        }
    }

    @Override
    public Usage usage(WritableStore store, BaseTree base) throws LinuxException, NodeException {
        return Usage.of(new DiskUsage(calls).of(store.path() + "/" + UPPER, store.path()));
    }

    @Override
    public void remove(WritableStore store) throws LinuxException, NodeException {
        new TreeRemover(calls).empty(store.path());
    }
}
