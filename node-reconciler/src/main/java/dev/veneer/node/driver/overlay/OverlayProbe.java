package dev.veneer.node.driver.overlay;

import dev.veneer.node.driver.Availability;
import dev.veneer.node.driver.ProbeDirectory;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.linux.Statx;

/**
 * Mounts a small overlay with its upper directory on the store's file system, without attaching it anywhere, and writes,
 * replaces and deletes in it. Only that proves it: a kernel that lacks something in the file system below mounts the
 * overlay all the same, read-only.
 */
final class OverlayProbe {
    private static final byte[] LOWER = PathBytes.of("lower");
    private static final byte[] UPPER = PathBytes.of("upper");
    private static final byte[] WORK = PathBytes.of("work");
    private static final byte[] FILE = PathBytes.of("file");
    private static final String[][] FEATURES = {
        {"index", "off"}, {"nfs_export", "off"}, {"metacopy", "off"}, {"redirect_dir", "nofollow"}, {"xino", "off"},
    };

    private final LinuxCalls calls;

    OverlayProbe(LinuxCalls calls) {
        this.calls = calls;
    }

    Availability run(String scratch) {
        try (ProbeDirectory directory = new ProbeDirectory(calls, scratch, "overlay")) {
            return attempt(directory.fd());
        } catch (LinuxException e) {
            return Availability.no("trying an overlay in " + scratch + " failed: " + e.getMessage(), remedy(e));
        } catch (NodeException e) {
            return Availability.no("trying an overlay in " + scratch + " failed: " + e.getMessage(), "see the reason");
        }
    }

    private Availability attempt(int directory) throws LinuxException {
        for (byte[] name : new byte[][] {LOWER, UPPER, WORK}) {
            calls.mkdirat(directory, name, 0755);
        }
        int lower = calls.openat2(directory, LOWER, Abi.O_RDONLY | Abi.O_DIRECTORY, 0, 0);
        try {
            makeFile(lower);
        } finally {
            calls.close(lower);
        }
        int context = calls.fsopen(PathBytes.of("overlay"));
        try {
            // Through /proc: neither the 255 bytes of an option's value nor its escapes matter.
            String here = "/proc/self/fd/" + directory;
            option(context, "lowerdir", here + "/lower");
            option(context, "upperdir", here + "/upper");
            option(context, "workdir", here + "/work");
            for (String[] feature : FEATURES) {
                option(context, feature[0], feature[1]);
            }
            calls.fsconfigCreate(context);
            int view = calls.fsmount(context, 0);
            try {
                write(view);
            } finally {
                calls.close(view);
            }
        } finally {
            calls.close(context);
        }
        return whiteoutIsThere(directory)
                ? Availability.yes("an overlay on the store's file system was mounted, written and unmounted")
                : Availability.no(
                        "deleting in an overlay on the store's file system left no whiteout",
                        "put the store on ext4, XFS or btrfs");
    }

    private void write(int view) throws LinuxException {
        makeFile(view, PathBytes.of("new"));
        int copiedUp = calls.openat2(view, FILE, Abi.O_RDWR, 0, 0);
        calls.close(copiedUp);
        calls.unlinkat(view, FILE, 0);
    }

    private void makeFile(int directory) throws LinuxException {
        makeFile(directory, FILE);
    }

    private void makeFile(int directory, byte[] name) throws LinuxException {
        calls.close(calls.openat2(directory, name, Abi.O_CREAT | Abi.O_EXCL | Abi.O_WRONLY, 0644, 0));
    }

    private boolean whiteoutIsThere(int directory) throws LinuxException {
        Statx stat = new Statx();
        calls.statx(directory, PathBytes.of("upper/file"), Abi.AT_SYMLINK_NOFOLLOW, Abi.STATX_BASIC_STATS, stat);
        return stat.type() == Abi.S_IFCHR && stat.rdevMajor == 0 && stat.rdevMinor == 0;
    }

    private void option(int context, String key, String value) throws LinuxException {
        calls.fsconfigString(context, PathBytes.of(key), PathBytes.of(value));
    }

    private static String remedy(LinuxException e) {
        if (e.is(Errno.ENODEV)) {
            return "load the kernel's overlay module: modprobe overlay";
        }
        if (e.is(Errno.EPERM, Errno.EACCES)) {
            return "run as root in the initial user namespace (CAP_SYS_ADMIN)";
        }
        if (e.is(Errno.ENOSYS)) {
            return "use a kernel of at least 5.15";
        }
        if (e.is(Errno.EROFS)) {
            return "make the store writable; if it is, its file system lacks what an overlay needs "
                    + "(trusted extended attributes, file types in directories): use ext4, XFS (ftype=1) or btrfs";
        }
        if (e.is(Errno.ENOSPC, Errno.EDQUOT)) {
            return "free some space in the store";
        }
        return "put the store on ext4, XFS or btrfs (not on another overlay), and look at the end of dmesg";
    }
}
