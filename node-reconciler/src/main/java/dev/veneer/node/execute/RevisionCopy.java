package dev.veneer.node.execute;

import dev.veneer.node.driver.SnapshotPower;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.Fd;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.store.StoreLayout;
import dev.veneer.node.tree.SafeOpen;
import dev.veneer.node.tree.TreeCopier;
import dev.veneer.node.tree.rewrite.Change;
import dev.veneer.node.tree.rewrite.Compaction;
import dev.veneer.node.tree.rewrite.ForeignLayerException;
import dev.veneer.node.tree.rewrite.RevisionWriter;
import dev.veneer.node.tree.rewrite.Source;
import dev.veneer.node.tree.rewrite.UpperReader;

/** Copies one revision of a writable store into another: at one instant where the driver can, else file by file. */
final class RevisionCopy {
    private final LinuxCalls calls;
    private final StoreLayout layout;

    RevisionCopy(NodeTools tools) {
        this.calls = tools.calls();
        this.layout = tools.store().layout();
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
            new TreeCopier(calls).copy(from.tree(), to.tree());
            return;
        }
        to.driver().create(to.store(), to.base());
        try (Fd source = from.open(calls);
                Fd target = to.open(calls);
                Fd scratch = new Fd(calls, new SafeOpen(calls).ownDirectory(layout.absoluteScratch()));
                OpenBase base = OpenBase.open(
                        calls, layout, from.base().digest(), from.base().form());
                Change everything = Compaction.of(
                        calls,
                        UpperReader.exact(calls, base.records(), source.number()),
                        base.records(),
                        path -> true,
                        scratch.number())) {
            new RevisionWriter(calls, base.records())
                    .writeUpper(everything, Source.of(source.number(), true, false), target.number());
        } catch (ForeignLayerException e) {
            throw RebaseDecision.foreign(from.store().sliver(), e);
        }
    }
}
