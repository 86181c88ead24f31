package dev.veneer.node.app;

import dev.veneer.node.cli.CommandException;
import dev.veneer.node.cli.CompactCommand;
import dev.veneer.node.cli.Outcome;
import dev.veneer.node.cli.Progress;
import dev.veneer.node.cli.StoreOptions;
import dev.veneer.node.execute.CompactionEstimate;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.model.SliverRecord;
import java.io.IOException;

/** {@code veneer compact}. */
public final class Compacting implements CompactCommand.Compacting {
    @Override
    public Outcome compact(StoreOptions store, SliverId id, Progress progress)
            throws NodeException, CommandException, IOException, InterruptedException {
        return SliverRequest.compact(id).carryOut(store, progress);
    }

    @Override
    public CompactCommand.Estimate estimate(StoreOptions store, SliverId id) throws NodeException {
        try (NodeParts node = NodeParts.openReadOnly(store.directory())) {
            SliverRecord record = Lookup.sliver(node, id);
            CompactionEstimate estimate =
                    CompactionEstimate.of(node.calls(), node.store().layout(), node.bases(), node.mounts(), record);
            return new CompactCommand.Estimate(
                    record.driver(),
                    estimate.keptPaths(),
                    estimate.keptBytes(),
                    estimate.droppedPaths(),
                    estimate.droppedBytes());
        }
    }
}
