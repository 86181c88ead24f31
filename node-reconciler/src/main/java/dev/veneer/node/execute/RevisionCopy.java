package dev.veneer.node.execute;

import dev.veneer.api.Reason;
import dev.veneer.node.driver.SnapshotPower;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.Fd;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.store.StoreLayout;
import dev.veneer.node.tree.LongWork;
import dev.veneer.node.tree.SafeOpen;
import dev.veneer.node.tree.TreeCopier;
import dev.veneer.node.tree.rewrite.Change;
import dev.veneer.node.tree.rewrite.Compaction;
import dev.veneer.node.tree.rewrite.ForeignLayerException;
import dev.veneer.node.tree.rewrite.RevisionWriter;
import dev.veneer.node.tree.rewrite.Source;
import dev.veneer.node.tree.rewrite.TreeReader;
import dev.veneer.node.tree.rewrite.UpperReader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Copies one revision of a writable store into another: at one instant where the driver can, else file by file. */
final class RevisionCopy {
    private static final Logger LOG = LoggerFactory.getLogger(RevisionCopy.class);

    private final LinuxCalls calls;
    private final StoreLayout layout;
    private final NodeTools tools;

    RevisionCopy(NodeTools tools) {
        this.calls = tools.calls();
        this.layout = tools.store().layout();
        this.tools = tools;
    }

    /** Copies it at one instant, used or not; false, with nothing done, when that cannot be. */
    boolean atOnce(Revision from, Revision to) throws LinuxException, NodeException {
        return from.driver() instanceof SnapshotPower power && power.snapshot(from.store(), to.store());
    }

    /** Copies it file by file; nobody writes to it meanwhile. Blocks are shared where the file system can. */
    void byFiles(Revision from, Revision to) throws LinuxException, NodeException {
        if (!from.isLayer()) {
            if (to.driver() instanceof SnapshotPower power) {
                power.makeEmpty(to.store());
            } else {
                calls.mkdirat(Abi.AT_FDCWD, PathBytes.of(to.tree()), 0700);
            }
            LongWork.current().begin(LongWork.Stage.WRITING, 0, 0);
            new TreeCopier(calls).copy(from.tree(), to.tree());
            return;
        }
        to.driver().create(to.store(), to.base());
        try (Fd source = from.open(calls);
                Fd target = to.open(calls);
                Fd scratch = new Fd(calls, new SafeOpen(calls).ownDirectory(layout.absoluteScratch()));
                OpenBase base = OpenBase.open(
                        calls,
                        layout,
                        tools.bases(),
                        from.base().digest(),
                        from.base().form())) {
            layer(from, source, target, scratch, base);
        } catch (ForeignLayerException e) {
            throw new NodeException(
                    Reason.Damaged,
                    Follow.STALLED,
                    "sliver " + from.store().sliver() + " cannot be copied: " + e.getMessage(),
                    e);
        }
    }

    /**
     * How many bytes a copy file by file writes of a layer that holds less than what is seen, since other options than ours
     * made it: found beside a sliver that may run, before anything of it is held still.
     *
     * @return 0 where it is copied as it is stored, and where its programs kept this from being found out
     */
    long bytesOfView(Revision from) throws LinuxException, NodeException {
        long[] bytes = new long[1];
        try (Fd stored = from.open(calls);
                Fd scratch = new Fd(calls, new SafeOpen(calls).ownDirectory(layout.absoluteScratch()));
                OpenBase base = OpenBase.open(
                        calls,
                        layout,
                        tools.bases(),
                        from.base().digest(),
                        from.base().form())) {
            Beside.read(from.store().sliver(), () -> bytes[0] = bytesOfView(from, stored, scratch, base));
        }
        return bytes[0];
    }

    private long bytesOfView(Revision from, Fd stored, Fd scratch, OpenBase base)
            throws LinuxException, NodeException, ForeignLayerException {
        try {
            Compaction.of(
                            calls,
                            UpperReader.beside(calls, base.records(), stored.number()),
                            base.records(),
                            path -> true,
                            scratch.number())
                    .close();
            return 0;
        } catch (ForeignLayerException e) {
            LOG.debug("the view of sliver {} is looked at: {}", from.store().sliver(), e.getMessage());
        }
        try (RevisionReading view = RevisionReading.beside(calls, tools.mounts(), from);
                Change changes =
                        Compaction.of(calls, view.reader(base), base.records(), path -> false, scratch.number())) {
            return changes.tally().heldBytes();
        }
    }

    private void layer(Revision from, Fd source, Fd target, Fd scratch, OpenBase base)
            throws LinuxException, NodeException, ForeignLayerException {
        try (Change everything = Compaction.of(
                calls,
                UpperReader.exact(calls, base.records(), source.number()),
                base.records(),
                path -> true,
                scratch.number())) {
            begin(everything);
            new RevisionWriter(calls, base.records())
                    .writeUpper(everything, Source.of(source.number(), true, false), target.number());
            return;
        } catch (ForeignLayerException e) {
            LOG.debug("the view of sliver {} is copied: {}", from.store().sliver(), e.getMessage());
        }
        // Nothing was written yet. What comes out is plain, and holds what the view has otherwise than the base.
        try (RevisionReading view = RevisionReading.beside(calls, tools.mounts(), from);
                Change changes = Compaction.of(
                        calls,
                        TreeReader.ofView(calls, base.records(), view.root(), base.tree()),
                        base.records(),
                        path -> false,
                        scratch.number())) {
            // Looked for beforehand, but perhaps more was written since.
            new Room(tools)
                    .require(
                            "copying revision " + from.store().revision() + " of sliver "
                                    + from.store().sliver(),
                            changes.tally().heldBytes());
            begin(changes);
            new RevisionWriter(calls, base.records())
                    .writeUpper(changes, Source.of(view.root(), false, false), target.number());
        }
    }

    private static void begin(Change change) {
        LongWork.current()
                .begin(
                        LongWork.Stage.WRITING,
                        change.steps().count(),
                        change.tally().heldBytes());
    }
}
