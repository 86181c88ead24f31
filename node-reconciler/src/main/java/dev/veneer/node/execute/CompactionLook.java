package dev.veneer.node.execute;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.Fd;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.plan.Rewrite;
import dev.veneer.node.store.StoreLayout;
import dev.veneer.node.tree.SafeOpen;
import dev.veneer.node.tree.rewrite.Change;
import dev.veneer.node.tree.rewrite.Compaction;
import dev.veneer.node.tree.rewrite.EqualContents;
import dev.veneer.node.tree.rewrite.ForeignLayerException;

/**
 * Looks at a sliver that may still run whether it can be compacted, so that what keeps it from being done never takes it down,
 * and reads what need not be read again then.
 */
final class CompactionLook {
    private final NodeTools tools;
    private final LinuxCalls calls;

    CompactionLook(NodeTools tools) {
        this.tools = tools;
        this.calls = tools.calls();
    }

    /**
     * Makes sure that what it needs is there and can be read, and that it fits.
     *
     * @return what need not be compared again
     * @throws NodeException {@code LowSpace} when it does not fit; {@code Damaged} when the sliver's revision or its base
     *     is not there
     */
    ForeseenContents at(Rewrite.Compact action, Revision old) throws LinuxException, NodeException {
        StoreLayout layout = tools.store().layout();
        ForeseenContents foreseen = null;
        boolean looked = false;
        try (Fd scratch = new Fd(calls, new SafeOpen(calls).ownDirectory(layout.absoluteScratch()));
                OpenBase base = OpenBase.open(
                        calls,
                        layout,
                        tools.bases(),
                        old.base().digest(),
                        old.base().form());
                RevisionReading from = RevisionReading.there(calls, old)) {
            ForeseenContents known = ForeseenContents.none(tools, from.root());
            foreseen = known;
            Beside.read(tools, old, from, reading -> look(action, old, base, reading, known.equal(), scratch.number()));
            looked = true;
            known.equal().complete();
            return known;
        } finally {
            if (!looked && foreseen != null) {
                foreseen.close();
            }
        }
    }

    private void look(
            Rewrite.Compact action,
            Revision old,
            OpenBase base,
            RevisionReading reading,
            EqualContents known,
            int scratch)
            throws LinuxException, NodeException, ForeignLayerException {
        try (LowerForm.Twins twins = new LowerForm.Twins(calls, scratch);
                Change change = Compaction.of(
                        calls,
                        reading.isLayer()
                                ? reading.upperDropping(base, known).telling(twins)
                                : reading.dropping(base, known),
                        base.records(),
                        Patterns.pins(action.pins()),
                        scratch)) {
            if (twins.found()) {
                // Views are compared afterwards, as the kernel shows them.
                RevisionReading.requireShown(calls, tools.mounts(), old);
            }
            // A layer's files are linked, which takes no room; a whole tree is made anew from the base.
            if (!old.isLayer()) {
                new Room(tools)
                        .require(
                                CompactionWork.what(action),
                                base.records().manifest().summary().bytes()
                                        + change.tally().heldBytes());
            } else if (!reading.isLayer()) {
                // Nor can what only a mount shows be linked.
                new Room(tools)
                        .require(CompactionWork.what(action), change.tally().heldBytes());
            }
        }
    }
}
