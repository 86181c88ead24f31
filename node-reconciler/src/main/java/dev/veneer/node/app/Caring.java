package dev.veneer.node.app;

import dev.veneer.node.cli.CommandException;
import dev.veneer.node.cli.Outcome;
import dev.veneer.node.cli.Progress;
import dev.veneer.node.cli.StoreCommand;
import dev.veneer.node.cli.StoreOptions;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.store.StoreLockedException;
import dev.veneer.node.store.StoreView;
import java.util.List;

/** {@code veneer store}: looks for damage, and makes the index anew. */
public final class Caring implements StoreCommand.StoreCare {
    @Override
    public List<StoreCommand.Damage> check(StoreOptions store, boolean contents, Progress progress)
            throws NodeException {
        try (NodeParts node = NodeParts.openReadOnly(store.directory())) {
            StoreView view = node.store().scan();
            return view.problems().stream()
                    .map(problem -> new StoreCommand.Damage("Unreadable", problem.path(), problem.message(), ""))
                    .toList();
        }
    }

    @Override
    public String rebuildIndex(StoreOptions store, Progress progress) throws NodeException, CommandException {
        try (NodeParts node = NodeParts.open(store.directory(), "veneer store rebuild-index")) {
            StoreView view = node.store().rebuildIndex();
            return "The index has " + view.slivers().size() + " slivers, "
                    + view.images().size() + " base images and " + view.bases().size() + " bases.";
        } catch (StoreLockedException e) {
            throw new CommandException(Outcome.LOCKED, String.valueOf(e.getMessage()));
        }
    }
}
