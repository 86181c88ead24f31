package dev.veneer.node.driver;

import dev.veneer.api.Reason;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.Btrfs;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.model.BaseForm;
import dev.veneer.node.tree.SafeOpen;
import dev.veneer.node.tree.TreeCopier;

/**
 * Makes a base image's forms from each other. Content is shared with the form that was there where the file system can,
 * so a further form costs metadata only.
 */
public final class BaseForms {
    private final LinuxCalls calls;

    public BaseForms(LinuxCalls calls) {
        this.calls = calls;
    }

    /**
     * Makes a form in staging; making it durable and publishing it are the caller's. When it fails, the caller removes
     * what is there (subvolumes too: {@code TreeRemover}).
     *
     * @param from a form that is whole
     * @param form the one that is wanted
     * @param directory an existing directory of ours
     * @param name what it is to be called there; must not exist
     * @throws NodeException {@code DriverUnavailable} when the file system has no such form
     */
    public void make(BaseTree from, BaseForm form, String directory, String name) throws LinuxException, NodeException {
        SafeOpen open = new SafeOpen(calls);
        int parent = open.ownDirectory(directory);
        try {
            byte[] target = PathBytes.of(name);
            switch (form) {
                case DIR -> calls.mkdirat(parent, target, 0700);
                case SUBVOL -> makeSubvolume(parent, target, directory);
            }
            int tree = open.directory(parent, target);
            try {
                int source = open.ownDirectory(from.path());
                try {
                    new TreeCopier(calls).copy(source, tree);
                } finally {
                    calls.close(source);
                }
                if (form == BaseForm.SUBVOL) {
                    new Btrfs(calls).setReadOnly(tree, true);
                }
            } finally {
                calls.close(tree);
            }
        } finally {
            calls.close(parent);
        }
    }

    private void makeSubvolume(int parent, byte[] name, String directory) throws LinuxException, NodeException {
        if (calls.fstatfs(parent).type() != Abi.BTRFS_SUPER_MAGIC) {
            throw new NodeException(
                    Reason.DriverUnavailable,
                    Follow.STALLED,
                    directory + " is not on btrfs, so a base image can have no subvolume there; choose another driver, "
                            + "or put the store on btrfs");
        }
        new Btrfs(calls).createSubvolume(parent, name);
    }
}
