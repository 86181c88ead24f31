package dev.veneer.node.driver.conformance;

import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.model.MountSpec;

/** Mounts what a driver describes, and nothing more. */
final class RootMount {
    private final LinuxCalls calls;

    RootMount(LinuxCalls calls) {
        this.calls = calls;
    }

    void mount(MountSpec spec, String target) throws LinuxException {
        if (spec instanceof MountSpec.Overlay overlay) {
            overlay(overlay, target);
        } else if (spec instanceof MountSpec.Bind bind) {
            int tree = calls.openTree(Abi.AT_FDCWD, PathBytes.of(bind.directory()), Abi.OPEN_TREE_CLONE);
            long cleared = Abi.MOUNT_ATTR_NOSUID | Abi.MOUNT_ATTR_NODEV | Abi.MOUNT_ATTR_NOEXEC;
            calls.mountSetattr(tree, PathBytes.EMPTY, Abi.AT_EMPTY_PATH, 0, cleared, 0, -1);
            attach(tree, target);
        }
    }

    private void overlay(MountSpec.Overlay overlay, String target) throws LinuxException {
        int context = calls.fsopen(PathBytes.of("overlay"));
        try {
            for (String lower : overlay.lowers()) {
                option(context, "lowerdir+", lower);
            }
            option(context, "upperdir", overlay.layers() + "/" + overlay.upper());
            option(context, "workdir", overlay.layers() + "/" + overlay.work());
            for (String feature : new String[] {"index", "nfs_export", "metacopy", "xino"}) {
                option(context, feature, "off");
            }
            option(context, "redirect_dir", "nofollow");
            calls.fsconfigCreate(context);
            attach(calls.fsmount(context, 0), target);
        } finally {
            calls.close(context);
        }
    }

    private void attach(int tree, String target) throws LinuxException {
        try {
            calls.moveMount(tree, PathBytes.EMPTY, Abi.AT_FDCWD, PathBytes.of(target), Abi.MOVE_MOUNT_F_EMPTY_PATH);
        } finally {
            calls.close(tree);
        }
    }

    private void option(int context, String key, String value) throws LinuxException {
        calls.fsconfigString(context, PathBytes.of(key), PathBytes.of(value));
    }

    void unmount(String target) throws LinuxException {
        calls.umount2(PathBytes.of(target), Abi.UMOUNT_NOFOLLOW);
    }
}
