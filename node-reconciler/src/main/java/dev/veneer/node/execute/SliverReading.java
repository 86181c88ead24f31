package dev.veneer.node.execute;

import dev.veneer.api.Reason;
import dev.veneer.node.driver.StorageDriver;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.image.SliverTree;
import dev.veneer.node.linux.Fd;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.model.MountSpec;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.model.SliverRecord;
import dev.veneer.node.observe.ExpectedMounts;
import dev.veneer.node.runtime.ContainerRuntime;
import dev.veneer.node.store.Store;
import dev.veneer.node.store.StoredSliver;
import dev.veneer.node.tree.ManifestReader;
import dev.veneer.node.tree.SafeOpen;
import dev.veneer.node.tree.TreeStamp;
import dev.veneer.node.tree.rewrite.BaseLinks;
import dev.veneer.node.tree.rewrite.BaseRecords;
import dev.veneer.node.tree.rewrite.Change;
import dev.veneer.node.tree.rewrite.Compaction;
import dev.veneer.node.tree.rewrite.ForeignLayerException;
import dev.veneer.node.tree.rewrite.TreeReader;
import dev.veneer.node.tree.rewrite.UpperReader;
import dev.veneer.node.tree.rewrite.ViewReader;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A sliver opened for reading what it sees, from what its store holds and the base's manifest. It is the same whether
 * the sliver is mounted or not, and ids are those that the store has. Nothing is mounted, but where an overlay with other
 * options wrote the store: what that means only the kernel can tell, by a mount beside the sliver's that nobody sees.
 * Nothing is locked either: {@link #requireUnchanged} says afterwards whether what was read was one state.
 */
public final class SliverReading implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SliverReading.class);

    private final LinuxCalls calls;
    private final Store store;
    private final ContainerRuntime runtime;
    private final RootfsMounts mounts;
    private final SliverRecord record;
    private final Revision revision;
    private final Deque<Fd> open = new ArrayDeque<>();
    private final boolean upper;
    private final Fd tree;
    private final Fd base;
    private final ManifestReader manifest;
    private final BaseRecords records;
    private final TreeStamp stamp;
    private @Nullable Change change;
    private @Nullable RevisionReading shown;

    private SliverReading(
            LinuxCalls calls, Store store, ContainerRuntime runtime, RootfsMounts mounts, SliverRecord record)
            throws LinuxException, NodeException {
        this.calls = calls;
        this.store = store;
        this.runtime = runtime;
        this.mounts = mounts;
        this.record = record;
        ExpectedMounts expected = mounts.expected();
        StorageDriver driver = expected.driver(record);
        this.revision = new Revision(expected.store(record, record.revision()), driver, expected.base(record, driver));
        MountSpec spec = expected.of(record, false).spec();
        this.upper = spec instanceof MountSpec.Overlay;
        String path = spec instanceof MountSpec.Overlay overlay
                ? overlay.layers() + "/" + overlay.upper()
                : ((MountSpec.Bind) spec).directory();
        String at = store.layout().absoluteManifest(record.baseDigest());
        int slash = at.lastIndexOf('/');
        boolean opened = false;
        try {
            this.tree = open(path);
            this.base = open(expected.base(record, driver).path());
            this.manifest = ManifestReader.open(
                    calls, open(at.substring(0, slash)).number(), PathBytes.of(at.substring(slash + 1)));
            try {
                this.records = new BaseRecords(manifest, BaseLinks.of(manifest));
                this.stamp = TreeStamp.of(calls, tree.number());
                opened = true;
            } finally {
                if (!opened) {
                    manifest.close();
                }
            }
        } finally {
            if (!opened) {
                open.forEach(Fd::close);
            }
        }
    }

    /**
     * Opens a sliver whose container does not run.
     *
     * @throws NodeException {@code InUse} while it runs; {@code FetchFailed} when it is not on this node or has no data
     */
    public static SliverReading open(
            LinuxCalls calls, Store store, ContainerRuntime runtime, RootfsMounts mounts, SliverId id)
            throws LinuxException, NodeException {
        StoredSliver stored = store.scanOwnChanges().slivers().get(id);
        if (stored == null) {
            throw new NodeException(Reason.FetchFailed, Follow.RETRY, "sliver " + id + " is not on this node");
        }
        if (stored.record().dataDeleted()) {
            throw new NodeException(
                    Reason.FetchFailed,
                    Follow.STALLED,
                    "sliver " + id + " has no data any more: they were removed after its deleteAfter");
        }
        requireStopped(runtime, id);
        try {
            return new SliverReading(calls, store, runtime, mounts, stored.record());
        } catch (LinuxException e) {
            throw unreadable(id, e);
        }
    }

    private static void requireStopped(ContainerRuntime runtime, SliverId id) throws NodeException {
        if (runtime.state(id).running()) {
            throw new NodeException(
                    Reason.InUse,
                    Follow.WAIT,
                    "sliver " + id + " runs, and is read when it does not: stop it with desiredState: Deployed");
        }
    }

    private static NodeException unreadable(SliverId id, LinuxException e) {
        return new NodeException(
                Reason.FetchFailed, Follow.RETRY, "sliver " + id + " cannot be read: " + e.getMessage(), e);
    }

    private Fd open(String path) throws LinuxException {
        Fd fd = new Fd(calls, new SafeOpen(calls).ownDirectory(path));
        open.push(fd);
        return fd;
    }

    /** The sliver's record as it was when this was opened. */
    public SliverRecord record() {
        return record;
    }

    /** Whether the tree is an overlay's upper directory. Known when {@link #change} is. */
    public boolean isUpper() {
        return upper && shown == null;
    }

    /** The root of what the sliver's store holds: an upper directory, or a whole tree. Known when {@link #change} is. */
    public int tree() {
        RevisionReading view = shown;
        return view == null ? tree.number() : view.root();
    }

    /** The root of the base's tree. */
    public int base() {
        return base.number();
    }

    /** The base's manifest. */
    public BaseRecords records() {
        return records;
    }

    /**
     * What differs from the base; contents are read where they may be the same. Closed with this.
     *
     * @param scratch a directory of ours where scratch files may be made, open
     */
    public Change change(int scratch) throws LinuxException, NodeException {
        Change known = change;
        if (known != null) {
            return known;
        }
        try {
            Change found = change(
                    upper
                            ? UpperReader.exact(calls, records, tree.number())
                            : TreeReader.ofClone(calls, records, tree.number(), base.number()),
                    scratch);
            change = found;
            return found;
        } catch (ForeignLayerException e) {
            LOG.debug("the view of sliver {} is read: {}", record.id(), e.getMessage());
        }
        try {
            RevisionReading view = RevisionReading.beside(calls, mounts, revision);
            boolean read = false;
            try {
                Change found = change(TreeReader.ofView(calls, records, view.root(), base.number()), scratch);
                shown = view;
                change = found;
                read = true;
                return found;
            } finally {
                if (!read) {
                    view.close();
                }
            }
        } catch (ForeignLayerException e) {
            throw new NodeException(
                    Reason.Damaged,
                    Follow.STALLED,
                    "sliver " + record.id() + " cannot be read: " + e.getMessage()
                            + ", as an overlay with other options made it",
                    e);
        }
    }

    private Change change(ViewReader reader, int scratch) throws LinuxException, NodeException, ForeignLayerException {
        return Compaction.of(calls, reader, records, path -> false, scratch);
    }

    /** What the sliver sees, for an import. */
    SliverTree view(int scratch) throws LinuxException, NodeException {
        if (!upper) {
            return new SliverTree(tree.number(), null);
        }
        Change changes = change(scratch);
        return new SliverTree(tree(), new SliverTree.Over(base.number(), records, changes, isUpper()));
    }

    /**
     * Makes sure that what was read was one state of the sliver: nothing was written, no other revision came into its
     * place, its container did not start.
     *
     * @throws NodeException {@code InUse}, to be tried again
     */
    public void requireUnchanged() throws NodeException {
        requireStopped(runtime, record.id());
        StoredSliver now = store.scan().slivers().get(record.id());
        boolean same = now != null
                && now.record().uid().equals(record.uid())
                && now.record().revision() == record.revision()
                && now.record().baseDigest().equals(record.baseDigest());
        try {
            same = same && TreeStamp.of(calls, tree.number()).equals(stamp);
        } catch (LinuxException e) {
            throw unreadable(record.id(), e);
        }
        if (!same) {
            throw new NodeException(
                    Reason.InUse,
                    Follow.RETRY,
                    "sliver " + record.id() + " was changed while it was read: keep it still meanwhile and try again");
        }
    }

    @Override
    public void close() {
        if (change != null) {
            change.close();
        }
        if (shown != null) {
            shown.close();
        }
        manifest.close();
        open.forEach(Fd::close);
    }
}
