package dev.veneer.node.execute;

import dev.veneer.node.driver.BaseTree;
import dev.veneer.node.driver.StorageDriver;
import dev.veneer.node.driver.WritableStore;
import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.Fd;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.model.Digest;
import dev.veneer.node.model.MountSpec;
import dev.veneer.node.store.StoreLayout;
import dev.veneer.node.tree.SafeOpen;

/**
 * One revision of a writable store, with what it stands on.
 *
 * @param store where it lies
 * @param driver what made it
 * @param base what it stands on
 */
record Revision(WritableStore store, StorageDriver driver, BaseTree base) {
    static Revision of(StoreLayout layout, WritableStore store, StorageDriver driver, Digest digest) {
        return new Revision(
                store, driver, new BaseTree(digest, driver.form(), layout.absoluteForm(digest, driver.form())));
    }

    /** Whether it holds what was written above a base, rather than a whole tree. */
    boolean isLayer() {
        return driver.mount(store, base) instanceof MountSpec.Overlay;
    }

    /** Absolute path of the directory that holds what was written, or the whole tree. */
    String tree() {
        return driver.mount(store, base) instanceof MountSpec.Overlay overlay
                ? overlay.layers() + "/" + overlay.upper()
                : ((MountSpec.Bind) driver.mount(store, base)).directory();
    }

    /** That directory, open. */
    Fd open(LinuxCalls calls) throws LinuxException {
        return new Fd(calls, new SafeOpen(calls).ownDirectory(tree()));
    }

    /** The root directory of a mount that nobody sees, for reading. */
    static Fd root(LinuxCalls calls, Fd mount) throws LinuxException {
        return new Fd(
                calls,
                calls.openat2(
                        mount.number(), new byte[] {'.'}, Abi.O_RDONLY | Abi.O_DIRECTORY, 0, Abi.RESOLVE_BENEATH));
    }
}
