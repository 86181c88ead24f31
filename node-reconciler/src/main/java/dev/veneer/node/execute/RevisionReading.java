package dev.veneer.node.execute;

import dev.veneer.node.driver.ProbeDirectory;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.Fd;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.model.MountSpec;
import dev.veneer.node.tree.rewrite.EqualContents;
import dev.veneer.node.tree.rewrite.Source;
import dev.veneer.node.tree.rewrite.TreeReader;
import dev.veneer.node.tree.rewrite.UpperReader;
import dev.veneer.node.tree.rewrite.ViewReader;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A revision, open for reading: what is stored, or, where only the kernel can tell what that means, its view, mounted
 * where nobody sees it.
 */
final class RevisionReading implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RevisionReading.class);

    private final LinuxCalls calls;
    private final @Nullable Fd mount;
    private final @Nullable ProbeDirectory work;
    private final Fd root;
    private final boolean layer;
    private boolean inUse;

    private RevisionReading(
            LinuxCalls calls, @Nullable Fd mount, @Nullable ProbeDirectory work, Fd root, boolean layer) {
        this.calls = calls;
        this.mount = mount;
        this.work = work;
        this.root = root;
        this.layer = layer;
    }

    /** Reads what is stored; also beside a sliver that uses it. */
    static RevisionReading stored(LinuxCalls calls, Revision revision) throws LinuxException {
        return new RevisionReading(calls, null, null, revision.open(calls), revision.isLayer());
    }

    /**
     * The same of one that must be there, and that programs may use.
     *
     * @throws NodeException {@code Damaged} when it is not
     */
    static RevisionReading there(LinuxCalls calls, Revision revision) throws LinuxException, NodeException {
        try {
            RevisionReading reading = stored(calls, revision);
            reading.inUse = true;
            return reading;
        } catch (LinuxException e) {
            throw Failures.missing(
                    e,
                    "revision " + revision.store().revision() + " of sliver "
                            + revision.store().sliver(),
                    revision.tree());
        }
    }

    /** Reads the view of a layer that nothing uses. */
    static RevisionReading mounted(LinuxCalls calls, RootfsMounts mounts, Revision revision)
            throws LinuxException, NodeException {
        return view(calls, revision, mounts.asWritten(revision.store(), overlay(revision)), null, false);
    }

    /** Reads the view of a layer that may be in use; what is written to it meanwhile is seen or not. */
    static RevisionReading beside(LinuxCalls calls, RootfsMounts mounts, Revision revision)
            throws LinuxException, NodeException {
        ProbeDirectory work = null;
        try (Fd upper = revision.open(calls);
                Fd scratch = mounts.scratch()) {
            if (!LowerForm.isSeenTheSame(calls, upper.number(), scratch.number())) {
                work = mounts.workBeside();
            }
        }
        boolean opened = false;
        try {
            RevisionReading reading =
                    view(calls, revision, mounts.beside(revision.store(), overlay(revision), work), work, true);
            reading.inUse = true;
            opened = true;
            return reading;
        } finally {
            if (!opened) {
                remove(work);
            }
        }
    }

    /**
     * Makes sure that the kernel shows all of a layer that may be in use.
     *
     * @throws NodeException {@code Damaged} with a path that it does not show; {@code InUse} when that may be because
     *     programs change something
     */
    static void requireShown(LinuxCalls calls, RootfsMounts mounts, Revision revision)
            throws LinuxException, NodeException {
        beside(calls, mounts, revision).close();
    }

    private static void remove(@Nullable ProbeDirectory work) {
        if (work == null) {
            return;
        }
        try {
            work.close();
        } catch (LinuxException | NodeException e) {
            LOG.debug("{} stays for now: {}", work.path(), e.getMessage());
        }
    }

    private static MountSpec.Overlay overlay(Revision revision) {
        if (revision.driver().mount(revision.store(), revision.base()) instanceof MountSpec.Overlay overlay) {
            return overlay;
        }
        throw new IllegalArgumentException(revision.store() + " is no layer");
    }

    private static RevisionReading view(
            LinuxCalls calls, Revision revision, Fd mount, @Nullable ProbeDirectory work, boolean inUse)
            throws LinuxException, NodeException {
        Fd root = null;
        boolean opened = false;
        try (Fd upper = revision.open(calls)) {
            root = Revision.root(calls, mount);
            LowerForm.requireShown(calls, upper.number(), root.number(), inUse);
            opened = true;
            return new RevisionReading(calls, mount, work, root, false);
        } finally {
            if (!opened) {
                if (root != null) {
                    root.close();
                }
                mount.close();
            }
        }
    }

    /** The root of what is read. */
    int root() {
        return root.number();
    }

    /** Whether that is an overlay's upper directory, rather than a whole tree. */
    boolean isLayer() {
        return layer;
    }

    /** In what it differs from the base that it stands on. */
    ViewReader reader(OpenBase base) {
        if (inUse && mount != null) {
            return TreeReader.viewBeside(calls, base.records(), root(), base.tree());
        }
        if (inUse) {
            return layer
                    ? UpperReader.beside(calls, base.records(), root())
                    : TreeReader.ofCloneBeside(calls, base.records(), root(), base.tree());
        }
        if (layer) {
            return UpperReader.exact(calls, base.records(), root());
        }
        return mount == null
                ? TreeReader.ofClone(calls, base.records(), root(), base.tree())
                : TreeReader.ofView(calls, base.records(), root(), base.tree());
    }

    /** In what a whole tree or a view differs from a base that it does not stand on. */
    ViewReader against(OpenBase other) {
        return inUse
                ? TreeReader.exactBeside(calls, other.records(), root())
                : TreeReader.exact(calls, other.records(), root());
    }

    /**
     * The same as {@link #reader} for a compaction: what is told to be as in the base, and is dropped for it, was read there
     * too.
     *
     * @param known what need not be compared again
     */
    ViewReader dropping(OpenBase base, EqualContents known) {
        if (layer) {
            return upperDropping(base, known);
        }
        if (!inUse) {
            return TreeReader.dropping(calls, base.records(), root(), base.tree(), known);
        }
        return mount == null
                ? TreeReader.droppingBeside(calls, base.records(), root(), base.tree(), known)
                : reader(base);
    }

    /** The same of a layer, which can tell where paths come from. */
    UpperReader upperDropping(OpenBase base, EqualContents known) {
        return UpperReader.dropping(calls, base.records(), root(), base.tree(), known, inUse);
    }

    /**
     * Where files come from that a new revision on the same base holds.
     *
     * @param given whether this revision is given up for the new one, so that they can be shared by hard links
     */
    Source source(boolean given) {
        return Source.of(root(), layer, given && layer);
    }

    @Override
    public void close() {
        root.close();
        if (mount != null) {
            mount.close();
        }
        remove(work);
    }
}
