package dev.veneer.node.execute;

import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.Fd;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Makes overlay file systems from open directories. Where the kernel takes descriptors (6.13) they are given as such;
 * before, as {@code /proc/self/fd/N}, which is short and needs no escaping, so that no length limit and no character of a
 * path ever matters. Which of them works is tried once and remembered.
 */
final class OverlayContext {
    private static final byte[] OVERLAY = ascii("overlay");
    private static final byte[] SOURCE = ascii("source");
    private static final byte[] LOWER_ADD = ascii("lowerdir+");
    private static final byte[] LOWER = ascii("lowerdir");
    private static final byte[] UPPER = ascii("upperdir");
    private static final byte[] WORK = ascii("workdir");
    private static final byte[] OFF = ascii("off");
    private static final byte[] ON = ascii("on");

    private static final int NONE = -1;

    /** What the kernel refuses in a string parameter, its NUL included. */
    private static final int STRING_MAX = 256;

    /** Which of overlayfs's optional features one is made with. */
    enum Features {
        /** None, as slivers have it: what is seen depends on the layers alone. */
        NONE,
        /** {@code index}, with which the kernel refuses layers that another overlay writes to. */
        INDEX,
        /** What makes the kernel follow all that another overlay's options may have left in the upper layer. */
        BORROWING
    }

    private enum Way {
        DESCRIPTORS,
        LOWER_BY_LOWER,
        ONE_STRING
    }

    private final LinuxCalls calls;
    /** What worked once works always; null until then. */
    private volatile @Nullable Way proven;

    OverlayContext(LinuxCalls calls) {
        this.calls = calls;
    }

    /**
     * How many lower layers one overlay can have here; at least some.
     */
    int mostLowers() {
        return proven == Way.ONE_STRING ? STRING_MAX / "/proc/self/fd/1234567:".length() : 500;
    }

    /**
     * A new overlay; made, not mounted.
     *
     * @param lowers open directories, topmost first
     * @param label the source string
     * @return the file system context; {@code fsmount} it, or close it to discard the overlay
     */
    Fd create(List<Integer> lowers, int upper, int work, byte[] label, Features features) throws LinuxException {
        Way known = proven;
        if (known != null) {
            return create(lowers, upper, work, label, features, known);
        }
        LinuxException refused = null;
        for (Way each : Way.values()) {
            try {
                Fd context = create(lowers, upper, work, label, features, each);
                proven = each;
                return context;
            } catch (LinuxException e) {
                // Before Linux 6.5 overlayfs has no new interface of its own, and descriptors are not supported at all.
                if (!e.is(Errno.EINVAL, Errno.EOPNOTSUPP)) {
                    throw e;
                }
                refused = e;
            }
        }
        // None of the ways, so it is not the way that is wrong.
        throw Objects.requireNonNull(refused);
    }

    /** The same of lower layers alone, at least two: nothing is ever written, to none of them. */
    Fd create(List<Integer> lowers, byte[] label, Features features) throws LinuxException {
        return create(lowers, NONE, NONE, label, features);
    }

    private Fd create(List<Integer> lowers, int upper, int work, byte[] label, Features features, Way by)
            throws LinuxException {
        Fd context = new Fd(calls, calls.fsopen(OVERLAY));
        boolean done = false;
        try {
            layers(context.number(), lowers, upper, work, by);
            options(context.number(), label, features);
            calls.fsconfigCreate(context.number());
            done = true;
            return context;
        } finally {
            if (!done) {
                context.close();
            }
        }
    }

    private void layers(int context, List<Integer> lowers, int upper, int work, Way by) throws LinuxException {
        if (by == Way.DESCRIPTORS) {
            for (int lower : lowers) {
                calls.fsconfigFd(context, LOWER_ADD, lower);
            }
            if (upper != NONE) {
                calls.fsconfigFd(context, UPPER, upper);
                calls.fsconfigFd(context, WORK, work);
            }
            return;
        }
        if (by == Way.LOWER_BY_LOWER) {
            for (int lower : lowers) {
                calls.fsconfigString(context, LOWER_ADD, PathBytes.ofDescriptor(lower));
            }
        } else {
            calls.fsconfigString(context, LOWER, joined(lowers));
        }
        if (upper != NONE) {
            calls.fsconfigString(context, UPPER, PathBytes.ofDescriptor(upper));
            calls.fsconfigString(context, WORK, PathBytes.ofDescriptor(work));
        }
    }

    private static byte[] joined(List<Integer> lowers) throws LinuxException {
        StringBuilder list = new StringBuilder();
        for (int lower : lowers) {
            list.append(list.length() == 0 ? "" : ":").append("/proc/self/fd/").append(lower);
        }
        if (list.length() >= STRING_MAX) {
            throw new LinuxException("fsconfig", Errno.E2BIG, lowers.size() + " layers, more than this kernel takes");
        }
        return ascii(list.toString());
    }

    private void options(int context, byte[] label, Features features) throws LinuxException {
        boolean borrows = features == Features.BORROWING;
        calls.fsconfigString(context, SOURCE, label);
        calls.fsconfigString(context, ascii("index"), features == Features.INDEX ? ON : OFF);
        calls.fsconfigString(context, ascii("nfs_export"), OFF);
        calls.fsconfigString(context, ascii("metacopy"), borrows ? ON : OFF);
        calls.fsconfigString(context, ascii("redirect_dir"), borrows ? ON : ascii("nofollow"));
        calls.fsconfigString(context, ascii("xino"), OFF);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** Opens what a root file system is mounted on: through no link, which could have been put in the way meanwhile. */
    static Fd openTarget(LinuxCalls calls, String path) throws LinuxException {
        long flags = Abi.O_PATH | Abi.O_DIRECTORY | Abi.O_NOFOLLOW;
        return new Fd(calls, calls.openat2(Abi.AT_FDCWD, PathBytes.of(path), flags, 0, Abi.RESOLVE_NO_SYMLINKS));
    }

    /** Opens a directory to pass it on: by path, without following its last component. */
    static Fd openLayer(LinuxCalls calls, String path) throws LinuxException {
        long flags = Abi.O_PATH | Abi.O_DIRECTORY | Abi.O_NOFOLLOW;
        return new Fd(calls, calls.openat2(Abi.AT_FDCWD, PathBytes.of(path), flags, 0, 0));
    }
}
