package dev.veneer.node.tree;

import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.Errno;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.linux.Statx;
import dev.veneer.node.model.MountSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Tells what a sliver's owner changed against the base, path by path, in the order of a manifest. For an overlay only
 * the upper directory is walked; for the other drivers, which keep whole trees, both trees are, and content is read only
 * where size, times and shared blocks leave a doubt.
 *
 * <p>Compared is what a program in the sliver sees: copies that equal the base are no change, nor is a directory's time
 * by itself. Groups of hard links are not compared, only the files that their names lead to.
 *
 * <p>Reads only. The tree may be in use and its owner hostile: links are not followed, mounts not entered, special files
 * not opened, and what vanishes meanwhile is left out.
 */
public final class ViewDiff {
    private static final byte[] SELF = {'.'};

    private final LinuxCalls calls;
    private final SafeOpen open;
    private final FileContent content;

    public ViewDiff(LinuxCalls calls) {
        this.calls = calls;
        this.open = new SafeOpen(calls);
        this.content = new FileContent(calls);
    }

    /**
     * Compares.
     *
     * @param mount what the driver mounts for the sliver; it need not be mounted
     * @param base path of the base's root directory
     * @param into gets the changes, sorted
     * @throws LinuxException {@code ESTALE} when directories were moved meanwhile: try again
     */
    public void compare(MountSpec mount, String base, Consumer<ViewChange> into) throws LinuxException {
        boolean upper = mount instanceof MountSpec.Overlay;
        String tree = mount instanceof MountSpec.Overlay overlay
                ? overlay.layers() + "/" + overlay.upper()
                : ((MountSpec.Bind) mount).directory();
        int own = open.ownDirectory(tree);
        try {
            int bases = open.ownDirectory(base);
            try (Walk walk = new Walk(own, bases, upper, into)) {
                walk.run();
            } finally {
                calls.close(bases);
            }
        } finally {
            calls.close(own);
        }
    }

    /** A directory that exists on one side or both. */
    private static final class Frame {
        final @Nullable DirectoryNames own;
        final @Nullable DirectoryNames base;
        final boolean onBase;
        int nextOwn;
        int nextBase;

        /**
         * A frame.
         *
         * @param own the names on the sliver's side; null when it has no such directory
         * @param base the names on the base's side; null when it has none, or when they do not matter since the
         *     sliver's side names all changes
         */
        Frame(@Nullable DirectoryNames own, @Nullable DirectoryNames base, boolean onBase) {
            this.own = own;
            this.base = base;
            this.onBase = onBase;
        }

        boolean isMerged() {
            return own != null && onBase && base == null;
        }
    }

    private final class Walk implements AutoCloseable {
        final DirectoryStack own;
        final DirectoryStack base;
        final boolean upper;
        final Consumer<ViewChange> into;
        final LayerAttributes ownAttributes;
        final LayerAttributes baseAttributes = new LayerAttributes(calls, false);
        final List<Frame> frames = new ArrayList<>();
        final Statx ownStat = new Statx();
        final Statx baseStat = new Statx();

        Walk(int own, int base, boolean upper, Consumer<ViewChange> into) {
            this.own = new DirectoryStack(calls, own);
            this.base = new DirectoryStack(calls, base);
            this.upper = upper;
            this.into = into;
            this.ownAttributes = new LayerAttributes(calls, upper);
        }

        void run() throws LinuxException {
            stat(own.fd(), SELF, ownStat);
            stat(base.fd(), SELF, baseStat);
            Set<ViewChange.Aspect> aspects = metadata(SELF);
            reportDirectory(PathBytes.EMPTY, aspects);
            frames.add(new Frame(names(own), upper ? null : names(base), true));
            while (!frames.isEmpty()) {
                Frame frame = frames.get(frames.size() - 1);
                if (!step(frame)) {
                    frames.remove(frames.size() - 1);
                    if (!frames.isEmpty()) {
                        leave(frame);
                    }
                }
            }
        }

        private void leave(Frame frame) throws LinuxException {
            if (frame.own != null) {
                own.pop();
            }
            if (frame.onBase) {
                base.pop();
            }
        }

        /** Decides the next name of a directory; false when there is none. */
        private boolean step(Frame frame) throws LinuxException {
            byte[] ours = frame.own != null && frame.nextOwn < frame.own.count() ? frame.own.name(frame.nextOwn) : null;
            byte[] bases =
                    frame.base != null && frame.nextBase < frame.base.count() ? frame.base.name(frame.nextBase) : null;
            if (ours == null && bases == null) {
                return false;
            }
            int order = ours == null ? 1 : bases == null ? -1 : Arrays.compareUnsigned(ours, bases);
            byte[] name = order <= 0 ? ours : bases;
            if (name == null) {
                return false;
            }
            frame.nextOwn += order <= 0 ? 1 : 0;
            frame.nextBase += order >= 0 ? 1 : 0;
            boolean inOwn = order <= 0 && stat(own.fd(), name, ownStat);
            boolean whiteout = inOwn && ownAttributes.isWhiteout(ownStat);
            boolean inBase =
                    frame.isMerged() ? stat(base.fd(), name, baseStat) : order >= 0 && stat(base.fd(), name, baseStat);
            if (frame.isMerged() && !inOwn) {
                return true;
            }
            decide(frame, name, inOwn && !whiteout, inBase);
            return true;
        }

        private void decide(Frame frame, byte[] name, boolean inOwn, boolean inBase) throws LinuxException {
            if (!inOwn) {
                if (inBase) {
                    report(ViewChange.Kind.DELETED, base.path(name), Set.of());
                    enter(name, false, baseStat.isDirectory(), false);
                }
            } else if (!inBase) {
                report(ViewChange.Kind.ADDED, own.path(name), Set.of());
                enter(name, ownStat.isDirectory(), false, false);
            } else if (ownStat.type() != baseStat.type()) {
                report(ViewChange.Kind.MODIFIED, own.path(name), EnumSet.of(ViewChange.Aspect.TYPE));
                enter(name, ownStat.isDirectory(), baseStat.isDirectory(), false);
            } else if (ownStat.isDirectory()) {
                Set<ViewChange.Aspect> aspects = metadata(name);
                boolean merged = frame.isMerged() && !ownAttributes.isOpaque(own.fd(), name);
                reportDirectory(own.path(name), aspects);
                enter(name, true, true, merged);
            } else {
                Set<ViewChange.Aspect> aspects = differences(name);
                if (!aspects.isEmpty()) {
                    report(ViewChange.Kind.MODIFIED, own.path(name), aspects);
                }
            }
        }

        private void enter(byte[] name, boolean inOwn, boolean inBase, boolean merged) throws LinuxException {
            boolean ownEntered = inOwn && entered(own, name);
            // What is a directory here must be walked on the base's side even if the owner's vanished meanwhile;
            // but then there is nothing to compare it with any more.
            if ((inOwn && !ownEntered) || (!inOwn && !inBase)) {
                return;
            }
            boolean baseEntered = inBase && entered(base, name);
            frames.add(new Frame(
                    ownEntered ? names(own) : null, baseEntered && !merged ? names(base) : null, baseEntered));
        }

        private boolean entered(DirectoryStack stack, byte[] name) throws LinuxException {
            try {
                stack.push(name);
                return true;
            } catch (LinuxException e) {
                if (e.is(Errno.ENOENT, Errno.ENOTDIR, Errno.ELOOP, Errno.EXDEV)) {
                    return false;
                }
                throw e;
            }
        }

        private DirectoryNames names(DirectoryStack stack) throws LinuxException {
            try {
                return DirectoryNames.read(calls, stack.fd(), Integer.MAX_VALUE);
            } catch (DirectoryNames.TooMany e) {
                throw new AssertionError(e);
            }
        }

        /** What differs of two files of one type that are no directories. */
        private Set<ViewChange.Aspect> differences(byte[] name) throws LinuxException {
            if (isUntouched()) {
                return Set.of();
            }
            Set<ViewChange.Aspect> aspects = metadata(name);
            try {
                if (!sameContent(name)) {
                    aspects.add(ViewChange.Aspect.CONTENT);
                }
            } catch (LinuxException e) {
                // Replaced meanwhile by something else: changed, whatever it is.
                if (!e.is(Errno.ENOENT, Errno.ENXIO, Errno.ELOOP, Errno.EXDEV)) {
                    throw e;
                }
                aspects.add(ViewChange.Aspect.CONTENT);
            }
            return aspects;
        }

        /** A snapshot's inode keeps number and change time until it is changed, and nobody can set the latter. */
        private boolean isUntouched() {
            return ownStat.ino == baseStat.ino
                    && ownStat.ctimeSec == baseStat.ctimeSec
                    && ownStat.ctimeNsec == baseStat.ctimeNsec
                    && ownStat.mtimeSec == baseStat.mtimeSec
                    && ownStat.mtimeNsec == baseStat.mtimeNsec
                    && ownStat.size == baseStat.size
                    && ownStat.mode == baseStat.mode
                    && ownStat.nlink == baseStat.nlink;
        }

        private boolean sameContent(byte[] name) throws LinuxException {
            if (ownStat.isSymlink()) {
                return Arrays.equals(calls.readlinkat(own.fd(), name), calls.readlinkat(base.fd(), name));
            }
            if (!ownStat.isRegular()) {
                return ownStat.rdevMajor == baseStat.rdevMajor && ownStat.rdevMinor == baseStat.rdevMinor;
            }
            if (ownStat.size != baseStat.size) {
                return false;
            }
            int ours = open.regular(own.fd(), name, ownStat);
            try {
                int bases = open.regular(base.fd(), name, baseStat);
                try {
                    return content.equal(ours, bases, baseStat.size);
                } finally {
                    calls.close(bases);
                }
            } finally {
                calls.close(ours);
            }
        }

        /** What differs of two paths but their content. */
        private Set<ViewChange.Aspect> metadata(byte[] name) throws LinuxException {
            Set<ViewChange.Aspect> aspects = EnumSet.noneOf(ViewChange.Aspect.class);
            if (ownStat.mode != baseStat.mode) {
                aspects.add(ViewChange.Aspect.MODE);
            }
            if (ownStat.uid != baseStat.uid || ownStat.gid != baseStat.gid) {
                aspects.add(ViewChange.Aspect.OWNER);
            }
            if (ownStat.mtimeSec != baseStat.mtimeSec || ownStat.mtimeNsec != baseStat.mtimeNsec) {
                aspects.add(ViewChange.Aspect.TIME);
            }
            if (!ownAttributes.xattrs(own.fd(), name).equals(baseAttributes.xattrs(base.fd(), name))) {
                aspects.add(ViewChange.Aspect.XATTRS);
            }
            if (ownAttributes.flags(own.fd(), name, ownStat) != baseAttributes.flags(base.fd(), name, baseStat)) {
                aspects.add(ViewChange.Aspect.FLAGS);
            }
            return aspects;
        }

        private void reportDirectory(byte[] path, Set<ViewChange.Aspect> aspects) {
            if (!aspects.isEmpty() && !aspects.equals(EnumSet.of(ViewChange.Aspect.TIME))) {
                report(ViewChange.Kind.MODIFIED, path, aspects);
            }
        }

        private void report(ViewChange.Kind kind, byte[] path, Set<ViewChange.Aspect> aspects) {
            boolean now = kind != ViewChange.Kind.DELETED;
            boolean before = kind != ViewChange.Kind.ADDED;
            into.accept(new ViewChange(
                    kind,
                    Bytes.wrap(path),
                    FileType.ofMode(now ? ownStat.mode : baseStat.mode),
                    before && baseStat.isRegular() ? baseStat.size : 0,
                    now && ownStat.isRegular() ? ownStat.size : 0,
                    aspects));
        }

        private boolean stat(int directory, byte[] name, Statx into) throws LinuxException {
            try {
                calls.statx(directory, name, Abi.AT_SYMLINK_NOFOLLOW, Abi.STATX_BASIC_STATS, into);
                return true;
            } catch (LinuxException e) {
                if (e.is(Errno.ENOENT)) {
                    return false;
                }
                throw e;
            }
        }

        @Override
        public void close() {
            own.close();
            base.close();
        }
    }
}
