package dev.veneer.node.app;

import dev.veneer.node.cli.CommandException;
import dev.veneer.node.cli.Outcome;
import dev.veneer.node.cli.Progress;
import dev.veneer.node.cli.RollbackCommand;
import dev.veneer.node.cli.StoreOptions;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.plan.Requests;
import java.io.IOException;

/** {@code veneer rollback}. */
public final class RollingBack implements RollbackCommand.RollingBack {
    @Override
    public Outcome last(StoreOptions store, SliverId id, Progress progress)
            throws NodeException, CommandException, IOException, InterruptedException {
        return to(store, id, Requests.LAST, progress);
    }

    @Override
    public Outcome to(StoreOptions store, SliverId id, int revision, Progress progress)
            throws NodeException, CommandException, IOException, InterruptedException {
        return SliverRequest.rollback(id, revision).carryOut(store, progress);
    }
}
